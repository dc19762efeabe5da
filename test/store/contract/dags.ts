import { expect, test } from 'vitest';
import type { Store } from '../../../lib/store/store.ts';
import { dateOf, ended, head, run, version } from '../build.ts';

export function dagContract(current: () => Store): void {
  test('keeps versions by their hash, the last one of each', async () => {
    const { dags } = current();
    await dags.putVersion(version('sales', 'h1', 'first'));
    await dags.putVersion(version('sales', 'h2'));
    await dags.putVersion(version('stock', 'h1', 'of another DAG'));
    await dags.putVersion(version('sales', 'h1', 'again'));
    expect(await dags.version('sales', 'h1')).toEqual(version('sales', 'h1', 'again'));
    expect(await dags.version('sales', 'h2')).toEqual(version('sales', 'h2'));
    expect(await dags.version('sales', 'h3')).toBeUndefined();
    expect(await dags.version('nope', 'h1')).toBeUndefined();
  });

  test('creates a head once, whoever is first', async () => {
    const { dags } = current();
    const owners = ['ann', 'bob'];
    const results = await Promise.all(owners.map((owner) => dags.createHead(head('sales', { owner }))));
    expect(results.filter(Boolean)).toHaveLength(1);
    const winner = owners[results.indexOf(true)] ?? '';
    expect(await dags.head('sales')).toEqual(head('sales', { owner: winner }));
    expect(await dags.createHead(head('sales', { owner: 'cem' }))).toBe(false);
    expect(await dags.head('sales')).toEqual(head('sales', { owner: winner }));
    expect(await dags.head('stock')).toBeUndefined();
  });

  test('lists heads by id', async () => {
    const { dags } = current();
    for (const id of ['b', 'c', 'B', 'a', 'a-b', 'a_b']) await dags.createHead(head(id));
    expect((await dags.heads()).map(({ dagId }) => dagId)).toEqual(['B', 'a', 'a-b', 'a_b', 'b', 'c']);
  });

  test('changes a head of the expected revision only', async () => {
    const { dags } = current();
    await dags.createHead(head('sales', { owner: 'ann', pausedBy: 'bob' }));
    const watermark = { basis: 'x', through: dateOf(3) };
    const changed = await dags.updateHead('sales', 0, { paused: true, watermark, pausedBy: undefined });
    expect(changed).toStrictEqual(head('sales', { owner: 'ann', paused: true, watermark, rev: 1 }));
    expect(await dags.head('sales')).toStrictEqual(changed);
    expect(await dags.updateHead('sales', 0, { paused: false })).toBeUndefined();
    expect(await dags.updateHead('stock', 0, { paused: false })).toBeUndefined();
    expect(await dags.head('sales')).toStrictEqual(changed);
  });

  test('lets one of several who read the same head change it', async () => {
    const { dags } = current();
    await dags.createHead(head('sales'));
    const owners = ['ann', 'bob', 'cem'];
    const results = await Promise.all(owners.map((owner) => dags.updateHead('sales', 0, { owner })));
    const winners = results.filter((result) => result !== undefined);
    expect(winners).toHaveLength(1);
    expect(await dags.head('sales')).toEqual(winners[0]);
  });

  test('gives the newest runs of every DAG', async () => {
    const { dags, runs } = current();
    for (const id of ['stock', 'sales', 'idle']) await dags.createHead(head(id));
    for (const day of [3, 1, 4, 2]) await runs.create(ended(day));
    await runs.create(run(5, { type: 'manual', id: `${dateOf(5)}~01A` }));
    await runs.create(run(1, { dagId: 'stock' }));
    await runs.create(run(1, { dagId: 'headless' }));
    expect(await dags.recent(3)).toEqual([
      {
        dagId: 'sales',
        runs: [
          { id: `${dateOf(5)}~01A`, type: 'manual', state: 'queued', logicalDate: dateOf(5) },
          ...[4, 3].map((day) => ({
            id: dateOf(day),
            type: 'scheduled',
            state: 'success',
            logicalDate: dateOf(day),
            startedAt: dateOf(day + 1),
            endedAt: dateOf(day + 1),
          })),
        ],
      },
      {
        dagId: 'stock',
        runs: [{ id: dateOf(1), type: 'scheduled', state: 'queued', logicalDate: dateOf(1) }],
      },
    ]);
    await expect(dags.recent(0)).rejects.toMatchObject({ code: 'invalid-limit' });
    await expect(dags.recent(31)).rejects.toMatchObject({ code: 'invalid-limit' });
  });

  test('gives the newest runs as they are whenever it is asked', async () => {
    const { dags, runs } = current();
    const told = async (count: number) =>
      (await dags.recent(count)).map(({ dagId, runs: of }) => [
        dagId,
        ...of.map(({ id, state }) => `${id.slice(9, 10)} ${state}`),
      ]);
    await runs.create(run(1, { dagId: 'stock' }));
    await dags.createHead(head('sales'));
    expect(await told(2)).toEqual([]);
    for (const day of [1, 2]) await runs.create(ended(day));
    expect(await told(2)).toEqual([['sales', '2 success', '1 success']]);
    await runs.create(run(3));
    expect(await told(2)).toEqual([['sales', '3 queued', '2 success']]);
    await runs.update({ dagId: 'sales', runId: dateOf(3) }, { states: ['queued'] }, { state: 'running' });
    expect(await told(2)).toEqual([['sales', '3 running', '2 success']]);
    expect(await told(1)).toEqual([['sales', '3 running']]);
    await dags.createHead(head('stock'));
    expect(await told(1)).toEqual([
      ['sales', '3 running'],
      ['stock', '1 queued'],
    ]);
    await runs.update({ dagId: 'sales', runId: dateOf(3) }, { states: ['running'] }, { state: 'failed' });
    await runs.prune({ keep: 0 });
    expect(await told(1)).toEqual([['stock', '1 queued']]);
  });
}
