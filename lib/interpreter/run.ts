/** Runs lines of states. */
import type { Branch, State } from '../asl/states.ts';
import type { Json } from '../base/json.ts';
import { unreachable } from '../base/unreachable.ts';
import { Failure } from './failure.ts';
import type { Frame } from './frame.ts';
import { choice } from './states/choice.ts';
import { fail } from './states/fail.ts';
import { map } from './states/map.ts';
import { parallel } from './states/parallel.ts';
import { pass } from './states/pass.ts';
import { succeed } from './states/succeed.ts';
import { task } from './states/task.ts';
import { wait } from './states/wait.ts';
import { type Runner, type Step, Visit } from './visit.ts';

/** Compiled states, as long as their machine is in use. */
const runners = new WeakMap<State, Runner>();

/**
 * Runs a line of states to its end: a loop, so that a chain of any length needs no stack, and without a
 * promise as long as nothing has to be waited for.
 *
 * @throws {Failure} what ended it
 */
export function runBranch(branch: Branch, frame: Frame, input: Json): Json | Promise<Json> {
  let step: Step = { next: branch.StartAt, output: input };
  while (step.next !== undefined) {
    const after = runState(branch, frame, step.next, step.output);
    if (after instanceof Promise) return runRest(branch, frame, after);
    step = after;
  }
  return step.output;
}

async function runRest(branch: Branch, frame: Frame, pending: Promise<Step>): Promise<Json> {
  let step = await pending;
  while (step.next !== undefined) {
    const after = runState(branch, frame, step.next, step.output);
    step = after instanceof Promise ? await after : after;
  }
  return step.output;
}

function runState(branch: Branch, frame: Frame, name: string, input: Json): Step | Promise<Step> {
  const state = branch.States[name];
  if (state === undefined)
    throw new Failure('States.Runtime', { text: `The state '${name}' does not exist.` });
  frame.execution.world.transitions += 1;
  const visit = new Visit(frame, name, state, input);
  const fallen = (thrown: unknown): never => {
    throw visit.failure(thrown);
  };
  try {
    const step = runnerOf(state)(visit);
    return step instanceof Promise ? step.catch(fallen) : step;
  } catch (thrown) {
    return fallen(thrown);
  }
}

/** What does a state: compiled once. */
export function runnerOf(state: State): Runner {
  const known = runners.get(state);
  if (known !== undefined) return known;
  const runner = compile(state);
  runners.set(state, runner);
  return runner;
}

function compile(state: State): Runner {
  switch (state.Type) {
    case 'Task':
      return task(state);
    case 'Pass':
      return pass(state);
    case 'Choice':
      return choice(state);
    case 'Wait':
      return wait(state);
    case 'Succeed':
      return succeed(state);
    case 'Fail':
      return fail(state);
    case 'Parallel':
      return parallel(state);
    case 'Map':
      return map(state);
    default:
      return unreachable(state);
  }
}
