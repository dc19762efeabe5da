import { expect, test } from 'vitest';
import type { Store } from '../../../lib/store/store.ts';
import { dateOf, ended, row, run } from '../build.ts';

export function pruneContract(current: () => Store, many: number): void {
  const idsOf = async (dagId: string) =>
    (await current().runs.list({ dagId, order: 'oldest' })).items.map(({ id }) => id);

  test('removes runs that ended long ago, whatever their state, and says which', async () => {
    const { runs } = current();
    for (const [day, state] of [
      [1, 'success'],
      [2, 'failed'],
      [3, 'cancelled'],
      [4, 'success'],
    ] as const)
      await runs.create(ended(day, { state }));
    await runs.create(ended(1, { dagId: 'stock' }));
    const removed = await runs.prune({ endedBefore: dateOf(4) });
    expect(removed).toEqual([
      { dagId: 'sales', runId: dateOf(2) },
      { dagId: 'sales', runId: dateOf(1) },
      { dagId: 'stock', runId: dateOf(1) },
    ]);
    expect(await idsOf('sales')).toEqual([dateOf(3), dateOf(4)]);
    expect(await idsOf('stock')).toEqual([]);
  });

  test('keeps so many of the newest of each DAG', async () => {
    const { runs } = current();
    for (const day of [1, 2, 3, 4]) await runs.create(ended(day));
    for (const day of [1, 2]) await runs.create(ended(day, { dagId: 'stock' }));
    await runs.create(run(5));
    await runs.prune({ keep: 2 });
    expect(await idsOf('sales')).toEqual([dateOf(3), dateOf(4), dateOf(5)]);
    expect(await idsOf('stock')).toEqual([dateOf(1), dateOf(2)]);
  });

  test('never removes a run that is open', async () => {
    const { runs } = current();
    await runs.create(run(1));
    await runs.create(run(2, { state: 'starting' }));
    await runs.create(run(3, { state: 'running' }));
    // Queued once more after its end.
    await runs.create(run(4, { attempt: 2, endedAt: dateOf(5) }));
    expect(await runs.prune({ endedBefore: dateOf(99), keep: 0 })).toEqual([]);
    expect(await idsOf('sales')).toHaveLength(4);
  });

  test('removes what belongs to a run with it', async () => {
    const { runs, taskRuns } = current();
    const key = { dagId: 'sales', runId: dateOf(1) };
    const recorded = { states: new Map(), outputs: new Map(), marks: {}, records: [] };
    for (const day of [1, 2]) {
      await runs.create(ended(day));
      await taskRuns.put({ dagId: 'sales', runId: dateOf(day) }, [row('a')]);
      await taskRuns.putRecorded({ dagId: 'sales', runId: dateOf(day) }, recorded);
      await runs.admit('sales', 'main', dateOf(day), 2);
    }
    await runs.prune({ keep: 1 });
    expect(await runs.get(key)).toBeUndefined();
    expect(await runs.admitted('sales', 'main')).toEqual([dateOf(2)]);
    await runs.create(run(1));
    expect(await taskRuns.list(key)).toEqual([]);
    expect(await taskRuns.recorded(key)).toBeUndefined();
    expect(await taskRuns.list({ ...key, runId: dateOf(2) })).toEqual([row('a')]);
    expect(await taskRuns.recorded({ ...key, runId: dateOf(2) })).toEqual(recorded);
  });

  test('says what would go, and removes nothing', async () => {
    const { runs } = current();
    for (const day of [1, 2, 3, 4]) await runs.create(ended(day));
    await runs.create(run(5));
    const { cursor } = await runs.changes();
    const policy = { endedBefore: dateOf(3), keep: 2 };
    const would = await runs.prune({ ...policy, dryRun: true });
    expect(would.map(({ runId }) => runId)).toEqual([dateOf(2), dateOf(1)]);
    expect(await idsOf('sales')).toHaveLength(5);
    // Nobody has to read anything anew.
    expect(await runs.changes(cursor)).toEqual({ runs: [], dags: [], cursor });
    expect(await runs.prune(policy)).toEqual(would);
    expect(await idsOf('sales')).toEqual([dateOf(3), dateOf(4), dateOf(5)]);
  });

  test('removes nothing without a policy', async () => {
    const { runs } = current();
    await runs.create(ended(1));
    expect(await runs.prune({})).toEqual([]);
    expect(await idsOf('sales')).toEqual([dateOf(1)]);
  });

  test('removes many', async () => {
    const { runs } = current();
    for (let day = 1; day <= many; day++) await runs.create(ended(day));
    expect(await runs.prune({ keep: 3 })).toHaveLength(many - 3);
    expect(await idsOf('sales')).toEqual([many - 2, many - 1, many].map(dateOf));
  });
}
