import { expect, test } from 'vitest';
import type { Store } from '../../../lib/store/store.ts';
import { dateOf, ended, head, run } from '../build.ts';

const KEY = { dagId: 'sales', runId: dateOf(1) };

export function changesContract(current: () => Store): void {
  test('tells what was written after a cursor, each once and as it is now', async () => {
    const { runs, dags } = current();
    await runs.create(run(1));
    const { cursor, ...now } = await runs.changes();
    expect(now).toEqual({ runs: [], dags: [] });
    await runs.create(run(2));
    await runs.update(KEY, { states: ['queued'] }, { state: 'starting' });
    const started = await runs.update(KEY, { states: ['starting'] }, { state: 'running' });
    await dags.createHead(head('stock'));
    const first = await runs.changes(cursor);
    expect(first).toEqual({ runs: [run(2), started], dags: ['stock'], cursor: expect.any(String) });
    expect(await runs.changes(first.cursor)).toEqual({ runs: [], dags: [], cursor: first.cursor });
    await dags.updateHead('stock', 0, { paused: true });
    await runs.create(run(2));
    await runs.update(KEY, { states: ['queued'] }, { state: 'starting' });
    expect(await runs.changes(first.cursor)).toMatchObject({ runs: [], dags: ['stock'] });
  });

  test('tells a part of it, and the rest after it', async () => {
    const { runs, dags } = current();
    const { cursor } = await runs.changes();
    for (const day of [3, 1, 2]) await runs.create(run(day));
    await dags.createHead(head('sales'));
    const first = await runs.changes(cursor, 2);
    expect(first).toMatchObject({ runs: [run(3), run(1)], dags: [] });
    await runs.update({ dagId: 'sales', runId: dateOf(3) }, { states: ['queued'] }, {});
    const second = await runs.changes(first.cursor, 2);
    expect(second).toMatchObject({ runs: [run(2)], dags: ['sales'] });
    expect((await runs.changes(second.cursor, 2)).runs).toEqual([run(3, { rev: 1 })]);
  });

  test('asks to read anew where runs were removed', async () => {
    const { runs } = current();
    await runs.create(ended(1));
    const { cursor } = await runs.changes();
    await runs.prune({ keep: 1 });
    expect((await runs.changes(cursor)).resync).toBeUndefined();
    await runs.prune({ keep: 0 });
    const told = await runs.changes(cursor);
    expect(told).toMatchObject({ runs: [], dags: [], resync: true });
    await runs.create(run(2));
    expect(await runs.changes(told.cursor)).toEqual({ runs: [run(2)], dags: [], cursor: expect.any(String) });
  });

  test('refuses what is no cursor of changes', async () => {
    const { runs } = current();
    for (const cursor of ['', 'x', Buffer.from('["changes",1]').toString('base64url')])
      await expect(runs.changes(cursor)).rejects.toMatchObject({ code: 'invalid-cursor' });
  });
}
