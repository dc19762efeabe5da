import { type Compiled, compile } from '../lib/compiler/compile.ts';
import { type Simulation, simulate } from '../lib/local/simulate.ts';
import { build } from './build.ts';
import type { Case, CaseResult, FinalState, TaskResult } from './reference/case.ts';

/** Compiles a case, executes it in virtual time and says what every task did. */
export async function simulateCase(input: Case): Promise<CaseResult> {
  const { dag, script, params } = build(input);
  return resultOf(await simulate(compile(dag), script, { params }));
}

/** The same for a machine that is compiled already. */
export async function simulateCompiled(compiled: Compiled, input: Case): Promise<CaseResult> {
  const { script, params } = build(input);
  return resultOf(await simulate(compiled, script, { params }));
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
