import { expect, test } from 'vitest';
import { checkDag } from '../../lib/compiler/check-dag.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { choose, node, outputOf, sales, untyped } from './rules/graphs.ts';

test('all mistakes are told at once, in the order names, shape, tasks, consequences', () => {
  const dag = sales(
    [
      node('bad id!', { retries: [untyped({ attempts: 'many' })] }),
      node('a', { after: ['c'], timeout: 0 }),
      node('b', { after: ['a', 'nobody'] }),
      node('c', { after: ['b'] }),
      node('a'),
      node('size', { call: choose('big', 'small') }),
    ],
    { schedule: { kind: 'cron', expression: '61 * * * *', timezone: 'Mars', interval: 'data' } },
  );
  expect(checkDag(dag).map(({ code, path }) => `${code}  ${path}`)).toMatchInlineSnapshot(`
    [
      "task-id  dag "sales" › task "bad id!"",
      "duplicate-task-id  dag "sales" › task "a"",
      "unknown-upstream  dag "sales" › task "b" › after",
      "cycle  dag "sales"",
      "retries  dag "sales" › task "bad id!" › retries.attempts",
      "timeouts  dag "sales" › task "a" › timeout",
      "schedule  dag "sales" › schedule.cron "61 * * * *"",
      "schedule  dag "sales" › schedule.timezone",
      "label-without-listener  dag "sales" › task "size"",
      "label-without-listener  dag "sales" › task "size"",
    ]
  `);
});

test('data that is no DAG is told, whatever it is', () => {
  const junk = [
    null,
    1,
    'dag',
    [],
    {},
    { id: 5, tasks: {} },
    { id: 'x', tasks: [null, { id: 'a', upstream: [null], call: { kind: 'fn', inputs: { $ref: null } } }] },
  ];
  for (const data of junk) expect(checkDag(untyped<DagNode>(data))).not.toEqual([]);
});

test('knots, unknown tasks and self-references together do not hide each other', () => {
  const dag = sales([
    node('a', { after: ['a', 'b'], call: { kind: 'fn', inputs: outputOf('a') } }),
    node('b', { after: ['a', 'gone'], teardownOf: ['b'], triggerRule: 'always' }),
    node('c', { after: ['b'], triggerRule: 'all_done', call: { kind: 'fn', inputs: outputOf('z') } }),
  ]);
  expect(checkDag(dag).map(({ code }) => code)).toMatchInlineSnapshot(`
    [
      "unknown-upstream",
      "cycle",
      "cycle",
      "teardown",
      "trigger-rule",
      "ref-not-upstream",
      "ref-not-upstream",
    ]
  `);
});

test('20,000 mistakes are told, each once', () => {
  const tasks = Array.from({ length: 10_000 }, (_, index) => node(`t ${index}`, { after: [`gone${index}`] }));
  expect(checkDag(sales(tasks))).toHaveLength(20_000);
});
