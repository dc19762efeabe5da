/** Runs with modules worked out by hand, from `semantics.md` 3: what the reference says of them. */
import { expect, test } from 'vitest';
import type { Case, CaseModule, CaseTask } from './case.ts';
import { poolProblem } from './pools.ts';
import { evaluate, reference } from './reference.ts';
import { misread } from './values.ts';

function caseOf(tasks: readonly CaseTask[], more: Partial<Case> = {}): Case {
  return { name: 'by hand', runState: 'leaves', tasks, ...more };
}

/** `state start-end tries` of everything, by id and counters. */
function told(input: Case): Readonly<Record<string, string>> {
  const { tasks, inner = {} } = reference(input);
  return Object.fromEntries(
    Object.entries({ ...tasks, ...inner }).map(([id, { state, startSec = '', endSec, tries }]) => [
      id,
      `${state} ${startSec}-${endSec}${tries === undefined ? '' : ` ${tries}`}`,
    ]),
  );
}

test('item i of a task waits only for item i of the one before', () => {
  const modules: readonly CaseModule[] = [{ id: 'g', kind: 'map', count: 2 }];
  const tasks = [
    { id: 'g.a', runs: [{ durationSec: 5 }, { durationSec: 1 }] },
    { id: 'g.b', upstream: ['g.a'] },
    { id: 'end', upstream: ['g.b'] },
  ];
  expect(told(caseOf(tasks, { modules }))).toEqual({
    end: 'success 6-7 1',
    g: 'success 0-6',
    'g#0': 'success 0-6',
    'g.a#0': 'success 0-5 1',
    'g.b#0': 'success 5-6 1',
    'g#1': 'success 0-2',
    'g.a#1': 'success 0-1 1',
    'g.b#1': 'success 1-2 1',
  });
});

test('instances beyond the concurrency wait in item order', () => {
  const modules: readonly CaseModule[] = [{ id: 'g', kind: 'map', count: 3, concurrency: 2 }];
  const tasks = [{ id: 'g.a', runs: [{ durationSec: 5 }, { durationSec: 1 }, { durationSec: 2 }] }];
  expect(told(caseOf(tasks, { modules }))).toMatchObject({ g: 'success 0-5', 'g#2': 'success 1-3' });
});

test.each([
  ['25%', 'success'],
  ['24%', 'failed'],
  [1, 'success'],
  [0, 'failed'],
] as const)('one of four failed, tolerated %s: %s', (tolerate, state) => {
  const items = [{ outcome: 'failed' as const }, {}, {}, {}];
  const { tasks } = reference(caseOf([{ id: 'm', kind: 'map', items, tolerate }]));
  expect(tasks['m']?.state).toBe(state);
});

test.each([
  ['what is no list', { from: 'output', task: 'give', broken: true }],
  ['a list that is too long', { from: 'output', task: 'give', maxItems: 1 }],
] as const)('a map over %s has failed at the instant it would start', (_, list) => {
  const input = caseOf([{ id: 'give' }, { id: 'm', kind: 'map', items: [{}, {}], list }]);
  expect(told(input)).toEqual({ give: 'success 0-1 1', m: 'failed -1' });
});

test('a group runs again while a leaf of it failed, after its delay', () => {
  const modules: readonly CaseModule[] = [
    { id: 'g', kind: 'retry', retries: { attempts: 2, delaySec: 3, backoff: 2 } },
  ];
  const tasks: readonly CaseTask[] = [
    // Failed in try 1, succeeded in try 2.
    { id: 'g.a', runs: [{}, { outcome: 'failed' }] },
    { id: 'g.b', upstream: ['g.a'] },
    { id: 'end', upstream: ['g'] },
  ];
  expect(told(caseOf(tasks, { modules }))).toEqual({
    end: 'success 6-7 1',
    g: 'success 0-6',
    'g#1': 'failed 0-1',
    'g.a#1': 'failed 0-1 1',
    'g.b#1': 'upstream_failed -1',
    'g#2': 'success 4-6',
    'g.a#2': 'success 4-5 1',
    'g.b#2': 'success 5-6 1',
  });
});

test('a teardown is no leaf of its group', () => {
  const modules: readonly CaseModule[] = [{ id: 'g', kind: 'retry', retries: { attempts: 1, delaySec: 1 } }];
  const tasks: readonly CaseTask[] = [
    { id: 'g.up', kind: 'setup' },
    { id: 'g.work', upstream: ['g.up'] },
    { id: 'g.down', upstream: ['g.work', 'g.up'], kind: 'teardown', setups: ['g.up'], outcome: 'failed' },
  ];
  expect(told(caseOf(tasks, { modules }))).toMatchObject({ g: 'success 0-3', 'g.down#1': 'failed 2-3 1' });
});

test.each([
  [{ maxIterations: 5, untilAt: 2 }, 'success 0-2'],
  [{ maxIterations: 2, untilAt: 0 }, 'failed 0-2'],
  [{ maxIterations: 5, untilAt: 2, bare: true, broken: true }, 'failed 0-1'],
] as const)('a loop %o is %s', (loop, state) => {
  const modules: readonly CaseModule[] = [{ id: 'l', kind: 'loop', loop: { ...loop, task: 'l.a' } }];
  expect(told(caseOf([{ id: 'l.a' }], { modules }))['l']).toBe(state);
});

test.each([
  ['failed', 'failed 0-1'],
  ['skipped', 'skipped 0-1'],
] as const)('an iteration that is %s ends its loop', (outcome, state) => {
  const modules: readonly CaseModule[] = [
    { id: 'l', kind: 'loop', loop: { maxIterations: 5, untilAt: 3, task: 'l.a' } },
  ];
  expect(told(caseOf([{ id: 'l.a', outcome }], { modules }))['l']).toBe(state);
});

test('a module that is not entered has no instances, and all inside has its state', () => {
  const modules: readonly CaseModule[] = [{ id: 'g', kind: 'map', count: 2 }];
  // What a task inside depends on outside is what the module depends on.
  const tasks: readonly CaseTask[] = [
    { id: 'a', outcome: 'failed' },
    { id: 'g.b' },
    { id: 'g.c', upstream: ['a', 'g.b'] },
  ];
  expect(told(caseOf(tasks, { modules }))).toEqual({
    a: 'failed 0-1 1',
    g: 'upstream_failed -1',
    'g.b': 'upstream_failed -1',
    'g.c': 'upstream_failed -1',
  });
});

test('edges that lead into a module vanish inside it: such a task is a root there, whatever its rule', () => {
  const modules: readonly CaseModule[] = [{ id: 'g', kind: 'retry', triggerRule: 'all_done' }];
  const tasks: readonly CaseTask[] = [
    { id: 'a', outcome: 'failed' },
    { id: 'g.b', upstream: ['a'], triggerRule: 'all_skipped' },
  ];
  expect(told(caseOf(tasks, { modules }))).toMatchObject({ g: 'success 1-2', 'g.b#1': 'success 1-2 1' });
});

test('a run is retried as a whole while it fails', () => {
  const input = caseOf([{ id: 'a', runs: [{}, { outcome: 'failed' }] }], {
    runRetries: { attempts: 1, delaySec: 4 },
  });
  expect(reference(input)).toEqual({
    runState: 'success',
    endSec: 6,
    tasks: { a: { state: 'success', startSec: 5, endSec: 6, tries: 1 } },
    inner: {
      'a#1': { state: 'failed', startSec: 0, endSec: 1, tries: 1 },
      'a#2': { state: 'success', startSec: 5, endSec: 6, tries: 1 },
    },
  });
});

test('looks of a sensor are one try; the first that finds nothing when the time is over is the last', () => {
  const nothing = { outcome: 'failed', durationSec: 0, error: 'Sensor.NotReady' } as const;
  const poke = { everySec: 2, backoff: 2, timeoutSec: 5, softFail: true };
  const found = [nothing, nothing, { outcome: 'success', durationSec: 1 } as const];
  expect(told(caseOf([{ id: 's', kind: 'sensor', poke, tries: found }]))).toEqual({ s: 'success 0-7 1' });
  expect(told(caseOf([{ id: 's', kind: 'sensor', poke, tries: [nothing] }]))).toEqual({ s: 'skipped 0-6 1' });
});

test('what does not run again says what it said once all above it is final', () => {
  const input = caseOf(
    [
      { id: 'a', again: { durationSec: 5 } },
      { id: 'b', upstream: ['a'] },
      { id: 'c', upstream: ['b'] },
    ],
    { rerun: ['a', 'c'] },
  );
  expect(evaluate(input, { recorded: evaluate(input).run }).result.tasks).toEqual({
    a: { state: 'success', startSec: 0, endSec: 5, tries: 1 },
    b: { state: 'success' },
    c: { state: 'success', startSec: 5, endSec: 6, tries: 1 },
  });
});

const POOL = { pools: [{ name: 'p', slots: 1 }] };
const POOLED = caseOf(
  [
    { id: 'a', durationSec: 2, pool: { name: 'p', slots: 1 } },
    { id: 'b', pool: { name: 'p', slots: 1 } },
    { id: 'wait' },
    { id: 'c', upstream: ['wait'], pool: { name: 'p', slots: 1 } },
  ],
  POOL,
);

test.each([
  ['in the order asked', { a: 0, b: 2, c: 3 }, true],
  ['the other one first where both ask at once', { b: 0, a: 1, c: 3 }, true],
  ['one who asked later first', { a: 0, c: 2, b: 3 }, false],
  ['both at once', { a: 0, b: 0, c: 2 }, false],
  ['later than they are free', { a: 0, b: 2, c: 4 }, false],
])('places of a pool given %s', (_, seconds, isRight) => {
  const grants = new Map(Object.entries(seconds).map(([id, sec]) => [id, sec * 1000]));
  expect(poolProblem(POOLED, evaluate(POOLED, { grants }).requests) === undefined).toBe(isRight);
});

test('a value of another instance, and one that is missing, are told', () => {
  const modules: readonly CaseModule[] = [{ id: 'g', kind: 'map', count: 2 }];
  const input = caseOf([{ id: 'g.a' }, { id: 'g.b', upstream: ['g.a'], reads: ['g.a'] }], { modules });
  const read = (given: string | undefined) =>
    misread(evaluate(input), [
      {
        task: 'g.b',
        try: 1,
        instance: '1',
        mapIndex: 1,
        execution: RUN,
        args: given === undefined ? {} : { 'g.a': given },
      },
    ]);
  expect(read('g.a#1')).toBeUndefined();
  expect(read('g.a#0')).toBe('g.b#1 try 1 reads g.a: there yes, "g.a#1", got "g.a#0"');
  expect(read(undefined)).toBe('g.b#1 try 1 reads g.a: there yes, "g.a#1", got nothing');
});

const RUN = {
  run: {
    id: 'r',
    dagId: 'd',
    attempt: '1',
    logicalDate: '2026-01-01T00:00:00Z',
    interval: { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z', date: '2026-01-01' },
    table: 't',
    expires: '0',
    fns: { main: 'main' },
  },
  params: {},
};
