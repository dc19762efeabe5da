import { expect, test } from 'vitest';
import { engineArguments } from '../../../lib/compiler/rules/engine-arguments.ts';
import { unknownEngine } from '../../../lib/compiler/rules/unknown-engine.ts';
import { wrongConnectionKind } from '../../../lib/compiler/rules/wrong-connection-kind.ts';
import type { CallNode } from '../../../lib/model/task.ts';
import { node, QUERY, sales, told } from './graphs.ts';

const WAREHOUSE = {
  connections: [
    { name: 'warehouse', kind: 'sql' as const },
    { name: 'shop', kind: 'http' as const },
  ],
};
const call = (engine: string, connection?: string): CallNode => ({
  ...QUERY,
  kind: 'engine',
  engine,
  args: {},
  ...(connection === undefined ? {} : { connection }),
});

test('an engine there is not is told with the nearest one', () => {
  const tasks = [
    node('a', { call: call('sql.qurey') }),
    node('b', { call: call('oracle.forms.run') }),
    node('c', { call: QUERY }),
  ];
  expect(told(unknownEngine, sales(tasks, WAREHOUSE))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "a" › engine: must be an engine there is, got "sql.qurey"; did you mean "sql.query"?",
      "dag "sales" › task "b" › engine: must be an engine there is, got "oracle.forms.run"; there is sql.query, sql.execute, sql.transaction, http.request, lambda.invoke, glue.startJob, athena.query, ecs.runTask, emrServerless.startJobRun, stepFunctions.startExecution, dag.trigger",
    ]
  `);
});

test('a connection of another kind, an unknown one and none are told', () => {
  const tasks = [
    node('kind', { call: { ...QUERY, connection: 'shop' } }),
    node('typo', { call: { ...QUERY, connection: 'warehuose' } }),
    node('none', { call: { kind: 'engine', engine: 'sql.query', args: {} } }),
    node('good', { call: QUERY }),
  ];
  expect(told(wrongConnectionKind, sales(tasks, WAREHOUSE))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "kind" › connection: must be of kind sql for sql.query, got "shop" of kind http; use a connection.sql('…')",
      "dag "sales" › task "typo" › connection: must be a connection of this DAG, got "warehuose"; did you mean "warehouse"?",
      "dag "sales" › task "none" › connection: must be a connection of kind sql for sql.query, got none; declare one: connection.sql('name')",
    ]
  `);
});

test('one name for connections of two kinds is told', () => {
  const connections = [
    { name: 'shop', kind: 'http' as const },
    { name: 'shop', kind: 'sql' as const },
  ];
  expect(told(wrongConnectionKind, sales([node('a')], { connections }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › connection "shop": must be of one kind, got http and sql; give one of the two another name",
    ]
  `);
});

test('arguments the engine refuses are told where they stand', () => {
  const tasks = [
    node('a', {
      call: {
        kind: 'engine',
        engine: 'http.request',
        connection: 'shop',
        args: { method: 'FETCH', path: '/orders' },
      },
    }),
  ];
  expect(told(engineArguments, sales(tasks, WAREHOUSE))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "a" › method: must be an HTTP method, got "FETCH"; write one of GET, HEAD, POST, PUT, PATCH, DELETE",
    ]
  `);
});
