import { expect, test } from 'vitest';
import { pools } from '../../../lib/compiler/rules/pools.ts';
import type { PoolNode } from '../../../lib/model/dag.ts';
import { node, sales, told, untyped } from './graphs.ts';

const holding = (name: string, slots: unknown = 1) =>
  node('load', { pool: untyped<PoolNode>({ name, slots }) });

test('a pool has places, and one number of them', () => {
  const declared = [
    { name: 'none', slots: 0 },
    { name: 'half', slots: 0.5 },
    { name: 'warehouse', slots: 4 },
    { name: 'warehouse', slots: 5 },
  ];
  expect(told(pools, sales([], { pools: declared }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › pool "none" › slots: must be a whole number from 1, got 0; write how many tasks may run at the same time",
      "dag "sales" › pool "half" › slots: must be a whole number from 1, got 0.5; write how many tasks may run at the same time",
      "dag "sales" › pool "warehouse": must be declared once, got 4 and 5 slots; export const warehouse = pool('warehouse', …) once, and import it",
    ]
  `);
});

test('a task asks for what there is', () => {
  const declared = [{ name: 'warehouse', slots: 4 }];
  const tasks = [
    holding('warehouse', 4),
    holding('warehouse', 5),
    holding('warehouse', 0),
    holding('warehous'),
  ];
  expect(told(pools, sales(tasks, { pools: declared }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › pool.slots: must be at most the 4 of "warehouse", got 5: it would wait for ever; ask for fewer, or give the pool more",
      "dag "sales" › task "load" › pool.slots: must be a whole number from 1, got 0; leave it out for one",
      "dag "sales" › task "load" › pool: must be a pool of this DAG, got "warehous"; did you mean "warehouse"?",
    ]
  `);
  expect(told(pools, sales([holding('x')]))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "load" › pool: must be a pool of this DAG, got "x"; add it to the pools of the DAG",
    ]
  `);
});

test('what the machine decides itself holds no place', () => {
  const pool = { name: 'warehouse', slots: 1 };
  const tasks = [
    node('wait', { call: { kind: 'at', instant: '2026-08-22T06:00:00Z' }, pool }),
    node('size', { call: { kind: 'choose', cases: [] }, pool }),
  ];
  expect(told(pools, sales(tasks, { pools: [{ name: 'warehouse', slots: 4 }] }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "wait" › pool: must be held by a task that calls something, got a wait until an instant; leave it out",
      "dag "sales" › task "size" › pool: must be held by a task that calls something, got a choose by an expression; leave it out",
    ]
  `);
});
