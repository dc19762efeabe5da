/** Maps, group retries and loops as the data they are. */
import { describe, expect, test } from 'vitest';
import { declareDag } from '../../lib/dsl/dag.ts';
import { eq, fn, not, param, pool } from '../../lib/index.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { told, untyped } from './told.ts';

/** What is declared, whatever the rules say of it. */
const dag = declareDag(() => []);

const nothing = fn(() => undefined);
const listed = fn(() => ({ files: [{ path: 'a', size: 1 }], days: ['x'] }));

function taskOf({ tasks }: DagNode, id: string) {
  return tasks.find((task) => task.id === id);
}

function moduleOf({ groups }: DagNode, id: string) {
  return groups.find((group) => group.id === id)?.module;
}

describe('a mapped task', () => {
  const node = dag('d', { params: { days: param.list({ items: param.string() }) } }, ({ task, params }) => {
    const list = task('list', listed);
    const name = task(
      'name',
      fn(() => 'n'),
    );
    const load = task.map(
      'load',
      list.output.files,
      (file, index) => fn({ path: file.path, index, name: name.output }, ({ path }) => ({ path })),
      { concurrency: 3, tolerate: '10%', label: (file) => file.path, maxItems: 50, retries: 1 },
    );
    task.map('days', params.days, (day) => fn({ day }, () => 1));
    task.map('three', [1, 2, list.output.files[0]?.size], (size) => fn({ size }, () => 1));
    task(
      'end',
      fn({ first: load.output[0]?.path, all: load.output }, () => undefined),
    );
  });

  test('has its list, and the item in its call', () => {
    const item = (...path: readonly string[]) => ({ $ref: { kind: 'item', of: 'load', path } });
    expect(taskOf(node, 'load')).toMatchObject({
      upstream: [{ task: 'list' }, { task: 'name' }],
      map: {
        items: { $ref: { kind: 'output', task: 'list', path: ['files'] } },
        concurrency: 3,
        tolerate: '10%',
        label: item('path'),
        maxItems: 50,
      },
      call: { kind: 'fn', inputs: { path: item('path'), index: { $ref: { kind: 'index', of: 'load' } } } },
      retries: [{ attempts: 1 }],
    });
  });

  test('takes a param or a constant', () => {
    expect(taskOf(node, 'days')?.map).toEqual({ items: { $ref: { kind: 'param', name: 'days', path: [] } } });
    expect(taskOf(node, 'three')?.map?.items).toMatchObject([1, 2, { $ref: { path: ['files', 0, 'size'] } }]);
    expect(taskOf(node, 'three')?.upstream).toEqual([{ task: 'list' }]);
  });

  test('gives a list', () => {
    expect(taskOf(node, 'end')).toMatchObject({
      upstream: [{ task: 'load' }],
      call: {
        inputs: {
          first: { $ref: { kind: 'output', task: 'load', path: [0, 'path'] } },
          all: { $ref: { kind: 'output', task: 'load', path: [] } },
        },
      },
    });
  });
});

describe('a mapped group', () => {
  const node = dag('d', {}, ({ task, group }) => {
    const list = task('list', listed);
    const start = task('start', nothing);
    const day = group.map(
      'day',
      list.output.days,
      ({ task, group }, item, index) => {
        const a = task(
          'a',
          fn({ item, index }, () => ({ n: 1 })),
        );
        const inner = group.map('inner', [1, 2], ({ task }, number) => ({
          b: task(
            'b',
            fn({ item, number, n: a.output.n }, () => true),
          ),
        }));
        return { a, inner };
      },
      { after: start, triggerRule: 'none_failed', tolerate: 1, label: (item) => item },
    );
    task(
      'end',
      fn({ n: day.tasks.a.output[0]?.n, b: day.tasks.inner.tasks.b.output }, () => undefined),
    );
    task('last', nothing, { after: day });
  });

  test('is a module with its own upstream', () => {
    expect(moduleOf(node, 'day')).toEqual({
      does: {
        kind: 'map',
        items: { $ref: { kind: 'output', task: 'list', path: ['days'] } },
        tolerate: 1,
        label: { $ref: { kind: 'item', of: 'day', path: [] } },
      },
      upstream: [{ task: 'list' }, { task: 'start' }],
      triggerRule: 'none_failed',
    });
    expect(moduleOf(node, 'day.inner')).toMatchObject({ does: { kind: 'map', items: [1, 2] }, upstream: [] });
    expect(node.groups.map(({ id, tasks }) => [id, ...tasks])).toEqual([
      ['day', 'day.a'],
      ['day.inner', 'day.inner.b'],
    ]);
  });

  test('keeps edges across its border as they were meant', () => {
    expect(taskOf(node, 'day.inner.b')?.upstream).toEqual([{ task: 'day.a' }]);
    expect(taskOf(node, 'end')?.upstream).toEqual([{ task: 'day.a' }, { task: 'day.inner.b' }]);
    expect(taskOf(node, 'last')?.upstream).toEqual([{ task: 'day' }]);
  });
});

describe('a group with retries', () => {
  test('is a module, one without is a name', () => {
    const node = dag('d', {}, ({ group }) => {
      group('a', ({ task }) => task('x', nothing), { retries: 2, triggerRule: 'all_done' });
      group('b', ({ task }) => task('x', nothing), { retries: { attempts: 1, delay: '1m', jitter: true } });
      group('c', ({ task }) => task('x', nothing), { retries: 0 });
    });
    expect(node.groups.map(({ module }) => module)).toEqual([
      { does: { kind: 'retry', retries: { attempts: 2 } }, upstream: [], triggerRule: 'all_done' },
      {
        does: { kind: 'retry', retries: { attempts: 1, delay: '1m', jitter: true } },
        upstream: [],
        triggerRule: 'all_success',
      },
      undefined,
    ]);
  });

  test('is one of the tasks of a plain group around it', () => {
    const node = dag('d', {}, ({ task, group, chain }) => {
      const start = task('start', nothing);
      const plain = group(
        'plain',
        ({ task, group }) => {
          const unit = group(
            'unit',
            ({ task }) => {
              const x = task('x', nothing);
              return { x, y: task('y', nothing, { after: x }) };
            },
            { retries: 1 },
          );
          task('z', nothing, { after: unit.tasks.x });
          task('alone', nothing);
        },
        { after: start },
      );
      const last = group('last', ({ group }) =>
        group('deep', ({ task }) => task('w', nothing), { retries: 1 }),
      );
      chain(plain, last, task('end', nothing));
    });
    expect(moduleOf(node, 'plain.unit')?.upstream).toEqual([{ task: 'start' }]);
    expect(taskOf(node, 'plain.unit.x')?.upstream).toEqual([]);
    expect(taskOf(node, 'plain.z')?.upstream).toEqual([{ task: 'plain.unit.x' }]);
    expect(moduleOf(node, 'last.deep')?.upstream).toEqual([{ task: 'plain.z' }, { task: 'plain.alone' }]);
    expect(taskOf(node, 'end')?.upstream).toEqual([{ task: 'last.deep' }]);
  });
});

describe('a loop', () => {
  const node = dag('d', {}, ({ task, loop }) => {
    const count = task(
      'count',
      fn(() => ({ pages: 3, first: 1 })),
    );
    const pages = loop(
      'pages',
      {
        initial: { page: count.output.first, rows: 0, more: true },
        until: (out) => not(out.more),
        maxIterations: 10,
        after: task('start', nothing),
        doc: 'all pages',
      },
      (previous, { task }) => {
        const fetch = task(
          'fetch',
          fn({ page: previous.page }, () => ({ next: 2, rows: 1, more: false })),
        );
        return { page: fetch.output.next, rows: fetch.output.rows, more: fetch.output.more };
      },
    );
    loop(
      'until_outside',
      { initial: 0, until: (out) => eq(out, count.output.pages), maxIterations: 3 },
      (_, { task }) =>
        task(
          'one',
          fn(() => 1),
        ).output,
    );
    task(
      'end',
      fn({ page: pages.output.page, all: pages.output }, () => undefined),
    );
  });

  test('has what goes round, and its end', () => {
    const fetched = (field: string) => ({ $ref: { kind: 'output', task: 'pages.fetch', path: [field] } });
    expect(moduleOf(node, 'pages')).toEqual({
      does: {
        kind: 'loop',
        initial: {
          page: { $ref: { kind: 'output', task: 'count', path: ['first'] } },
          rows: 0,
          more: true,
        },
        next: { page: fetched('next'), rows: fetched('rows'), more: fetched('more') },
        until: { $ref: { kind: 'call', op: 'not', args: [fetched('more')] } },
        maxIterations: 10,
      },
      upstream: [{ task: 'count' }, { task: 'start' }],
      triggerRule: 'all_success',
    });
    expect(taskOf(node, 'pages.fetch')).toMatchObject({
      upstream: [],
      call: { inputs: { page: { $ref: { kind: 'previous', of: 'pages', path: ['page'] } } } },
    });
  });

  test('waits for what its end reads outside', () => {
    expect(moduleOf(node, 'until_outside')?.upstream).toEqual([{ task: 'count' }]);
  });

  test('is read by its id', () => {
    expect(taskOf(node, 'end')).toMatchObject({
      upstream: [{ task: 'pages' }],
      call: { inputs: { page: { $ref: { kind: 'output', task: 'pages', path: ['page'] } } } },
    });
  });
});

test('a pool is taken by one place or several', () => {
  const warehouse = pool('warehouse', { slots: 4 });
  const node = dag('d', {}, ({ task }) => {
    task('a', nothing, { pool: warehouse, deadline: '6h' });
    task('b', nothing, { pool: { pool: warehouse, slots: 2 } });
  });
  expect(node.pools).toEqual([{ name: 'warehouse', slots: 4 }]);
  expect(node.tasks.map(({ pool, deadline }) => [pool, deadline])).toEqual([
    [{ name: 'warehouse', slots: 1 }, '6h'],
    [{ name: 'warehouse', slots: 2 }, undefined],
  ]);
});

test('a run is retried by one rule and has a deadline', () => {
  const body = ({ task }: { task: (id: string, call: typeof nothing) => unknown }) => task('a', nothing);
  expect(dag('d', { runRetries: 2, deadline: '1d' }, body)).toMatchObject({
    runRetries: { attempts: 2 },
    deadline: '1d',
  });
  expect(dag('d', { runRetries: 0 }, body)).not.toHaveProperty('runRetries');
});

describe('mistakes', () => {
  test('are told at their place', () => {
    const problems = told(() =>
      dag('d', {}, ({ task, group, loop }) => {
        task('a', nothing, { pool: untyped('warehouse') });
        task.map('b', ['x'], untyped(nothing));
        group('c', ({ task }) => task('x', nothing), { triggerRule: 'all_done' });
        group('e', ({ task }) => task('x', nothing), { retries: untyped([{ attempts: 1 }]) });
        group.map('f', ['x'], ({ task }) => task('x', nothing), untyped({ retries: 1 }));
        group.map('g', ['x'], ({ task }) => task('x', nothing), { label: untyped(() => new Date(0)) });
        loop('h', untyped({ initial: 1, until: () => null, maxIteration: 2 }), (_, { task }) =>
          untyped(task('x', nothing)),
        );
        const unit = group('i', ({ task }) => ({ x: task('x', nothing) }), { retries: 1 });
        task('k', nothing, { teardownOf: unit });
        group('l', ({ task: inner }) => inner('x', nothing, { after: task.map('m', [1], () => nothing) }));
      }),
    );
    expect(problems).toMatchInlineSnapshot(`
      [
        "dag "d" › task "a" › pool: must be a pool, got "warehouse"; write const warehouse = pool('warehouse', { slots: 4 }), then { pool: warehouse }",
        "dag "d" › task "b": must be a function from an item to a call, got an fn; write (item) => fn({ item }, async ({ item }) => …)",
        "dag "d" › group "c" › triggerRule: must only be set on a mapped group or one with retries, got a plain group, which is a name only; set it on its tasks: { defaults: { triggerRule } }",
        "dag "d" › group "e" › retries: must be a number of tries or a rule, got a list; write { attempts: 3, delay: '1m' }",
        "dag "d" › group "f" › retries: is no option; write one of after, defaults, doc, triggerRule, concurrency, tolerate, label, maxItems",
        "dag "d" › group "g" › label: must be JSON or a Ref, got a Date; give its toISOString()",
        "dag "d" › loop "h" › maxIteration: is no option; did you mean "maxIterations"?",
        "dag "d" › loop "h" › next: must be JSON or a Ref, got a task; give its .output",
        "dag "d" › task "k" › teardownOf: must be setup tasks, got group "i"; name the tasks that set up",
        "dag "d" › task "m": must be declared by the scope of group "l", got another one's task; take task from the group's body: group("l", ({ task }) => …)",
      ]
    `);
  });
});
