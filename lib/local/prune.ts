import type { RetentionConfig } from '../model/environment.ts';
import type { Actor, World } from '../orchestrator/ports.ts';
import { type Pruned, pruneRuns } from '../orchestrator/prune.ts';
import { finishPruning, intend, leavingOf, orphans } from './prune-folders.ts';

export interface PrunedHere extends Pruned {
  /** Folders of executions that are of no run in the store, and older than the policy allows: they went, or would. */
  readonly orphans: readonly string[];
  /** Runs that one before, which was killed, had removed: their folders are gone now, too. */
  readonly finished: number;
}

export interface PruneHereOptions {
  /** The project's folder. */
  readonly root: string;
  readonly actor: Actor;
  /** Changes nothing. @default false */
  readonly dryRun?: boolean;
  /** Leaves the rest of the folders for the next one. */
  readonly signal?: AbortSignal;
}

/**
 * Removes the runs that a policy does not keep, from the store and from `.tutti/`.
 *
 * @throws {RefusedError} `invalid-retention`; `not-writable`: the next one goes on
 */
export async function pruneHere(
  world: World,
  policy: RetentionConfig,
  { root, actor, dryRun = false, signal }: PruneHereOptions,
): Promise<PrunedHere> {
  const { store } = world;
  const finished = dryRun ? 0 : await finishPruning(store, root, signal);
  let finish: ReturnType<typeof intend> | undefined;
  const pruned = await pruneRuns(world, actor, policy, {
    dryRun,
    before: async (keys) => {
      finish = intend(store, { root, name: world.newId(), leaving: await leavingOf(store, keys) });
    },
  });
  await finish?.(signal);
  const { endedBefore } = pruned;
  const left = endedBefore === undefined ? [] : await orphans(store, root, endedBefore);
  if (!dryRun && left.length > 0) await intend(store, { root, name: world.newId(), leaving: left })(signal);
  return { ...pruned, orphans: left.flatMap(({ executions }) => executions), finished };
}
