import { describe, expect, test } from 'vitest';
import type { Json } from '../../lib/base/json.ts';
import { dateOf, ended, run } from '../store/build.ts';
import { type Ask, asking, register, salesDag, seeded, versionOf } from './seed.ts';

type Reply = Readonly<Record<string, Json>>;

async function reply(ask: Ask, path: string): Promise<Reply> {
  return (await (await ask(path)).json()) as Reply;
}

function itemsOf(page: Reply): readonly { readonly id: string }[] {
  return (page['items'] ?? []) as unknown as readonly { readonly id: string }[];
}

/** All items of a list, page by page. */
async function pages(ask: Ask, path: string, limit: number): Promise<readonly unknown[]> {
  const items: unknown[] = [];
  let cursor = '';
  for (let count = 0; count < 100; count++) {
    const page = await reply(ask, `${path}${path.includes('?') ? '&' : '?'}limit=${limit}${cursor}`);
    items.push(...itemsOf(page));
    if (page['cursor'] === undefined) return items;
    cursor = `&cursor=${page['cursor']}`;
  }
  throw new Error('the list has no end');
}

describe('lists', () => {
  test.each([
    '/dags',
    '/dags?retired=1',
    '/runs',
    '/dags/sales/runs',
    '/dags/sales/runs?order=oldest',
    `/dags/sales/runs/${dateOf(9)}/tasks`,
    '/audit',
  ])('%s gives the same by pages as at once', async (path) => {
    const { world } = await seeded();
    const ask = asking(world);
    const whole = (await reply(ask, path))['items'];
    expect(whole).not.toEqual([]);
    expect(await pages(ask, path, 1)).toEqual(whole);
    expect(await pages(ask, path, 2)).toEqual(whole);
  });

  test('of DAGs are filtered by how they go', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const ids = async (query: string) => itemsOf(await reply(ask, `/dags?${query}`)).map(({ id }) => id);
    expect(await ids('state=failing')).toEqual(['sales']);
    expect(await ids('state=late,running')).toEqual(['sales']);
    expect(await ids('paused=1')).toEqual(['other']);
    expect(await ids('paused=0&tag=daily')).toEqual(['sales']);
    expect(await ids('q=OTH')).toEqual(['other']);
    expect(await ids('state=retired')).toEqual(['old']);
    expect(await ids('owner=nobody')).toEqual([]);
  });

  test('of runs take a day as a whole', async () => {
    const { world } = await seeded();
    const version = (await world.store.dags.head('sales'))?.version ?? '';
    const noon = { version, logicalDate: '2026-01-06T12:00:00Z' };
    await world.store.runs.create(ended(6, { ...noon, id: `${noon.logicalDate}~a`, type: 'manual' }));
    const page = await reply(asking(world), '/dags/sales/runs?from=2026-01-06&to=2026-01-06');
    expect(itemsOf(page).map(({ id }) => id)).toEqual(['2026-01-06T12:00:00Z~a', dateOf(6)]);
  });

  test('tell a run that is being started as queued, and find it so', async () => {
    const { world } = await seeded();
    await world.store.runs.create(run(11, { state: 'starting' }));
    const { items } = await reply(asking(world), '/dags/sales/runs?state=queued&limit=1');
    expect(items).toMatchObject([{ id: dateOf(11), state: 'queued' }]);
  });
});

describe('the list of DAGs', () => {
  test('tells states of the last runs oldest first, and when the next one may start', async () => {
    const { world } = await seeded();
    const { items } = await reply(asking(world), '/dags?runs=4');
    expect(items).toMatchObject([
      { id: 'other', paused: true, runs: '', p50: null },
      { id: 'sales', runs: 'ssfr', late: 2, next: dateOf(12), last: { id: dateOf(10), state: 'running' } },
    ]);
  });

  test('is made anew when a run changes', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const before = await (await ask('/dags')).text();
    expect(await (await ask('/dags')).text()).toBe(before);
    await world.store.runs.update(
      { dagId: 'sales', runId: dateOf(10) },
      { states: ['running'] },
      { state: 'success', endedAt: dateOf(11) },
    );
    expect(await (await ask('/dags')).text()).not.toBe(before);
  });

  test('knows the schedule of today where only that changed', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    expect(await reply(ask, '/dags/sales')).toMatchObject({ next: dateOf(12) });
    const hourly = salesDag({
      schedule: { kind: 'cron', expression: '0 * * * *', timezone: 'UTC', interval: 'data' },
    });
    await world.store.dags.putVersion(versionOf(hourly));
    const head = await world.store.dags.head('sales');
    await world.store.dags.updateHead('sales', head?.rev ?? 0, { definition: 'hourly' });
    expect(await reply(ask, '/dags/sales')).toMatchObject({ next: '2026-01-11T03:00:00Z' });
  });
});

describe('the grid', () => {
  test('tells runs of another version in the order of the current one', async () => {
    const { world } = await seeded();
    const [extract, load, publish] = salesDag().tasks;
    if (extract === undefined || load === undefined || publish === undefined) throw new Error('three tasks');
    const check = { ...load, id: 'check', upstream: [] };
    const { manifest } = await register(world.store, salesDag({ tasks: [check, load, extract] }));
    const head = await world.store.dags.head('sales');
    await world.store.dags.updateHead('sales', head?.rev ?? 0, { version: manifest.hash });
    const grid = await reply(asking(world), '/dags/sales/grid?runs=2');
    expect(grid).toMatchObject({
      struct: {
        v: manifest.hash,
        tasks: [['check', 'check', 0, 'fn', ''], ['load'], ['extract']].map(([id]) =>
          expect.arrayContaining([id]),
        ),
      },
      runs: [
        { id: dateOf(10), st: 'r', c: '-rs', sv: head?.version },
        { id: dateOf(9), st: 'f', c: '-fs', sv: head?.version },
      ],
    });
    const again = await reply(
      asking(world),
      `/dags/sales/grid?runs=2&have=${manifest.hash}&before=${grid['cursor']}`,
    );
    expect(again).toMatchObject({ runs: [{ id: dateOf(8) }, { id: dateOf(7) }] });
    expect(again['struct']).toBeUndefined();
  });
});

describe('one run', () => {
  test('has every task of its version, also those without a row', async () => {
    const { world } = await seeded();
    expect(await reply(asking(world), `/dags/sales/runs/${dateOf(10)}`)).toMatchObject({
      run: { state: 'running' },
      tasks: [
        { task: 'extract', state: 'success' },
        { task: 'load', state: 'running' },
        { task: 'publish', state: 'none' },
      ],
    });
  });

  test('has its tries with times and errors, and a chart of them', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const task = await reply(ask, `/dags/sales/runs/${dateOf(9)}/tasks/load`);
    expect(task['items']).toMatchObject([
      { state: 'failed', tries: [{ try: 1 }, { try: 2 }, { try: 3, error: 'OutOfMemory' }] },
    ]);
    const chart = await reply(ask, `/dags/sales/runs/${dateOf(9)}/timeline`);
    const at = Date.parse(dateOf(10));
    expect(chart).toMatchObject({ tasks: ['extract', 'load', 'publish'] });
    expect(chart['rows']).toContainEqual([0, 1, null, at, at + 500, 's', null]);
  });

  test('has logs by pages, as this place reads them', async () => {
    const { world } = await seeded();
    const asked: unknown[] = [];
    const line = { n: 7, at: dateOf(10), level: 'error' as const, message: 'heap' };
    const logs = {
      async read(...args: unknown[]) {
        asked.push(args);
        return { lines: [line], next: 'n', prev: 'p', end: true };
      },
    };
    const ask = asking({ ...world, logs });
    const path = `/dags/sales/runs/${dateOf(9)}/tasks/load/tries/3/logs?after=x&limit=50&level=warn&q=he`;
    expect(await reply(ask, path)).toEqual({ lines: [line], next: 'n', prev: 'p', end: true });
    expect(asked).toEqual([
      [
        {
          execution: 'e9',
          task: 'load',
          try: 3,
          run: {
            dagId: 'sales',
            runId: dateOf(9),
            attempt: 1,
            startMs: Date.parse(dateOf(10)),
            endMs: Date.parse(dateOf(10)) + 1_000,
          },
        },
        { after: 'x', limit: 50, level: 'warn', text: 'he' },
      ],
    ]);
  });
});

describe('the log of an attempt before', () => {
  test('is found where its execution was', async () => {
    const { world } = await seeded();
    const asked: unknown[] = [];
    const logs = {
      async read(of: unknown) {
        asked.push(of);
        return { lines: [], next: 'n', end: true };
      },
    };
    const ask = asking({ ...world, logs });
    const run = `/dags/sales/runs/${dateOf(9)}`;
    await ask(`${run}:clear`, { body: { onlyFailed: true } });
    const path = `${run}/tasks/load/tries/3/logs`;
    expect((await ask(`${path}?attempt=1`)).status).toBe(200);
    expect((await ask(path)).status).toBe(200);
    expect(await reply(ask, `${path}?attempt=3`)).toMatchObject({ status: 404, code: 'unknown-attempt' });
    expect(asked).toMatchObject([
      { execution: 'e9', task: 'load', try: 3, run: { attempt: 1 } },
      { execution: `sales-${dateOf(9)}-2`, task: 'load', try: 3, run: { attempt: 2 } },
    ]);
  });
});

describe('the calendar', () => {
  test('counts runs by day, and plans those to come', async () => {
    const { world } = await seeded();
    const calendar = await reply(asking(world), '/dags/sales/calendar?from=2026-01-04&to=2026-01-13');
    expect(calendar['cells']).toEqual([
      ['2026-01-04', 's1'],
      ['2026-01-05', 'q1s1'],
      ['2026-01-06', 's1'],
      ['2026-01-07', 's1'],
      ['2026-01-08', 's1'],
      ['2026-01-09', 'f1'],
      ['2026-01-10', 'r1'],
    ]);
    expect(calendar['planned']).toEqual([
      ['2026-01-11', 1],
      ['2026-01-12', 1],
      ['2026-01-13', 1],
    ]);
  });
});

describe('the summary', () => {
  test('names what fails, is late and goes on', async () => {
    const { world } = await seeded();
    expect(await reply(asking(world), '/summary?hours=48')).toMatchObject({
      counts: { failing: 1, running: 1, queued: 1, late: 2, paused: 1, backfills: 1, dags: 2 },
      failing: [{ dag: 'sales', run: dateOf(9), task: 'load', try: 3, error: 'OutOfMemory' }],
      late: [{ run: `${dateOf(5)}~01J0` }, { run: dateOf(10), expected: '2026-01-11T01:00:00Z' }],
      buckets: [[dateOf(10), 'f1']],
    });
  });
});

describe('ETags', () => {
  test('save a reply that is the same, and change with it', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const path = `/dags/sales/runs/${dateOf(9)}`;
    const etag = (await ask(path)).headers.get('etag') ?? '';
    const same = await ask(path, { headers: { 'if-none-match': `"other", W/${etag}` } });
    expect({ status: same.status, text: await same.text(), etag: same.headers.get('etag') }).toEqual({
      status: 304,
      text: '',
      etag,
    });
    await world.store.runs.update(
      { dagId: 'sales', runId: dateOf(9) },
      { states: ['failed'] },
      { note: 'seen' },
    );
    expect((await ask(path, { headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  test('of a head request are those of its GET, without a body', async () => {
    const { world } = await seeded();
    const ask = asking(world);
    const [get, head] = [await ask('/dags'), await ask('/dags', { method: 'HEAD' })];
    expect({ status: head.status, etag: head.headers.get('etag'), text: await head.text() }).toEqual({
      status: 200,
      etag: get.headers.get('etag'),
      text: '',
    });
  });
});
