/** What a task's retry rules are in its state. */
import { expect, test } from 'vitest';
import { boundsOf } from '../../lib/compiler/bounds/bounds.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { approve, connection, dag, fn, glue, http } from '../../lib/index.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { RetryRule } from '../../lib/model/task.ts';

const work = fn(() => 1);

const shop = connection.http('shop');

const CALLS = {
  function: dag('d', {}, ({ task }) => void task('a', work)),
  'called engine': dag('d', {}, ({ task }) => void task('a', http.request({ connection: shop, path: '/' }))),
  person: dag('d', {}, ({ task }) => void task('a', approve({ message: 'Go on?' }))),
  job: dag('d', {}, ({ task }) => void task('a', glue.startJob({ jobName: 'clean' }))),
};

function one(kind: keyof typeof CALLS, ...retries: readonly RetryRule[]): DagNode {
  const node = CALLS[kind];
  return { ...node, tasks: node.tasks.map((task) => ({ ...task, retries })) };
}

/** Errors of each of the author's rules, which are the last in the state. */
function namesOf(node: DagNode): readonly (readonly string[])[] {
  const state = compile(node).definition.States['a'];
  const found = state?.Type === 'Task' ? (state.Retry ?? []) : [];
  const { retries = [] } = node.tasks[0] ?? {};
  return found.slice(found.length - retries.length).map(({ ErrorEquals }) => ErrorEquals);
}

test.each([
  ['function', ['States.Timeout', 'Dag.Timeout']],
  ['called engine', ['States.Timeout', 'Dag.Timeout']],
  ['person', ['States.Timeout']],
] as const)('a rule for what takes too long, of a task for a %s', (kind, expected) => {
  expect(namesOf(one(kind, { on: ['States.Timeout'], attempts: 2 }))).toEqual([expected]);
});

test.each([
  ['function', true],
  ['job', false],
] as const)('whether a %s can say that its time is over: %s', (kind, says) => {
  const { definition } = compile(one(kind, { on: ['States.Timeout'], attempts: 2 }));
  expect(JSON.stringify(definition).includes('Dag.Timeout')).toBe(says);
});

test('a rule of its own for what a function gives up stays that', () => {
  const apart: readonly RetryRule[] = [
    { on: ['States.Timeout'], attempts: 2 },
    { on: ['Dag.Timeout'], attempts: 0 },
  ];
  expect(namesOf(one('function', ...apart))).toEqual([['States.Timeout'], ['Dag.Timeout']]);
  const both = ['States.Timeout', 'Dag.Timeout'];
  expect(namesOf(one('function', { on: both, attempts: 1 }))).toEqual([both]);
});

test('such retries end with the time of the run, each after a try that took all of its own', () => {
  const most = (attempts: number) => {
    const node = dag('d', { runTimeout: '1h' }, ({ task }) => {
      task('a', work, { timeout: '10m', retries: { on: 'States.Timeout', attempts, delay: 1 } });
    });
    return boundsOf(node, compile(node)).worst.transitions;
  };
  // Six tries of ten minutes and a second are more than an hour.
  expect([most(50) - most(0), most(3) - most(0)]).toEqual([6, 3]);
});
