/** Defaults that are longer than a function may run. */
import { expect, test } from 'vitest';
import { startCollecting } from '../../lib/dsl/collect.ts';
import { connection, dag, fn, sensor, sql } from '../../lib/index.ts';
import type { DagNode } from '../../lib/model/dag.ts';

const one = fn(() => 1);
const warehouse = connection.sql('warehouse');

function declared(declare: () => DagNode) {
  const collection = startCollecting();
  try {
    const { tasks } = declare();
    return {
      timeouts: Object.fromEntries(tasks.map(({ id, timeout }) => [id, timeout])),
      problems: collection.problems.map(({ severity, code, path, message, remedy, at }) => ({
        told: `${severity} ${code} ${path}: ${message}; ${remedy}`,
        hasPlace: at?.file.endsWith('default-timeouts.test.ts'),
      })),
    };
  } finally {
    collection.stop();
  }
}

test('functions are ended after 15 minutes, which is told once, with the first; engines have the time', () => {
  const { timeouts, problems } = declared(() =>
    dag('d', { defaults: { timeout: '1h' } }, ({ task }) => {
      task('rows', warehouse.query(sql`select 1 as a`));
      task('short', one, { timeout: '5m' });
      task('a', one);
      task('b', one);
    }),
  );
  expect(timeouts).toEqual({ rows: '1h', short: '5m', a: '15m', b: '15m' });
  expect(problems).toEqual([
    {
      told: `warning default-timeout dag "d" › defaults › timeout: must be at most 15m where it is for functions, got 1h: task "a", and every function without a timeout of its own, is ended after 15m; write timeout: '15m' there, and the longer one at the tasks that it is for`,
      hasPlace: true,
    },
  ]);
});

test('defaults of a group are told as well, in seconds too', () => {
  const { problems } = declared(() =>
    dag('d', { defaults: { timeout: '10m' } }, ({ group }) => {
      group('g', ({ task }) => void task('a', one), { defaults: { timeout: 1800 } });
    }),
  );
  expect(problems.map(({ told }) => told)).toEqual([expect.stringContaining('got 1800s: task "g.a"')]);
});

test.each([
  ['of 15 minutes', () => dag('d', { defaults: { timeout: '15m' } }, ({ task }) => void task('a', one))],
  [
    'that no function has',
    () =>
      dag('d', { defaults: { timeout: '1h' } }, ({ task }) => {
        task(
          'own',
          fn(() => 1, { timeout: '5m' }),
        );
        task('rows', warehouse.query(sql`select 1 as a`));
        task('file', sensor.file('a.csv'));
      }),
  ],
])('defaults %s are not told', (_, declare) => {
  expect(declared(declare).problems).toEqual([]);
});
