import type { Feed } from './feed.ts';
import type { OpenRuns } from './open-runs.ts';
import type { Recent } from './recent.ts';
import type { Table } from './table.ts';

/** What the stores of one table share. */
export interface Parts {
  readonly table: Table;
  readonly feed: Feed;
  readonly open: OpenRuns;
  readonly recent: Recent;
}
