import { memoryAudit } from './memory/audit.ts';
import { memoryBackfills } from './memory/backfills.ts';
import { memoryDags } from './memory/dags.ts';
import { Journal } from './memory/journal.ts';
import { memoryLeases } from './memory/leases.ts';
import { Ledger } from './memory/ledger.ts';
import { memoryRuns } from './memory/runs.ts';
import { memoryTaskRuns } from './memory/task-runs.ts';
import type { Store } from './store.ts';

/** Keeps everything in this process, for as long as it is held: for tests and simulations. */
export function memoryStore(): Store {
  const ledger = new Ledger();
  const journal = new Journal();
  return {
    dags: memoryDags(ledger, journal),
    runs: memoryRuns(ledger, journal),
    taskRuns: memoryTaskRuns(ledger),
    backfills: memoryBackfills(),
    audit: memoryAudit(),
    leases: memoryLeases(),
    close: async () => {},
  };
}
