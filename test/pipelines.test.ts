/** The samples, run here on real data: what they promise, and that any date may run twice. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { compile } from '../lib/compiler/compile.ts';
import { type RunOptions, type RunOutcome, runDag } from '../lib/local/run.ts';
import type { DagNode } from '../lib/model/dag.ts';
import { simulate } from '../lib/testing.ts';
import { dailySales } from '../pipelines/daily-sales.ts';
import { etlExample } from '../pipelines/etl-example.ts';
import { flights } from '../pipelines/flights.ts';
import { lateFile } from '../pipelines/late-file.ts';
import { type Shop, startShop } from '../pipelines/support/shop.ts';
import { userDataPipeline } from '../pipelines/user-data-pipeline.ts';

let root: string;
let shop: Shop;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tutti-pipelines-'));
  shop = await startShop();
});

afterEach(async () => {
  await shop.close();
  await rm(root, { recursive: true });
});

describe('every sample', () => {
  test.each([
    ['daily_sales', dailySales, '2026-01-05', '2026-01-06'],
    ['etl_example', etlExample, '2026-01-05', '2026-01-12'],
    ['user_data_pipeline', userDataPipeline, '2024-02-29', '2024-03-01'],
    ['flights', flights, '2001-02-01', '2001-03-01'],
    ['late_file', lateFile, '2012-02-01', '2012-03-01'],
  ] as const)(
    '%s gives identical tables and files when a date runs again',
    async (_id, dag, date, other) => {
      expect(await run(dag, { logicalDate: date })).toMatchObject({ state: 'success' });
      expect(await run(dag, { logicalDate: other })).toMatchObject({ state: 'success' });
      const before = { tables: await tables(), files: await files() };
      expect(Object.values(before.tables).flat().length).toBeGreaterThan(0);
      expect(await run(dag, { logicalDate: date })).toMatchObject({ state: 'success' });
      expect({ tables: await tables(), files: await files() }).toEqual(before);
    },
    60_000,
  );
});

describe('daily_sales', () => {
  test('tries only the task again that failed, a second after a busy shop', async () => {
    await shop.close();
    shop = await startShop({ faults: 1 });
    const { state, tasks } = await run(dailySales, { logicalDate: '2026-01-05' });
    expect(state).toBe('success');
    expect(tasks.map(({ id, tries }) => [id, tries.length])).toEqual([
      ['fetch', 2],
      ['paid', 1],
      ['refunded', 1],
      ['load', 1],
      ['totals', 1],
      ['report', 1],
    ]);
    const [first, second] = tasks[0]?.tries ?? [];
    expect(first?.error).toBe('Http.503');
    expect((second?.startMs ?? 0) - (first?.endMs ?? 0)).toBeGreaterThanOrEqual(1000);
    expect(shop.requests).toHaveLength(2);
  }, 30_000);

  test('waits 1, 2 and 4 seconds for a shop that is busy three times', async () => {
    const busy = { outcome: 'failed', error: 'Http.503' } as const;
    const { tasks, state } = await simulate(compile(dailySales), { fetch: [busy, busy, busy, {}] });
    expect(state).toBe('success');
    expect(tasks['fetch']).toEqual({ state: 'success', startSec: 0, endSec: 4 + 1 + 2 + 4, tries: 4 });
  });

  test('replaces one region and leaves the others alone', async () => {
    await run(dailySales, { logicalDate: '2026-01-05' });
    const before = await tables();
    await run(dailySales, { logicalDate: '2026-01-05', params: { region: 'west' } });
    expect(await tables()).toEqual(before);
  }, 30_000);

  test('sells what the shop sold', async () => {
    await run(dailySales, { logicalDate: '2026-01-05' });
    const orders: unknown = await (await fetch(`${shop.url}/orders?day=2026-01-05`)).json();
    const { orders: paid = [], refunds = [] } = await tables();
    expect(orders).toHaveLength(paid.length + refunds.length);
    expect(await text('reports/daily-sales/date=2026-01-05.md')).toContain('# Sales of 2026-01-05');
  }, 30_000);
});

describe('user_data_pipeline', () => {
  test.each([
    ['other-columns', 'check_schema'],
    ['missing-city', 'checks.nulls'],
    ['off-the-map', 'checks.ranges'],
  ])(
    'stops at %s: nothing is loaded and the owner is told',
    async (deliver, check) => {
      const logicalDate = '2024-02-29';
      await run(userDataPipeline, { logicalDate });
      const { users } = await tables();
      const { state, tasks } = await run(userDataPipeline, { logicalDate, params: { deliver } });
      const states = Object.fromEntries(tasks.map((task) => [task.id, task.state]));
      expect(state).toBe('failed');
      expect(states).toMatchObject({
        [check]: 'failed',
        load: 'upstream_failed',
        refresh_dashboard: 'upstream_failed',
        tell_owner: 'success',
      });
      expect((await tables())['users']).toEqual(users);
      expect(await text('alerts/users/date=2024-02-29.txt')).toContain('were not loaded');
    },
    30_000,
  );
});

describe('flights', () => {
  test('is no series-parallel graph: an edge of it is a latch', () => {
    expect(compile(flights).plan.latches.length).toBeGreaterThan(0);
  });

  test('sums up airports while a check that they do not need still runs', async () => {
    const { tasks } = await simulate(compile(flights), { check_complete: [{ durationSec: 100 }] });
    expect(tasks['airports']?.startSec).toBe(tasks['check_values']?.endSec);
    expect(tasks['daily']?.startSec).toBe(tasks['check_complete']?.endSec);
  });

  test('partitions half a million rows by day and publishes the month', async () => {
    await run(flights, { logicalDate: '2001-02-15' });
    const { flights_daily: days = [], flights: rows = [] } = await tables();
    expect(rows).toEqual([{ rows: '458170', hash: expect.any(String) }]);
    expect(days).toHaveLength(28);
    const { worst, busiest } = JSON.parse(await text('published/flights/month=2001-02.json'));
    expect(worst[0]).toMatchObject({ airport: 'JFK', flights: 4604 });
    expect(busiest[0]).toMatchObject({ day: '2001-02-01', flights: 17_110 });
  }, 60_000);
});

describe('late_file', () => {
  test('waits for the file that comes late, then loads each part of it', async () => {
    const { state, tasks } = await run(lateFile, { logicalDate: '2012-02-01', params: { late: 1 } });
    expect(state).toBe('success');
    const { arrived, load } = Object.fromEntries(tasks.map((task) => [task.id, task]));
    expect(arrived?.tries).toHaveLength(1);
    expect(load?.instances?.map(({ label, state: of }) => [label, of])).toEqual(
      [1, 2, 3, 4].map((part) => [`incoming/weather/month=2012-02-01/part-${part}.csv`, 'success']),
    );
    expect((await tables())['weather']).toHaveLength(29);
    expect(JSON.parse(await text('published/weather/month=2012-02-01.json'))).toEqual({
      days: 29,
      rain: 92.3,
      warmest: 16.1,
    });
  }, 30_000);

  test('gives up after an hour, having looked 21 times, and is skipped: no failure', async () => {
    const never = { outcome: 'notReady', durationSec: 0 } as const;
    const { tasks, state, transitions } = await simulate(compile(lateFile), { arrived: [never] });
    expect(state).toBe('success');
    expect(tasks['arrived']).toMatchObject({ state: 'skipped', startSec: 0, endSec: 3811 });
    expect(tasks['publish']).toMatchObject({ state: 'skipped' });
    expect(transitions).toBeLessThan(30);
  });
});

describe('the first command of the README', () => {
  test('runs daily_sales, shows the retry, and says where the data is', async () => {
    for (const name of ['lib', 'node_modules', 'package.json', 'pipelines', 'tutti.config.ts']) {
      await symlink(resolve(name), join(root, name));
    }
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['dist/tutti.js', 'run', 'daily_sales', '-C', root],
      {
        env: { TUTTI_DEMO_FAULTS: '1', NO_COLOR: '1' },
      },
    );
    expect(stdout).toContain('answered 503');
    expect(stdout).toContain('fetch (try 2)');
    expect(stdout).toContain('.tutti/warehouse.duckdb');
    expect(await readdir(join(root, '.tutti', 'data', 'reports', 'daily-sales'))).toHaveLength(1);
  }, 60_000);
});

function run(dag: DagNode, options: Partial<RunOptions>): Promise<RunOutcome> {
  const connections = {
    warehouse: { kind: 'sql' },
    shop: { kind: 'http', baseUrl: shop.url },
  } as const;
  return runDag(dag, { root, environment: { name: 'local', connections }, ...options });
}

type Rows = readonly unknown[];

/** Every table of the warehouse, sorted; a table of more than 10,000 rows as its number of rows and a hash of all. */
async function tables(): Promise<Readonly<Record<string, Rows>>> {
  const instance = await DuckDBInstance.create(join(root, '.tutti', 'warehouse.duckdb'), {
    access_mode: 'READ_ONLY',
  });
  const connection = await instance.connect();
  const rowsOf = async (query: string) => (await connection.runAndReadAll(query)).getRowObjectsJson();
  const found: Record<string, Rows> = {};
  for (const { table_name: name } of await rowsOf('select table_name from information_schema.tables')) {
    const [size] = await rowsOf(`select count(*)::integer as rows from "${name}"`);
    const hashed = Number(size?.['rows']) > 10_000;
    const query = hashed ? 'select count(*) as rows, sum(hash(t)::hugeint) as hash from' : 'select * from';
    found[String(name)] = await rowsOf(`${query} "${name}" t order by all`);
  }
  connection.closeSync();
  instance.closeSync();
  return found;
}

/** Hash of every data file by its path. */
async function files(): Promise<Readonly<Record<string, string>>> {
  const folder = join(root, '.tutti', 'data');
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    found[path] = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  }
  return found;
}

function text(path: string): Promise<string> {
  return readFile(join(root, '.tutti', 'data', path), 'utf8');
}
