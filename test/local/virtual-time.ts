import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { type RunOptions, runDag } from '../../lib/local/run.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { temporaryFolder } from './dag.ts';

/** When runs in virtual time begin. */
export const START_MS = Date.UTC(2026, 7, 22);

/** Runs a DAG whose functions take no time, as a project does, but in virtual time: hours pass at once. */
export async function inVirtualTime(
  dag: DagNode,
  options: Partial<RunOptions> & { clock?: VirtualClock } = {},
) {
  const { clock = new VirtualClock(START_MS), root = temporaryFolder(), ...others } = options;
  const outcome = await clock.drive(runDag(dag, { ...others, root, clock }));
  const tasks = Object.fromEntries(
    outcome.tasks.map(({ id, state, tries, startMs, endMs = 0 }) => [
      id,
      { state, tries: tries.length, error: tries.at(-1)?.error, sec: (endMs - (startMs ?? endMs)) / 1000 },
    ]),
  );
  return { ...outcome, byId: tasks };
}
