/**
 * What every store does, asked through its ports alone. `open` gives one that is empty. Stores that several processes or
 * machines share are tested for that beside this.
 */
import { afterEach, beforeEach, describe } from 'vitest';
import type { Store } from '../../lib/store/store.ts';
import { auditContract } from './contract/audit.ts';
import { backfillContract } from './contract/backfills.ts';
import { changesContract } from './contract/changes.ts';
import { dagContract } from './contract/dags.ts';
import { leaseContract } from './contract/leases.ts';
import { pruneContract } from './contract/prune.ts';
import { runListContract } from './contract/run-lists.ts';
import { runContract } from './contract/runs.ts';
import { taskRunContract } from './contract/task-runs.ts';

export interface ContractOptions {
  /** Runs that are many: where each is several requests, fewer. @default 1_200 */
  readonly many?: number;
}

export function storeContract(
  name: string,
  open: () => Store | Promise<Store>,
  { many = 1_200 }: ContractOptions = {},
): void {
  describe(`the store in ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(async () => {
      await store.close();
    });
    const current = () => store;
    describe('dags', () => dagContract(current));
    describe('runs', () => runContract(current));
    describe('lists of runs', () => runListContract(current));
    describe('changes', () => changesContract(current));
    describe('task runs', () => taskRunContract(current));
    describe('retention', () => pruneContract(current, many));
    describe('backfills', () => backfillContract(current));
    describe('audit', () => auditContract(current));
    describe('leases', () => leaseContract(current));
  });
}
