/** Calls to engines as data, and what engines check themselves. */
import { describe, expect, test } from 'vitest';
import { ENGINES, engineNamed } from '../../lib/engines/all.ts';
import { athena, command, connection, dag, glue, http, real, simulate, sql } from '../../lib/index.ts';

const warehouse = connection.sql('warehouse');
const shop = connection.http('shop');

test('every engine is found by its name', () => {
  expect(ENGINES.map(({ name }) => name)).toEqual([
    'sql.query',
    'sql.execute',
    'sql.transaction',
    'http.request',
    'lambda.invoke',
    'glue.startJob',
    'athena.query',
    'ecs.runTask',
    'emrServerless.startJobRun',
    'stepFunctions.startExecution',
    'dag.trigger',
  ]);
  for (const engine of ENGINES) expect(engineNamed(engine.name)).toBe(engine);
  expect(engineNamed('nope')).toBeUndefined();
});

test('a DAG names the connections of its calls', () => {
  const { connections } = dag('d', {}, ({ task }) => {
    task('a', warehouse.execute(sql`select 1`));
    task('b', http.request({ connection: shop, path: '/' }), { after: [] });
    task('c', warehouse.query(sql`select 2`));
  });
  expect(connections).toEqual([
    { name: 'warehouse', kind: 'sql' },
    { name: 'shop', kind: 'http' },
  ]);
});

test('a request is data', () => {
  const { tasks } = dag('d', {}, ({ task, run }) => {
    task(
      'a',
      http.request({
        connection: shop,
        method: 'POST',
        path: '/orders',
        query: { day: run.interval.date },
        body: { a: [1] },
      }),
    );
  });
  expect(tasks[0]?.call).toEqual({
    kind: 'engine',
    engine: 'http.request',
    connection: 'shop',
    args: {
      method: 'POST',
      path: '/orders',
      query: { day: { $ref: { kind: 'run', path: ['interval', 'date'] } } },
      body: { a: [1] },
    },
  });
});

describe('a stand-in', () => {
  const output = { queryExecutionId: 'q', outputLocation: 's3://b/q.csv', dataScannedInBytes: 1 };

  test.each([
    [
      simulate({ output, after: '5s', failTimes: 1 }),
      { kind: 'simulate', output, after: '5s', failTimes: 1 },
    ],
    [command(['node', 'job.js']), { kind: 'command', command: ['node', 'job.js'] }],
    [real, { kind: 'real' }],
  ])('%j is data beside the call', (local, expected) => {
    const { tasks } = dag('d', {}, ({ task }) => {
      task('a', athena.query({ queryString: 'select 1', local }));
    });
    expect(tasks[0]?.call).toEqual({
      kind: 'engine',
      engine: 'athena.query',
      args: { queryString: 'select 1' },
      local: expected,
    });
  });

  test('is left out where none is given', () => {
    const { tasks } = dag('d', {}, ({ task }) =>
      task('a', glue.startJob({ jobName: 'load', arguments: { '--day': 'x' } })),
    );
    expect(tasks[0]?.call).toEqual({
      kind: 'engine',
      engine: 'glue.startJob',
      args: { jobName: 'load', arguments: { '--day': 'x' } },
    });
  });
});

describe('checks', () => {
  const checked = (name: string, args: object) =>
    engineNamed(name)
      ?.check?.({ ...args })
      .map(({ path, message }) => `${path}: ${message}`);

  test('a request has a method and a relative path', () => {
    expect(checked('http.request', { method: 'GET', path: '/x' })).toEqual([]);
    expect(checked('http.request', { method: 'GET', path: { $ref: {} } })).toEqual([]);
    expect(checked('http.request', { method: 'FETCH', path: 'https://a/b' })).toEqual([
      'method: must be an HTTP method, got "FETCH"',
      'path: must be relative to the connection\'s base URL, got "https://a/b"',
    ]);
  });

  test('a transaction has statements, a query one', () => {
    const statement = { parts: ['select 1'] };
    expect(checked('sql.query', { statements: [statement] })).toEqual([]);
    expect(checked('sql.transaction', { statements: [statement, statement] })).toEqual([]);
    expect(checked('sql.transaction', { statements: [] })).toEqual([
      'statements: must be at least one, got none',
    ]);
    expect(checked('sql.query', { statements: [statement, statement] })).toEqual([
      'statements: must be one, got 2',
    ]);
  });
});
