import type { ParallelState } from '../../asl/states.ts';
import type { Json } from '../../base/json.ts';
import { Frame, Group } from '../frame.ts';
import { resilience, resilient } from '../retry.ts';
import { optionalTemplate } from '../template.ts';
import { dataFlow, type Runner, type Step, type Visit } from '../visit.ts';

/** A state that runs branches side by side. @see https://states-language.net/spec.html#parallel-state */
export function parallel(state: ParallelState): Runner {
  const flow = dataFlow(state);
  const policy = resilience(state);
  const branchInput = optionalTemplate(state.Arguments, 'Arguments');
  const attempt = async (visit: Visit): Promise<Step> => {
    const input = branchInput === undefined ? visit.input : await branchInput(visit.scope());
    visit.checkSize(input);
    visit.frame.emit('ParallelStateStarted');
    const result = await runBranches(visit, state, input);
    visit.checkSize(result);
    visit.frame.note('ParallelStateSucceeded');
    return visit.exit(flow, { next: state.Next, fallback: result, extra: { result } });
  };
  return (visit) => resilient(visit, policy, () => attempt(visit));
}

/** All branches' outputs; the first failure ends the other branches. */
function runBranches(visit: Visit, state: ParallelState, input: Json): Promise<Json> {
  const { frame } = visit;
  const { runBranch } = frame.execution.world;
  const group = new Group();
  const frames = state.Branches.map(() => new Frame(frame.execution, frame));
  group.frames.push(...frames);
  frame.active = { type: 'Parallel', group };
  const outputs: Json[] = [];
  let left = frames.length;
  return new Promise((resolve, reject) => {
    const succeeded = (branch: Frame, index: number, output: Json) => {
      if (branch.isClosed) return;
      outputs[index] = output;
      group.finished(branch);
      frame.cursor = branch.cursor;
      left -= 1;
      if (left === 0) end(() => resolve(outputs));
    };
    const failed = (branch: Frame, thrown: unknown) => {
      if (branch.isClosed) return;
      frame.cursor = branch.cursor;
      group.close(branch.cursor, branch);
      end(() => reject(thrown));
    };
    const end = (settle: () => void) => {
      frame.active = { type: 'Parallel' };
      settle();
    };
    // All branches start, then the first failure ends the others: on AWS they start together.
    const runs = state.Branches.map((branch, index) =>
      start(() => runBranch(branch, frames[index] ?? frame, input)),
    );
    for (const [index, run] of runs.entries()) {
      const branch = frames[index] ?? frame;
      run
        .then(
          (output) => succeeded(branch, index, output),
          (thrown) => failed(branch, thrown),
        )
        .catch(reject);
    }
  });
}

/** A promise of the outcome, also of what is done or failed at once. */
function start(run: () => Json | Promise<Json>): Promise<Json> {
  try {
    return Promise.resolve(run());
  } catch (thrown) {
    return Promise.reject(thrown);
  }
}
