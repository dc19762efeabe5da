import { expect, test } from 'vitest';
import { loops } from '../../../lib/compiler/rules/loops.ts';
import type { LoopNode } from '../../../lib/model/module.ts';
import { loopOf, node, outputOf, sales, told, unit, untyped } from './graphs.ts';

function looping(loop: object) {
  return sales([node('pages.turn')], { groups: [unit('pages', loopOf('pages', untyped<LoopNode>(loop)))] });
}

test('a loop has an end', () => {
  expect(told(loops, looping({}))).toEqual([]);
  const broken = [
    { until: null },
    { until: true },
    { maxIterations: 0 },
    { maxIterations: 2.5 },
    { maxIterations: null },
    { maxIterations: 10_001 },
  ];
  expect(broken.flatMap((loop) => told(loops, looping(loop)))).toMatchInlineSnapshot(`
    [
      "dag "sales" › loop "pages" › until: must be a condition over what an iteration gives, got null; write until: (out) => not(out.more)",
      "dag "sales" › loop "pages" › until: must be a condition over what an iteration gives, got true; write until: (out) => not(out.more)",
      "dag "sales" › loop "pages" › maxIterations: must be a whole number from 1, got 0; write how often it may go round before it fails with Dag.LoopLimit",
      "dag "sales" › loop "pages" › maxIterations: must be a whole number from 1, got 2.5; write how often it may go round before it fails with Dag.LoopLimit",
      "dag "sales" › loop "pages" › maxIterations: must be a whole number from 1, got null; write how often it may go round before it fails with Dag.LoopLimit",
      "dag "sales" › loop "pages" › maxIterations: is more than 10,000, got 10001: a loop that never ends well costs as many runs of the group; write the most it can need",
    ]
  `);
});

test('many iterations are a warning only', () => {
  expect(loops(looping({ maxIterations: 10_001 })).map(({ severity }) => severity)).toEqual(['warning']);
});

test('what goes round keeps its shape', () => {
  const initial = { page: 1, name: 'a', at: { day: 'x', list: [] }, cursor: null };
  const next = { page: outputOf('pages.turn'), name: 'b', at: { day: 'y', list: [1] }, cursor: 'c' };
  expect(told(loops, looping({ initial, next }))).toEqual([]);
  expect(told(loops, looping({ initial, next: outputOf('pages.turn') }))).toEqual([]);
  const broken = { page: 'two', at: { day: 1, list: {} }, cursor: 1, more: true };
  expect(told(loops, looping({ initial, next: broken }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › loop "pages" › next.name: must be there, as in initial, got nothing; return what has the shape of initial",
      "dag "sales" › loop "pages" › next.more: must be in initial, too, got a new field; return what has the shape of initial",
      "dag "sales" › loop "pages" › next.page: must be a number, as initial is, got text; return what has the shape of initial",
      "dag "sales" › loop "pages" › next.at.day: must be text, as initial is, got a number; return what has the shape of initial",
      "dag "sales" › loop "pages" › next.at.list: must be a list, as initial is, got an object; return what has the shape of initial",
    ]
  `);
  expect(told(loops, looping({ initial: 1, next: { page: 1 } }))).toMatchInlineSnapshot(`
    [
      "dag "sales" › loop "pages" › next: must be a number, as initial is, got an object; return what has the shape of initial",
    ]
  `);
});
