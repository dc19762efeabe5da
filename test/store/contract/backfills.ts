import { expect, test } from 'vitest';
import type { Store } from '../../../lib/store/store.ts';
import { backfill, backfillDate, dateOf } from '../build.ts';
import { allPages } from './pages.ts';

export function backfillContract(current: () => Store): void {
  test('creates a backfill with its dates once', async () => {
    const { backfills } = current();
    const dates = [
      backfillDate(3, 0),
      backfillDate(1, 2, { action: 'skip', state: 'skipped', reason: 'in flight' }),
      backfillDate(2, 1, { action: 'rerun' }),
    ];
    const plan = backfill('01A', { note: 'x', tasks: ['a'], params: { n: 1 } });
    expect(await backfills.create(plan, dates)).toBe(true);
    expect(await backfills.create({ ...plan, note: 'y' }, [])).toBe(false);
    expect(await backfills.get('sales', '01A')).toStrictEqual(plan);
    expect(await backfills.dates('sales', '01A')).toStrictEqual([dates[0], dates[2], dates[1]]);
    expect(await backfills.dates('sales', '01A', ['skipped'])).toEqual([dates[1]]);
    expect(await backfills.dates('sales', '01A', undefined, 2)).toEqual([dates[0], dates[2]]);
    expect(await backfills.dates('sales', '01A', ['pending', 'skipped'], 1)).toEqual([dates[0]]);
    expect(await backfills.dates('sales', '01A', [])).toEqual([]);
    expect(await backfills.get('stock', '01A')).toBeUndefined();
    expect(await backfills.dates('sales', '01B')).toEqual([]);
  });

  test('keeps the dates of the first of those who create a backfill at once', async () => {
    const { backfills } = current();
    const dates = [[backfillDate(1, 0)], [backfillDate(2, 0), backfillDate(3, 1)], []];
    const results = await Promise.all(dates.map((of) => backfills.create(backfill('01A'), of)));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect(await backfills.dates('sales', '01A')).toEqual(dates[results.indexOf(true)]);
  });

  test('lists backfills newest first, of a DAG or all, active ones or all', async () => {
    const { backfills } = current();
    await backfills.create(backfill('01B', { state: 'paused' }), []);
    await backfills.create(backfill('01C', { dagId: 'stock' }), []);
    await backfills.create(backfill('01A', { state: 'success' }), []);
    const ids = async (of: Parameters<typeof backfills.list>[0]) =>
      (await backfills.list(of)).items.map(({ id }) => id);
    expect(await ids({})).toEqual(['01C', '01B', '01A']);
    expect(await ids({ dagId: 'sales' })).toEqual(['01B', '01A']);
    expect(await ids({ active: true })).toEqual(['01C', '01B']);
    expect(await ids({ dagId: 'sales', active: true })).toEqual(['01B']);
  });

  test('pages through backfills while others are made', async () => {
    const { backfills } = current();
    for (let index = 10; index < 20; index++) await backfills.create(backfill(`01${index}`), []);
    let made = 20;
    const read = await allPages(async (cursor) => {
      await backfills.create(backfill(`01${made++}`), []);
      return backfills.list({ limit: 3, ...(cursor === undefined ? {} : { cursor }) });
    });
    expect(read.map(({ id }) => id)).toEqual(Array.from({ length: 11 }, (_, index) => `01${20 - index}`));
    await expect(backfills.list({ cursor: 'x' })).rejects.toMatchObject({ code: 'invalid-cursor' });
  });

  test('changes a backfill of the expected revision only', async () => {
    const { backfills } = current();
    await backfills.create(backfill('01A'), []);
    const results = await Promise.all(
      (['paused', 'cancelled'] as const).map((state) => backfills.update('sales', '01A', 0, { state })),
    );
    const winners = results.filter((result) => result !== undefined);
    expect(winners).toStrictEqual([backfill('01A', { state: winners[0]?.state ?? 'running', rev: 1 })]);
    expect(await backfills.get('sales', '01A')).toEqual(winners[0]);
    expect(await backfills.update('sales', '01B', 0, {})).toBeUndefined();
    expect((await backfills.update('sales', '01A', 1, { state: 'success' }))?.state).toBe('success');
    expect((await backfills.list({ active: true })).items).toEqual([]);
  });

  test('changes a date that is in the expected state', async () => {
    const { backfills } = current();
    await backfills.create(backfill('01A'), [backfillDate(1, 0), backfillDate(2, 1)]);
    const of = { dagId: 'sales', id: '01A', logicalDate: dateOf(1) };
    const results = await Promise.all(
      ['r1', 'r2'].map((runId) =>
        backfills.updateDate(of, 'pending', { state: 'queued', runId, attempt: 1 }),
      ),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    const runId = results[0] === true ? 'r1' : 'r2';
    const queued = backfillDate(1, 0, { state: 'queued', runId, attempt: 1 });
    expect(await backfills.dates('sales', '01A')).toStrictEqual([queued, backfillDate(2, 1)]);
    expect(await backfills.dates('sales', '01A', ['queued'])).toEqual([queued]);
    expect(await backfills.updateDate(of, 'queued', { state: 'pending', runId: undefined })).toBe(true);
    expect((await backfills.dates('sales', '01A', ['pending']))[0]).toStrictEqual(
      backfillDate(1, 0, { attempt: 1 }),
    );
    expect(await backfills.updateDate({ ...of, logicalDate: dateOf(9) }, 'pending', {})).toBe(false);
    expect(await backfills.updateDate({ ...of, id: '01B' }, 'pending', {})).toBe(false);
  });
}
