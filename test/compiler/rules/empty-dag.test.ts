import { expect, test } from 'vitest';
import { emptyDag } from '../../../lib/compiler/rules/empty-dag.ts';
import { node, sales, told } from './graphs.ts';

test('a DAG without tasks is told', () => {
  expect(told(emptyDag, sales([]))).toMatchInlineSnapshot(`
    [
      "dag "sales": must have at least one task, got none; declare one in the body: ({ task }) => { task('first', …) }",
    ]
  `);
});

test('one task is enough', () => {
  expect(told(emptyDag, sales([node('load')]))).toEqual([]);
});
