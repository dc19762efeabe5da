import { expect, test } from 'vitest';
import { checkDag } from '../../../lib/compiler/check-dag.ts';
import { node, sales, told } from './graphs.ts';

/** A chain; of more than can be compiled nothing else is told, though each of its tasks has a mistake. */
function chain(length: number) {
  return sales(
    Array.from({ length }, (_, at) => node(`t ${at}`, { after: at === 0 ? [] : [`t ${at - 1}`] })),
  );
}

test('a DAG of more tasks than can be compiled is told, at once', () => {
  expect(told(checkDag, chain(100_000))).toEqual([
    'dag "sales": must have at most 10,000 tasks, got 100,000; map what repeats over a list, or make two DAGs of it: trigger.dag starts the second',
  ]);
});
