import type { Store } from '../../store/store.ts';
import { dynamoAudit } from './audit.ts';
import { dynamoBackfills } from './backfills.ts';
import { dynamoDags } from './dags.ts';
import { Feed } from './feed.ts';
import { dynamoLeases } from './leases.ts';
import { OpenRuns } from './open-runs.ts';
import { Recent } from './recent.ts';
import { dynamoRuns } from './runs.ts';
import { Table, type TableOptions } from './table.ts';
import { dynamoTaskRuns } from './task-runs.ts';

export interface DynamoStoreOptions extends TableOptions {
  /** How long task runs and what runs recorded are kept, days. @default 400 */
  readonly keptDays?: number;
}

/**
 * The store of one table, which any number of machines may have open. Nothing is written to make it: the table must be
 * there, as `cdk deploy` makes it. What it is asked for is read consistently, but lists over all DAGs.
 *
 * @throws {RefusedError} from every method: `no-table`
 */
export function openDynamoStore({ keptDays = 400, ...options }: DynamoStoreOptions): Store {
  const table = new Table(options);
  const open = new OpenRuns(table);
  const parts = { table, open, feed: new Feed(table), recent: new Recent(table, open) };
  return {
    dags: dynamoDags(parts),
    runs: dynamoRuns(parts),
    taskRuns: dynamoTaskRuns(table, keptDays),
    backfills: dynamoBackfills(table),
    audit: dynamoAudit(table),
    leases: dynamoLeases(table),
    // The client is whose it was.
    close: async () => {},
  };
}
