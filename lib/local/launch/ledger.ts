import type { AttemptKey, RunEnd } from '../../orchestrator/end.ts';
import type { Projection } from '../../orchestrator/projection.ts';

/** The ledger, as executions see it: `lib/orchestrator/record.ts` is behind it. */
export interface Ledger {
  /** What an attempt has come to: its cells, and the rows that are new or changed. */
  readonly progress: (key: AttemptKey, projection: Projection) => Promise<void>;
  readonly ended: (end: RunEnd) => Promise<void>;
}
