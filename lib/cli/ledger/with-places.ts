import type { Launcher } from '../../orchestrator/ports.ts';
import type { RunStore, Store } from '../../store/store.ts';

/**
 * The store as one whose lanes have places only while `has` says so: where they have none, runs are written and stay
 * queued, for the process that starts them.
 */
export function withPlaces(store: Store, has: () => boolean): Store {
  const { dags, runs, taskRuns, backfills, audit, leases } = store;
  const placed: RunStore = {
    create: (run) => runs.create(run),
    get: (key) => runs.get(key),
    update: (key, expected, patch) => runs.update(key, expected, patch),
    list: (query) => runs.list(query),
    open: (of) => runs.open(of),
    admit: async (dagId, lane, runId, max) => has() && runs.admit(dagId, lane, runId, max),
    release: (dagId, lane, runId) => runs.release(dagId, lane, runId),
    admitted: (dagId, lane) => runs.admitted(dagId, lane),
    changes: (cursor, limit) => runs.changes(cursor, limit),
    prune: (policy) => runs.prune(policy),
  };
  return { dags, runs: placed, taskRuns, backfills, audit, leases, close: () => store.close() };
}

/** The launcher of a process that starts nothing: what can be started is what the `tutti dev` has, the DAGs as they are now. */
export function startedElsewhere(launcher: Launcher, { dags }: Store): Launcher {
  return {
    nameFor: (run, nowMs) => launcher.nameFor(run, nowMs),
    start: (execution) => launcher.start(execution),
    stop: (execution, run, cause) => launcher.stop(execution, run, cause),
    describe: (execution, run) => launcher.describe(execution, run),
    settle: async (execution) => (await launcher.settle?.(execution)) ?? false,
    hasCode: async (dagId, hash) => (await dags.head(dagId))?.version === hash,
  };
}
