import { expect, test } from 'vitest';
import { malformed, repaired } from '../../../lib/compiler/rules/malformed.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { node, sales, told, untyped } from './graphs.ts';

test('every field of the wrong type is told', () => {
  const dag = untyped<DagNode>({
    id: 5,
    schedule: { kind: 'cron' },
    params: { region: null },
    runState: 'some',
    groups: {},
    connections: [1],
    tasks: [
      null,
      { id: 'load', call: { kind: 'shell' }, upstream: [{}], triggerRule: 7, retries: [3], teardownOf: 'x' },
    ],
  });
  expect(told(malformed, dag)).toMatchInlineSnapshot(`
    [
      "dag "?" › id: must be text, got 5",
      "dag "?" › schedule: must be a schedule: manual, cron, every, dates, union, once or continuous, got {"kind":"cron"}",
      "dag "?" › params: must be an object of schemas, got {"region":null}",
      "dag "?" › groups: must be a list of groups: { id, tasks, module }, got {}",
      "dag "?" › connections: must be a list of { name, kind }, got [1]",
      "dag "?" › runState: must be "leaves" or "any-failed", got "some"",
      "dag "?" › tasks[0]: must be a task with an id, got null",
      "dag "?" › task "load" › call: must be a call: { kind: "fn", … }, got {"kind":"shell"}",
      "dag "?" › task "load" › upstream: must be a list of { task, labels }, got [{}]",
      "dag "?" › task "load" › triggerRule: must be text, got 7",
      "dag "?" › task "load" › retries: must be a list of retry rules, got [3]",
      "dag "?" › task "load" › teardownOf: must be a list of ids, got "x"",
    ]
  `);
});

test('the rest of a DAG is still read', () => {
  const good = node('load', { after: ['gone'] });
  const dag = sales([untyped({ ...good, retries: 'many' }), untyped(null), good]);
  expect(repaired(dag).tasks).toEqual([good, good]);
});

test('a sound DAG is left alone', () => {
  const dag = sales([node('load')]);
  expect(told(malformed, dag)).toEqual([]);
  expect(repaired(dag)).toBe(dag);
});
