import { type Compiled, compile } from '../lib/compiler/compile.ts';
import { type Simulation, simulate } from '../lib/local/simulate.ts';
import type { TaskEvent } from '../lib/model/run-input.ts';
import { build, dagOf } from './build.ts';
import type { Case, CaseResult, FinalState, TaskResult } from './reference/case.ts';
import { misread } from './reference/values.ts';

/** Compiles a case, executes it in virtual time and says what every task did. */
export function simulateCase(input: Case): Promise<CaseResult> {
  return simulateCompiled(compile(dagOf(input)), input);
}

/**
 * The same for a machine that is compiled already.
 *
 * @throws {Error} when the machine died of something that no task did, or a task was given a wrong value
 */
export async function simulateCompiled(compiled: Compiled, input: Case): Promise<CaseResult> {
  const { script, params } = build(input);
  const tries: TaskEvent[] = [];
  const onTry = (event: TaskEvent) => tries.push(event);
  const result = resultOf(await simulate(compiled, script, { params, keepEvents: false, onTry }));
  const problem = misread(input, result, tries);
  if (problem !== undefined) throw new Error(problem);
  return result;
}

/** @throws {Error} when the machine died of something that no task did */
function resultOf(simulation: Simulation): CaseResult {
  const { status, state, error, cause, tasks, endSec } = simulation;
  const died = status !== 'SUCCEEDED' && error !== 'DagRun.Failed';
  if (died) throw new Error(`execution ${status}: ${error}: ${cause}`);
  if ((status === 'SUCCEEDED') !== (state === 'success'))
    throw new Error(`execution ${status}, run ${state}`);
  return {
    runState: state === 'success' ? 'success' : 'failed',
    endSec,
    tasks: Object.fromEntries(Object.entries(tasks).map(([id, task]) => [id, taskOf(task)])),
  };
}

function taskOf({ state, startSec, endSec, tries }: Simulation['tasks'][string]): TaskResult {
  return {
    state: state as FinalState,
    ...(startSec === undefined ? {} : { startSec }),
    endSec: endSec ?? -1,
    ...(tries === 0 ? {} : { tries }),
  };
}
