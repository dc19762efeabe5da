import type { Store } from '../../store/store.ts';
import { sqliteAudit } from './audit.ts';
import { sqliteBackfills } from './backfills.ts';
import { sqliteDags } from './dags.ts';
import { sqliteLeases } from './leases.ts';
import { type OpenOptions, openDatabase } from './open.ts';
import { sqliteRuns } from './runs.ts';
import { sqliteTaskRuns } from './task-runs.ts';

/**
 * The store of one file, which several processes may have open. What was written is there after a kill at any point.
 *
 * @throws {RefusedError} see {@link openDatabase}; every method throws `store-corrupt`, `not-writable` and `store-busy` too
 */
export function openSqliteStore(file: string, options: OpenOptions = {}): Store {
  const database = openDatabase(file, options);
  return {
    dags: sqliteDags(database),
    runs: sqliteRuns(database),
    taskRuns: sqliteTaskRuns(database),
    backfills: sqliteBackfills(database),
    audit: sqliteAudit(database),
    leases: sqliteLeases(database),
    close: async () => database.close(),
  };
}
