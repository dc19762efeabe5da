import { expect, test } from 'vitest';
import type { Run } from '../../../lib/model/run.ts';
import type { RunQuery, Store } from '../../../lib/store/store.ts';
import { dateOf, ended, run } from '../build.ts';
import { allPages } from './pages.ts';

const KEY = { dagId: 'sales', runId: dateOf(1) };

export function runListContract(current: () => Store): void {
  const idsOf = async (query: RunQuery) => (await current().runs.list(query)).items.map(({ id }) => id);

  test('lists the runs of a DAG by logical date, runs of an interval before others of its date', async () => {
    const { runs } = current();
    const manual = [`${dateOf(2)}~01A`, `${dateOf(2)}~01B`];
    const all = [dateOf(1), dateOf(2), ...manual, dateOf(3)];
    for (const id of [all[3], all[0], all[4], all[2], all[1]])
      await runs.create(run(0, { id: id ?? '', logicalDate: id?.slice(0, 20) ?? '' }));
    await runs.create(run(9, { dagId: 'stock' }));
    expect(await idsOf({ dagId: 'sales' })).toEqual(all.toReversed());
    expect(await idsOf({ dagId: 'sales', order: 'oldest' })).toEqual(all);
    expect(await idsOf({ dagId: 'nope' })).toEqual([]);
  });

  test('lists what is asked for by state, type and date', async () => {
    const { runs } = current();
    await runs.create(ended(1));
    await runs.create(ended(2, { state: 'failed' }));
    await runs.create(run(3, { type: 'backfill', lane: 'BF#1' }));
    await runs.create(ended(4, { dagId: 'stock', state: 'failed' }));
    expect(await idsOf({ dagId: 'sales', states: ['failed', 'queued'] })).toEqual([dateOf(3), dateOf(2)]);
    expect(await idsOf({ states: ['failed'] })).toEqual([dateOf(4), dateOf(2)]);
    expect(await idsOf({ states: [] })).toEqual([]);
    expect(await idsOf({ types: ['backfill'] })).toEqual([dateOf(3)]);
    expect(await idsOf({ dagId: 'sales', from: dateOf(2), to: dateOf(3) })).toEqual([dateOf(3), dateOf(2)]);
    expect(await idsOf({ from: dateOf(2), to: dateOf(2) })).toEqual([dateOf(2)]);
    expect(await idsOf({ dagId: 'sales', from: dateOf(4) })).toEqual([]);
    expect(await idsOf({ dagId: 'sales', from: dateOf(3), to: dateOf(1) })).toEqual([]);
  });

  test('takes in the manual runs of the last date asked for', async () => {
    await current().runs.create(run(2, { id: `${dateOf(2)}~01A`, type: 'manual' }));
    expect(await idsOf({ dagId: 'sales', to: dateOf(2) })).toEqual([`${dateOf(2)}~01A`]);
  });

  test('lists the runs of all DAGs by when they were created', async () => {
    const { runs } = current();
    await runs.create(run(1, { createdAt: dateOf(8) }));
    await runs.create(run(2, { createdAt: dateOf(7) }));
    await runs.create(run(1, { dagId: 'stock', createdAt: dateOf(7) }));
    await runs.create(run(3, { dagId: 'stock', createdAt: dateOf(9) }));
    const keys = async (order: 'newest' | 'oldest') =>
      (await runs.list({ order })).items.map(({ dagId, id }) => `${dagId} ${id.slice(8, 10)}`);
    expect(await keys('oldest')).toEqual(['sales 02', 'stock 01', 'sales 01', 'stock 03']);
    expect(await keys('newest')).toEqual(['stock 03', 'sales 01', 'stock 01', 'sales 02']);
  });

  const pagings: readonly [string, RunQuery][] = [
    ['of a DAG, newest first', { dagId: 'sales', order: 'newest' }],
    ['of a DAG, oldest first', { dagId: 'sales', order: 'oldest' }],
    ['of all DAGs, newest first', { order: 'newest' }],
    ['of all DAGs, oldest first', { order: 'oldest' }],
    ['of a DAG, some states', { dagId: 'sales', states: ['success'] }],
    ['of all DAGs, some states', { states: ['success'] }],
  ];
  test.each(pagings)('pages %s: none twice, none lost, while others come', async (_, query) => {
    const { runs } = current();
    const before = Array.from({ length: 23 }, (_, index) =>
      (index % 3 === 0 ? run : ended)(index * 2 + 10, { createdAt: dateOf(100 + (index % 5)) }),
    );
    for (const one of before) await runs.create(one);
    let pages = 0;
    const read = await allPages(async (cursor) => {
      pages += 1;
      await runs.create(ended(pages * 4 + 1, { createdAt: dateOf(99 + (pages % 7)) }));
      return runs.list({ ...query, limit: 4, ...(cursor === undefined ? {} : { cursor }) });
    });
    const ids = read.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const wanted = before.filter(({ state }) => query.states?.includes(state) ?? true);
    expect(wanted.filter(({ id }) => !ids.includes(id))).toEqual([]);
    expect(read).toEqual(inOrder(read, query));
  });

  test('says where a list ends', async () => {
    const { runs } = current();
    for (const day of [1, 2]) await runs.create(run(day));
    const [exact, less] = await Promise.all([runs.list({ limit: 2 }), runs.list({ limit: 1 })]);
    expect(exact.cursor).toBeUndefined();
    expect(less.cursor).toEqual(expect.any(String));
  });

  test.each([0, -1, 1.5, 1_001, Number.NaN])('refuses a limit of %d', async (limit) => {
    await expect(current().runs.list({ limit })).rejects.toMatchObject({ code: 'invalid-limit' });
  });

  test('refuses cursors of other lists, and what is none', async () => {
    const { runs } = current();
    for (const day of [1, 2]) await runs.create(run(day));
    const cursor = (await runs.list({ dagId: 'sales', limit: 1 })).cursor ?? '';
    const changes = (await runs.changes()).cursor;
    for (const query of [
      { cursor },
      { dagId: 'stock', cursor },
      { dagId: 'sales', order: 'oldest', cursor },
      { dagId: 'sales', cursor: changes },
      { dagId: 'sales', cursor: '' },
      { dagId: 'sales', cursor: 'x' },
      { dagId: 'sales', cursor: Buffer.from('null').toString('base64url') },
      { dagId: 'sales', cursor: 'y'.repeat(1_000_000) },
    ] as const)
      await expect(runs.list(query)).rejects.toMatchObject({ code: 'invalid-cursor' });
  });

  test('gives the runs that are open, oldest logical date first', async () => {
    const { runs } = current();
    await runs.create(run(3));
    await runs.create(run(1, { state: 'running', lane: 'BF#1' }));
    await runs.create(run(2, { dagId: 'stock', state: 'starting' }));
    await runs.create(run(2));
    for (const [day, state] of [
      [4, 'success'],
      [5, 'failed'],
      [6, 'cancelled'],
    ] as const)
      await runs.create(ended(day, { state }));
    const open = async (of?: Parameters<typeof runs.open>[0]) =>
      (await runs.open(of)).map(({ dagId, id }) => `${dagId} ${id.slice(9, 10)}`);
    expect(await open()).toEqual(['sales 1', 'sales 2', 'stock 2', 'sales 3']);
    expect(await open({ dagId: 'sales' })).toEqual(['sales 1', 'sales 2', 'sales 3']);
    expect(await open({ dagId: 'sales', lane: 'main' })).toEqual(['sales 2', 'sales 3']);
    expect(await open({ lane: 'BF#1' })).toEqual(['sales 1']);
    await runs.update(KEY, { states: ['running'] }, { state: 'success' });
    await runs.update({ dagId: 'sales', runId: dateOf(5) }, { states: ['failed'] }, { state: 'queued' });
    expect(await open({ dagId: 'sales' })).toEqual(['sales 2', 'sales 3', 'sales 5']);
  });
}

function inOrder(found: readonly Run[], { dagId, order = 'newest' }: RunQuery): readonly Run[] {
  const textOf = (one: Run) => (dagId === undefined ? `${one.createdAt} ${one.dagId} ${one.id}` : one.id);
  const sorted = found.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));
  return order === 'newest' ? sorted.toReversed() : sorted;
}
