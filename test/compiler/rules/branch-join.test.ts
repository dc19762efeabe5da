import { expect, test } from 'vitest';
import { branchJoin } from '../../../lib/compiler/rules/branch-join.ts';
import { choose, node, sales, told } from './graphs.ts';

const follow = (label: string, task = 'size') => ({ after: [{ task, labels: [label] }] });

test('a join that needs both targets of a choice is told', () => {
  const tasks = [
    node('size', { call: choose('big', 'small') }),
    node('a', follow('big')),
    node('b', follow('small')),
    node('join', { after: ['a', 'b'] }),
  ];
  expect(told(branchJoin, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "join" › triggerRule: "all_success" needs both "a" and "b", so "size" must choose "big" and "small" at once, which never happens; write triggerRule: "none_failed_min_one_success" to run after whichever was chosen",
    ]
  `);
});

test('a function may choose both, and seldom does', () => {
  const call = { kind: 'branch' as const, inputs: null, labels: ['big', 'small'] };
  const tasks = [
    node('size', { call }),
    node('a', follow('big')),
    node('b', follow('small')),
    node('join', { after: ['a', 'b'] }),
  ];
  expect(told(branchJoin, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "join" › triggerRule: "all_success" needs both "a" and "b", so "size" must choose "big" and "small" at once, which makes this task skipped whenever one of them is left out; write triggerRule: "none_failed_min_one_success" to run after whichever was chosen",
    ]
  `);
});

test('a tolerant join, one label, and a target that leads to the other are fine', () => {
  const tasks = [
    node('size', { call: choose('big', 'small') }),
    node('a', follow('big')),
    node('b', follow('small')),
    node('join', { after: ['a', 'b'], triggerRule: 'none_failed_min_one_success' }),
    node('c', follow('big')),
    node('same', { after: ['a', 'c'] }),
    node('d', { after: ['a', { task: 'size', labels: ['small'] }] }),
    node('led', { after: ['a', 'd'] }),
  ];
  expect(told(branchJoin, sales(tasks))).toEqual([]);
});
