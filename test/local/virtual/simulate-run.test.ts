import { describe, expect, test } from 'vitest';
import {
  approve,
  connection,
  dag,
  every,
  FailTask,
  fn,
  HttpError,
  param,
  SkipTask,
  sensor,
} from '../../../lib/index.ts';
import { simulateRun } from '../../../lib/local/virtual/simulate-run.ts';
import { dailySales } from '../../../pipelines/daily-sales.ts';

const slow = dag('slow', { schedule: every('1d'), start: '2026-01-01', deadline: '1m' }, ({ task }) => {
  task(
    'wait',
    fn(() => 1),
  );
});

const busy = { outcome: 'failed', error: 'Http.503' } as const;

describe('one run in virtual time', () => {
  test('is of a real interval of the schedule, and starts when that ends', async () => {
    const seen: unknown[] = [];
    const { run, state, tasks } = await simulateRun(dailySales, {
      logicalDate: '2026-03-29',
      script: { fetch: [busy, busy, {}] },
      onTry: ({ args, execution }) => seen.push([args?.['day'], execution.run.type]),
    });
    expect({ state, type: run.type, startedAt: run.startedAt }).toEqual({
      state: 'success',
      type: 'scheduled',
      startedAt: '2026-03-30T00:00:00Z',
    });
    // The night on which 02:00 does not exist in Berlin.
    expect(run.interval).toEqual({
      start: '2026-03-29T01:00:00Z',
      end: '2026-03-30T00:00:00Z',
      date: '2026-03-29',
    });
    expect(tasks['fetch']).toEqual({ state: 'success', startSec: 0, endSec: 3 + 1 + 2, tries: 3 });
    expect(seen[0]).toEqual(['2026-03-29', 'scheduled']);
  });

  test('is of the first interval where none is named', async () => {
    expect((await simulateRun(dailySales)).run.logicalDate).toBe('2026-01-01T01:00:00Z');
  });

  test('gives what each task gave, and the ledger’s view of a failure', async () => {
    const { state, run, outputs } = await simulateRun(dailySales, {
      script: {
        fetch: [{ output: { path: 'raw.json' } }],
        load: [{ outcome: 'failed', error: 'Sql.Error' }],
      },
    });
    expect(state).toBe('failed');
    expect(outputs).toEqual({ fetch: { path: 'raw.json' }, paid: {}, refunded: {} });
    expect(run).toMatchObject({
      state: 'failed',
      cells: 'sssfuu',
      failed: [{ task: 'load', try: 3, error: 'Sql.Error' }],
    });
  });

  test('tells whom it would tell, once: of a failure, of what is late', async () => {
    const failed = await simulateRun(dailySales, {
      script: { load: [{ outcome: 'failed', error: 'Sql.Error' }] },
    });
    expect(failed.messages).toMatchObject([
      {
        kind: 'failed',
        at: '2026-01-02T01:03:05Z',
        subject: 'daily_sales 2026-01-01T01:00:00Z failed: load: Sql.Error: try 3 fails',
        command: 'tutti clear daily_sales 2026-01-01T01:00:00Z --failed',
      },
    ]);
    const lateFor = async (durationSec: number) =>
      (await simulateRun(slow, { script: { wait: [{ durationSec }] } })).messages.map(({ kind, at }) => [
        kind,
        at,
      ]);
    expect(await lateFor(100)).toEqual([['late', '2026-01-02T00:01:01Z']]);
    expect(await lateFor(59)).toEqual([]);
  });

  test.each([
    ['an unknown param', { params: { regoin: 'west' } }, 'unknown-param'],
    ['a date before the start', { logicalDate: '2025-12-01' }, 'invalid-logical-date'],
    ['a date that is none', { logicalDate: '2026-02-30' }, 'invalid-logical-date'],
  ])('refuses %s', async (_, options, code) => {
    await expect(simulateRun(dailySales, options)).rejects.toMatchObject({ code });
  });
});

const shop = connection.http('shop');

const orders = dag(
  'orders',
  {
    schedule: every('1d'),
    start: '2026-01-01',
    params: { region: param.string({ default: 'all' }) },
    defaults: { retries: { attempts: 1, delay: '1m' } },
  },
  ({ task, branch, run, params }) => {
    const day = run.interval.date;
    const fetch = task(
      'fetch',
      fn({ day, region: params.region }, async ({ day, region }, { http, files, secret, state }) => {
        const found = await http(shop).get<readonly { readonly id: string }[]>('/orders', {
          query: { day, region },
        });
        const runs = ((await state.get<number>('runs')) ?? 0) + 1;
        await state.set('runs', runs);
        return {
          path: await files.write(`raw/${day}.json`, found),
          count: found.length,
          key: await secret('KEY'),
          runs,
        };
      }),
    );
    const size = branch(
      'size',
      fn({ count: fetch.output.count }, ({ count }) => (count > 1 ? 'big' : 'small')),
    );
    task(
      'many',
      fn({ path: fetch.output.path }, async ({ path }, { files }) => ({ ids: await files.json(path) })),
      { after: size.to('big') },
    );
    task(
      'few',
      fn(() => 1),
      { after: size.to('small') },
    );
  },
);

describe('functions of a run in virtual time', () => {
  const around = { bodies: true, secrets: { KEY: 'k' }, logicalDate: '2026-01-05' } as const;
  const two = [{ id: 'a' }, { id: 'b' }];

  test('run between fakes, and choose, read and write for real', async () => {
    const asked: unknown[] = [];
    const run = await simulateRun(orders, {
      ...around,
      params: { region: 'west' },
      http: {
        shop: ({ method, path, query }) => {
          asked.push([method, path, query]);
          return two;
        },
      },
    });
    expect(asked).toEqual([['GET', '/orders', { day: '2026-01-05', region: 'west' }]]);
    expect(run.state).toBe('success');
    expect(run.outputs).toEqual({
      fetch: { path: 'raw/2026-01-05.json', count: 2, key: 'k', runs: 1 },
      size: 'big',
      many: { ids: two },
    });
    expect(run.tasks['few']?.state).toBe('skipped');
    expect(run.files).toEqual({ 'raw/2026-01-05.json': JSON.stringify(two) });
  });

  test('are tried again after what they throw, in virtual time', async () => {
    let calls = 0;
    const run = await simulateRun(orders, {
      ...around,
      http: {
        shop: () => {
          calls += 1;
          if (calls === 1) throw new HttpError(503, 'busy');
          return [];
        },
      },
    });
    expect(run.state).toBe('success');
    expect(run.tasks['fetch']).toEqual({ state: 'success', startSec: 0, endSec: 60, tries: 2 });
    expect(run.outputs['size']).toBe('small');
  });

  test('find files that the test gives; what the script says goes first', async () => {
    const run = await simulateRun(orders, {
      ...around,
      files: { 'given.json': two },
      script: { fetch: [{ output: { path: 'given.json', count: 9 } }] },
    });
    expect(run.outputs['many']).toEqual({ ids: two });
  });

  test('are told which fakes are missing', async () => {
    const without = await simulateRun(orders, { bodies: true });
    expect(without.run.failed?.[0]).toMatchObject({ task: 'fetch', error: 'Dag.UnknownConnection' });
    const keyless = await simulateRun(orders, { bodies: true, http: { shop: () => [] } });
    expect(keyless.run.failed?.[0]).toMatchObject({ error: 'Dag.UnknownSecret' });
  });

  test('skip, fail for good, look until something is there, and wait for people', async () => {
    let looks = 0;
    const waits = dag('waits', { defaults: { retries: { attempts: 3, delay: '1m' } } }, ({ task }) => {
      task(
        'skips',
        fn(() => {
          throw new SkipTask('nothing to do');
        }),
      );
      task(
        'fails',
        fn(() => {
          throw new FailTask('never');
        }),
      );
      task(
        'looks',
        sensor.fn(
          {},
          () => {
            looks += 1;
            return looks === 3;
          },
          { pokeEvery: '1h' },
        ),
      );
      task('asks', approve({ message: 'go on?' }));
    });
    const { tasks, state, outputs } = await simulateRun(waits, {
      bodies: true,
      script: { asks: [{ durationSec: 600, output: { choice: 'approve', at: '2026-01-02T00:10:00Z' } }] },
    });
    expect(state).toBe('failed');
    expect(tasks).toMatchObject({
      skips: { state: 'skipped', tries: 1 },
      fails: { state: 'failed', tries: 1 },
      looks: { state: 'success', endSec: 7200 },
      asks: { state: 'success', endSec: 600 },
    });
    expect(outputs['asks']).toMatchObject({ choice: 'approve' });
  });
});
