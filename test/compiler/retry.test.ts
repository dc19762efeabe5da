/** What a task's retry rules are in its state. */
import { describe, expect, test } from 'vitest';
import { boundsOf } from '../../lib/compiler/bounds/bounds.ts';
import { compile } from '../../lib/compiler/compile.ts';
import { approve, connection, dag, fn, glue, http, sensor, sql } from '../../lib/index.ts';
import { Failure, matches } from '../../lib/interpreter/failure.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { RetryRule } from '../../lib/model/task.ts';

const work = fn(() => 1);

const shop = connection.http('shop');
const warehouse = connection.sql('warehouse');

const CALLS = {
  function: dag('d', {}, ({ task }) => void task('a', work)),
  'called engine': dag('d', {}, ({ task }) => void task('a', http.request({ connection: shop, path: '/' }))),
  SQL: dag('d', {}, ({ task }) => void task('a', warehouse.query(sql`select 1`))),
  sensor: dag(
    'd',
    {},
    ({ task }) => void task('a', sensor.s3Key({ bucket: 'in', key: 'a' }), { timeout: '1h' }),
  ),
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

/** How often a task that fails so, and again, is tried after that. */
function retriesAfter(node: DagNode, error: string): number {
  const state = compile(node).definition.States['a'];
  const failure = new Failure(error);
  const retriers = state?.Type === 'Task' ? (state.Retry ?? []) : [];
  return retriers.find(({ ErrorEquals }) => matches(ErrorEquals, failure))?.MaxAttempts ?? 0;
}

test.each([
  ['function', ['States.Timeout', 'Dag.Timeout']],
  ['called engine', ['States.Timeout', 'Dag.Timeout', 'Engine.JobTimeout']],
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

const ANY_THREE: readonly RetryRule[] = [{ attempts: 3 }];
const FAILED_THREE: readonly RetryRule[] = [{ on: ['States.TaskFailed'], attempts: 3 }];
const NAMED: readonly RetryRule[] = [{ attempts: 3 }, { on: ['Engine.Refused'], attempts: 1 }];

test.each([
  ['called engine', ANY_THREE, 'Http.503', 3],
  ['called engine', ANY_THREE, 'Engine.JobFailed', 3],
  ['called engine', ANY_THREE, 'Engine.Refused', 0],
  ['called engine', FAILED_THREE, 'Engine.Refused', 0],
  ['called engine', NAMED, 'Engine.Refused', 1],
  ['called engine', [{ on: ['Engine.Refused'], attempts: 2 }], 'Engine.Refused', 2],
  ['SQL', ANY_THREE, 'Sql.ParserError', 0],
  ['SQL', ANY_THREE, 'Sql.CatalogError', 3],
  ['sensor', ANY_THREE, 'Engine.Refused', 0],
  ['sensor', ANY_THREE, 'Http.503', 3],
] as const)('a %s with %j fails with %s: retries %i', (kind, rules, error, expected) => {
  expect(retriesAfter(one(kind, ...rules), error)).toBe(expected);
});

const FAILED_FIRST: readonly RetryRule[] = [
  { on: ['States.TaskFailed'], attempts: 3 },
  { on: ['States.Timeout'], attempts: 5 },
];
const FAILED_THEN_ALL: readonly RetryRule[] = [{ on: ['States.TaskFailed'], attempts: 3 }, { attempts: 7 }];
const BOTH: readonly RetryRule[] = [{ on: ['States.TaskFailed', 'States.Timeout'], attempts: 4 }];
const APART: readonly RetryRule[] = [...FAILED_FIRST, { on: ['Dag.Timeout'], attempts: 1 }];

describe('a rule for every failure is not for a time that is over, whoever says that it is', () => {
  test.each([
    ['function', FAILED_THREE, 0],
    ['function', FAILED_FIRST, 5],
    ['function', FAILED_THEN_ALL, 7],
    ['function', BOTH, 4],
    ['called engine', FAILED_THREE, 0],
    ['called engine', FAILED_FIRST, 5],
    ['called engine', FAILED_THEN_ALL, 7],
    ['called engine', BOTH, 4],
    ['called engine', ANY_THREE, 3],
    ['called engine', [{ on: ['Engine.JobTimeout'], attempts: 2 }], 2],
  ] as const)('%s, %j: retries %i', (kind, rules, expected) => {
    const node = one(kind, ...rules);
    const says = kind === 'function' ? ['Dag.Timeout'] : ['Dag.Timeout', 'Engine.JobTimeout'];
    for (const name of ['States.Timeout', ...says])
      expect([name, retriesAfter(node, name)]).toEqual([name, expected]);
    if (rules !== ANY_THREE && rules[0]?.on?.[0] === 'States.TaskFailed')
      expect(retriesAfter(node, 'Throttled')).toBe(rules[0]?.attempts);
  });

  test('but that it is for what another rule names apart', () => {
    const node = one('function', ...APART);
    expect(['States.Timeout', 'Dag.Timeout', 'Throttled'].map((name) => retriesAfter(node, name))).toEqual([
      5, 1, 3,
    ]);
  });

  test('each of the author’s rules has one counter', () => {
    const names = compile(one('function', ...FAILED_FIRST)).definition.States['a'];
    const retriers = names?.Type === 'Task' ? (names.Retry ?? []) : [];
    expect(retriers.slice(-2)).toMatchObject([
      { ErrorEquals: ['States.Timeout', 'Dag.Timeout'], MaxAttempts: 5 },
      { ErrorEquals: ['States.TaskFailed'], MaxAttempts: 3 },
    ]);
  });
});
