import type { RecordedRun } from '../../history/recorded-run.ts';
import type { FailedTask, Run, RunKey } from '../../model/run.ts';
import type { World } from '../../orchestrator/ports.ts';
import type { Projection } from '../../orchestrator/projection.ts';

/** Which attempt of which run. */
export interface AttemptKey extends RunKey {
  readonly attempt: number;
}

/** The end of an attempt's execution. */
export interface AttemptEnd extends AttemptKey, Projection, Pick<Run, 'error' | 'cause' | 'transitions'> {
  readonly state: 'success' | 'failed' | 'cancelled';
  /** ISO 8601, UTC. */
  readonly endedAt: string;
  readonly recorded: RecordedRun;
  readonly failed?: readonly FailedTask[];
}

/** The ledger, as executions see it: `lib/orchestrator/record.ts` is behind it. */
export interface Ledger {
  /** What an attempt has come to: its cells, and the rows that are new or changed. */
  readonly progress: (key: AttemptKey, projection: Projection) => Promise<void>;
  readonly ended: (end: AttemptEnd) => Promise<void>;
}

/** The ledger of a world that is just being made. */
export function ledgerOf(world: () => World): Ledger {
  return {
    async progress(key, { cells, rows }) {
      const { store } = world();
      await store.taskRuns.put(key, rows);
      const expected = { states: ['starting', 'running'], attempt: key.attempt } as const;
      await store.runs.update(key, expected, { state: 'running', cells });
    },
    async ended({ dagId, runId, attempt, rows, recorded, ...end }) {
      const { store } = world();
      await store.taskRuns.put({ dagId, runId }, rows);
      await store.taskRuns.putRecorded({ dagId, runId }, recorded);
      const expected = { states: ['starting', 'running'], attempt } as const;
      await store.runs.update({ dagId, runId }, expected, end);
    },
  };
}
