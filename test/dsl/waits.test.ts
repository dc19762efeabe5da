/** Sensors and approvals as the data they are. */
import { describe, expect, test } from 'vitest';
import { declareDag } from '../../lib/dsl/dag.ts';
import { approve, connection, fn, sensor, sql, text } from '../../lib/index.ts';
import { bodyOf } from '../../lib/model/bodies.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { told, untyped } from './told.ts';

/** What is declared, whatever the rules say of it. */
const dag = declareDag(() => []);

const shop = connection.http('shop');
const warehouse = connection.sql('warehouse');
const poke = { pokeEvery: '1m', backoff: 1, timeout: '7d', softFail: false };

function calls({ tasks }: DagNode) {
  return Object.fromEntries(
    tasks.map(({ id, call, timeout, upstream }) => [id, { call, timeout, upstream }]),
  );
}

describe('a sensor', () => {
  test('looks by a function, a request, a query or files', () => {
    const node = dag('d', { defaults: { timeout: '30m' } }, ({ task, run }) => {
      const day = task(
        'day',
        fn(() => 'x'),
      );
      task(
        'alone',
        sensor.fn(() => true),
      );
      task(
        'fn',
        sensor.fn({ day: day.output }, ({ day }) => day, {
          pokeEvery: '5s',
          exponential: true,
          maxPokeEvery: '1h',
        }),
      );
      task('http', sensor.http({ connection: shop, path: '/x', query: { day: day.output }, notYet: [202] }));
      task('sql', sensor.sql(warehouse, sql`select 1 where day = ${day.output}`, { softFail: true }));
      task('file', sensor.file(text`in/${run.interval.date}/*.csv`, { timeout: '2h' }));
      task('late', sensor.file('a.csv'), { timeout: '1h' });
    });
    const ref = { $ref: { kind: 'output', task: 'day', path: [] } };
    expect(calls(node)).toMatchObject({
      alone: { call: { kind: 'sensor', sensor: 'fn', args: null, poke }, timeout: undefined, upstream: [] },
      fn: {
        call: {
          sensor: 'fn',
          args: { day: ref },
          poke: { ...poke, pokeEvery: '5s', backoff: 2, maxPokeEvery: '1h' },
        },
        upstream: [{ task: 'day' }],
      },
      http: {
        call: {
          sensor: 'http.request',
          connection: 'shop',
          args: { method: 'GET', path: '/x', query: { day: ref }, notYet: [202] },
        },
        upstream: [{ task: 'day' }],
      },
      sql: {
        call: {
          sensor: 'sql.query',
          connection: 'warehouse',
          args: { statements: [{ parts: ['select 1 where day = ', { value: ref }] }] },
          poke: { ...poke, softFail: true },
        },
      },
      file: { call: { sensor: 'file.exists', poke: { ...poke, timeout: '2h' } }, timeout: undefined },
      late: { call: { poke: { ...poke, timeout: '1h' } }, timeout: undefined },
    });
    expect(node.connections.map(({ name }) => name)).toEqual(['shop', 'warehouse']);
    expect(node.tasks.filter(({ id }) => bodyOf(node, id) !== undefined).map(({ id }) => id)).toEqual([
      'day',
      'alone',
      'fn',
    ]);
  });

  test('with a condition over an answer looks by a function', async () => {
    const node = dag('d', {}, ({ task }) => {
      task('a', sensor.http({ connection: shop, path: '/x', until: ({ body }) => body.done === true }));
    });
    expect(calls(node)['a']?.call).toEqual({ kind: 'sensor', sensor: 'fn', args: { path: '/x' }, poke });
    expect(node.connections).toEqual([{ name: 'shop', kind: 'http' }]);
    const look = (status: number, body: unknown) =>
      bodyOf(node, 'a')?.(
        { path: '/x' },
        { http: () => ({ request: async () => ({ status, headers: {}, body }) }) },
      );
    expect(await look(200, { done: true })).toEqual({ status: 200, headers: {}, body: { done: true } });
    expect(await look(200, { done: false })).toBeUndefined();
    expect(await look(404, {})).toBeUndefined();
    await expect(look(503, {})).rejects.toMatchObject({ name: 'Http.503' });
  });

  test('waits until an instant', () => {
    const node = dag('d', { defaults: { timeout: '30m' } }, ({ task, run }) => {
      task('a', sensor.at('2026-08-22T06:00:00Z'));
      task('b', sensor.at(run.interval.end));
    });
    expect(calls(node)).toEqual({
      a: { call: { kind: 'at', instant: '2026-08-22T06:00:00Z' }, timeout: undefined, upstream: [] },
      b: {
        call: { kind: 'at', instant: { $ref: { kind: 'run', path: ['interval', 'end'] } } },
        timeout: undefined,
        upstream: [],
      },
    });
  });
});

test('an approval asks, with a week of time', () => {
  const node = dag('d', { defaults: { timeout: '30m' } }, ({ task }) => {
    const count = task(
      'count',
      fn(() => 1),
    );
    task('a', approve({ message: text`Load ${count.output}?` }));
    task('b', approve({ message: 'How?', choices: ['fast', 'slow', 'no'], rejects: ['no'], timeout: '8h' }));
    task('c', approve({ message: 'How?', choices: ['fast', 'slow'] }), { timeout: '1h' });
  });
  expect(calls(node)).toMatchObject({
    a: {
      call: { kind: 'approve', choices: ['approve', 'reject'], rejects: ['reject'] },
      timeout: '7d',
      upstream: [{ task: 'count' }],
    },
    b: { call: { message: 'How?', choices: ['fast', 'slow', 'no'], rejects: ['no'] }, timeout: '8h' },
    c: { call: { choices: ['fast', 'slow'], rejects: [] }, timeout: '1h' },
  });
});

test('a mapped task may wait, too', () => {
  const node = dag('d', {}, ({ task }) => {
    task.map('a', ['x', 'y'], (name) => sensor.file(text`${name}.csv`));
  });
  expect(calls(node)['a']?.call).toMatchObject({
    sensor: 'file.exists',
    args: { path: { $ref: { parts: [{ $ref: { kind: 'item', of: 'a', path: [] } }, '.csv'] } } },
  });
});

test('mistakes are told at their place', () => {
  const problems = told(() =>
    dag('d', {}, ({ task }) => {
      task('a', sensor.fn(untyped(1)));
      task('b', sensor.file('x', untyped({ pokeEver: '1m' })));
      task('c', approve(untyped({ message: 'x', choice: ['a'] })));
      task('e', sensor.sql(warehouse, untyped('select 1')));
      task('f', sensor.file(untyped(new Date(0))));
    }),
  );
  expect(problems).toMatchInlineSnapshot(`
    [
      "dag "d" › task "a": must be a sensor with a function, got sensor.fn without one; write sensor.fn(async () => …)",
      "dag "d" › task "b" › sensor › pokeEver: is no option; did you mean "pokeEvery"?",
      "dag "d" › task "c" › approve › choice: is no option; did you mean "choices"?",
      "dag "d" › sensor.sql › statement 1: must be a statement of the tag sql, got "select 1"; write sql\`…\`",
      "dag "d" › task "f" › path: must be JSON or a Ref, got a Date; give its toISOString()",
    ]
  `);
});
