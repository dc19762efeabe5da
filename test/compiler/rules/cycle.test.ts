import { expect, test } from 'vitest';
import { cycle } from '../../../lib/compiler/rules/cycle.ts';
import { node, sales, told } from './graphs.ts';

test('the whole path of a cycle is named', () => {
  const dag = sales([
    node('a', { after: ['c'] }),
    node('b', { after: ['a'] }),
    node('c', { after: ['b'] }),
    node('d', { after: ['c'] }),
  ]);
  expect(told(cycle, dag)).toMatchInlineSnapshot(`
    [
      "dag "sales": tasks must not wait for each other, got a → b → c → a; remove one of these edges, such as c → a",
    ]
  `);
});

test('a task that waits for itself is a cycle', () => {
  expect(told(cycle, sales([node('a', { after: ['a'] })]))).toMatchInlineSnapshot(`
    [
      "dag "sales": tasks must not wait for each other, got a → a; remove "a" from its own upstream",
    ]
  `);
});

test('each knot is told once, by its shortest path', () => {
  const dag = sales([
    node('a', { after: ['b', 'd'] }),
    node('b', { after: ['a'] }),
    node('c', { after: ['b'] }),
    node('d', { after: ['c'] }),
    node('x', { after: ['y'] }),
    node('y', { after: ['x'] }),
    node('below', { after: ['y'] }),
  ]);
  expect(told(cycle, dag)).toMatchInlineSnapshot(`
    [
      "dag "sales": tasks must not wait for each other, got a → b → a; remove one of these edges, such as b → a",
      "dag "sales": tasks must not wait for each other, got x → y → x; remove one of these edges, such as y → x",
    ]
  `);
});

test('a setup that waits for its teardown is a cycle', () => {
  const dag = sales([
    node('create', { after: ['drop'] }),
    node('drop', { teardownOf: ['create'], triggerRule: 'all_done_setup_success' }),
  ]);
  expect(told(cycle, dag)).toMatchInlineSnapshot(`
    [
      "dag "sales": tasks must not wait for each other, got create → drop → create; remove one of these edges, such as drop → create",
    ]
  `);
});

test('a diamond is none', () => {
  expect(
    told(
      cycle,
      sales([
        node('a'),
        node('b', { after: ['a'] }),
        node('c', { after: ['a'] }),
        node('d', { after: ['b', 'c'] }),
      ]),
    ),
  ).toEqual([]);
});

test('a cycle of 20,000 tasks is found', () => {
  const tasks = Array.from({ length: 20_000 }, (_, index) =>
    node(`t${index}`, { after: [`t${(index + 1) % 20_000}`] }),
  );
  expect(cycle(sales(tasks))).toHaveLength(1);
});
