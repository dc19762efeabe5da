/** The example of the DSL's design, word for word, and the data it is. */
import { expect, expectTypeOf, test } from 'vitest';
import { connection, cron, dag, file, fn, param, type Ref, sql, type Task } from '../../lib/index.ts';
import { bodyOf } from '../../lib/model/bodies.ts';

const warehouse = connection.sql('warehouse'); // bound per environment: DuckDB here, Athena on AWS
const shop = connection.http('shop'); // base URL and secret per environment

const dailySales = dag(
  'daily_sales',
  {
    description: 'Yesterday’s orders, cleaned, loaded and reported.',
    owner: 'sales-data',
    tags: ['sales', 'tier-1'],
    schedule: cron('0 2 * * *', { timezone: 'Europe/Berlin' }),
    start: '2026-01-01',
    catchup: true,
    maxActiveRuns: 1,
    defaults: {
      retries: { attempts: 3, delay: '1m', backoff: 2, maxDelay: '15m', jitter: true },
      timeout: '30m',
    },
    params: { region: param.string({ default: 'eu', enum: ['eu', 'us'] }) },
  },
  ({ task, run, params }) => {
    const fetch = task(
      'fetch',
      fn({ day: run.interval.start, region: params.region }, async ({ day, region }, { http, files }) => {
        expectTypeOf(day).toEqualTypeOf<string>();
        expectTypeOf(region).toEqualTypeOf<'eu' | 'us'>();
        const orders = await http(shop).get('/orders', { query: { day, region } });
        const path = await files.write(`raw/orders/date=${day}/orders.json`, orders);
        return { path, rows: orders.length };
      }),
    );
    expectTypeOf(fetch.output.path).toEqualTypeOf<Ref<string>>();
    expectTypeOf(fetch).toExtend<Task<unknown, 'fetch'>>();

    const load = task(
      'load',
      warehouse.transaction(
        sql`delete from orders where day = ${run.interval.date}`,
        sql`insert into orders select * from ${file.json(fetch.output.path)}`,
      ),
    );

    task(
      'report',
      warehouse.query(
        sql`select region, sum(amount) from orders where day = ${run.interval.date} group by 1`,
      ),
      {
        after: [load],
      },
    );
  },
);

const date = { $ref: { kind: 'run', path: ['interval', 'date'] } };
const retries = [{ attempts: 3, delay: '1m', backoff: 2, maxDelay: '15m', jitter: true }];
const common = { triggerRule: 'all_success', retries, timeout: '30m' };

test('the example of the design is plain data', () => {
  expect(withoutPlaces(dailySales)).toEqual({
    id: 'daily_sales',
    description: 'Yesterday’s orders, cleaned, loaded and reported.',
    owner: 'sales-data',
    tags: ['sales', 'tier-1'],
    schedule: { kind: 'cron', expression: '0 2 * * *', timezone: 'Europe/Berlin', interval: 'data' },
    start: '2026-01-01',
    catchup: true,
    maxActiveRuns: 1,
    runState: 'leaves',
    params: { region: { type: 'string', default: 'eu', enum: ['eu', 'us'] } },
    groups: [],
    connections: [{ name: 'warehouse', kind: 'sql' }],
    tasks: [
      {
        ...common,
        id: 'fetch',
        // A function may take no longer, whatever the default is.
        timeout: '15m',
        upstream: [],
        call: {
          kind: 'fn',
          inputs: {
            day: { $ref: { kind: 'run', path: ['interval', 'start'] } },
            region: { $ref: { kind: 'param', name: 'region', path: [] } },
          },
        },
      },
      {
        ...common,
        id: 'load',
        upstream: [{ task: 'fetch' }],
        call: {
          kind: 'engine',
          engine: 'sql.transaction',
          connection: 'warehouse',
          args: {
            statements: [
              { parts: ['delete from orders where day = ', { value: date }] },
              {
                parts: [
                  'insert into orders select * from ',
                  {
                    file: {
                      format: 'json',
                      path: { $ref: { kind: 'output', task: 'fetch', path: ['path'] } },
                    },
                  },
                ],
              },
            ],
          },
        },
      },
      {
        ...common,
        id: 'report',
        upstream: [{ task: 'load' }],
        call: {
          kind: 'engine',
          engine: 'sql.query',
          connection: 'warehouse',
          args: {
            statements: [
              {
                parts: [
                  'select region, sum(amount) from orders where day = ',
                  { value: date },
                  ' group by 1',
                ],
              },
            ],
          },
        },
      },
    ],
  });
});

test('a DAG is the same after JSON', () => {
  expect(JSON.parse(JSON.stringify(dailySales))).toStrictEqual(dailySales);
});

test('a DAG is frozen, all the way down', () => {
  const isDeeplyFrozen = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(isDeeplyFrozen));
  expect(isDeeplyFrozen(dailySales)).toBe(true);
});

test('only functions have a body', () => {
  expect(bodyOf(dailySales, 'fetch')).toBeTypeOf('function');
  expect(bodyOf(dailySales, 'load')).toBeUndefined();
});

test('a DAG and its tasks know where they were written', () => {
  const lines = [dailySales, ...dailySales.tasks].map(({ at }) => at?.line ?? 0);
  expect(dailySales.at?.file).toMatch(/test\/dsl\/daily-sales\.test\.ts$/);
  expect(lines.every((line) => line > 5 && line < 65)).toBe(true);
  expect(lines).toEqual([...lines].sort((one, other) => one - other));
});

function withoutPlaces(value: object): unknown {
  return JSON.parse(JSON.stringify(value, (key, item) => (key === 'at' ? undefined : item)));
}
