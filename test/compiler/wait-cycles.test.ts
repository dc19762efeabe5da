/** Waits for runs of other DAGs that go round. */
import { expect, test } from 'vitest';
import { waitCycles } from '../../lib/compiler/wait-cycles.ts';
import { dag, fn, sensor, trigger } from '../../lib/index.ts';
import type { DagNode } from '../../lib/model/dag.ts';

const waiting = (id: string, ...others: readonly string[]): DagNode =>
  dag(id, {}, ({ task }) => {
    task(
      'own',
      fn(() => undefined),
    );
    for (const other of others) task(`of_${other}`, sensor.dagRun(other));
  });

const told = (...dags: readonly DagNode[]) =>
  waitCycles(dags).map(({ path, message, severity }) => `${severity} ${path}: ${message}`);

test('a round is told once, of its first DAG', () => {
  expect(told(waiting('a', 'z', 'b'), waiting('b', 'c'), waiting('c', 'a'))).toEqual([
    'warning dag "a" › task "of_b": must not wait for what waits for it, got a → b → c → a',
  ]);
});

test('a DAG that starts another and waits for it is in a round with what that waits for', () => {
  const child = waiting('child', 'parent');
  const parent = (wait: boolean) =>
    dag('parent', {}, ({ task }) => {
      task('start', trigger.dag(child, { wait }));
    });
  expect(told(parent(true), child)).toHaveLength(1);
  expect(told(parent(false), child)).toEqual([]);
});

test('one that waits for itself; a chain is none', () => {
  expect(told(waiting('self', 'self'))).toEqual([
    'warning dag "self" › task "of_self": must not wait for what waits for it, got self → self',
  ]);
  expect(told(waiting('a', 'b'), waiting('b', 'c'), waiting('c'))).toEqual([]);
});
