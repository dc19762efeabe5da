/** Which task comes after which, from everything that may say so. */
import { describe, expect, test } from 'vitest';
import { type DagNode, dag, eq, fn, param, text } from '../../lib/index.ts';

const nothing = fn(() => undefined);
const counted = fn(() => ({ rows: 1 }));

/** Task → the ids above it, with labels: `size:big`. */
function edges(node: DagNode): Readonly<Record<string, string>> {
  const shown = node.tasks.map(({ id, upstream }) => [
    id,
    upstream
      .map(({ task, labels }) => (labels === undefined ? task : `${task}:${labels.join('|')}`))
      .join(' '),
  ]);
  return Object.fromEntries(shown);
}

test('using an output is a dependency, at any depth, once', () => {
  const node = dag('d', {}, ({ task, choose, shortCircuit }) => {
    const a = task('a', counted);
    const b = task('b', counted);
    task(
      'c',
      fn({ list: [a.output.rows, { b: b.output.rows, again: a.output }] }, () => undefined),
    );
    task(
      'e',
      fn({ name: text`n${b.output.rows}` }, () => undefined),
      { after: [a, b] },
    );
    choose('f', { one: eq(a.output.rows, b.output.rows) }, 'other');
    shortCircuit('g', eq(b.output.rows, 1), { after: a });
  });
  expect(edges(node)).toEqual({ a: '', b: '', c: 'a b', e: 'b a', f: 'a b', g: 'b a' });
});

test('a task given twice is one upstream task', () => {
  const node = dag('d', {}, ({ task, chain }) => {
    const a = task('a', nothing);
    const b = task('b', nothing, { after: [a, a] });
    chain(a, b);
  });
  expect(edges(node)).toEqual({ a: '', b: 'a' });
});

describe('chain', () => {
  test('joins each with the next, lists with all of it', () => {
    const node = dag('d', {}, ({ task, chain }) => {
      const [a, b, c, e] = ['a', 'b', 'c', 'e'].map((id) => task(id, nothing));
      if (a && b && c && e) chain(a, [b, c], e);
    });
    expect(edges(node)).toEqual({ a: '', b: 'a', c: 'a', e: 'b c' });
  });

  test('pairs two lists of one length', () => {
    const node = dag('d', {}, ({ task, chain }) => {
      chain([task('a', nothing), task('b', nothing)], [task('c', nothing), task('e', nothing)]);
    });
    expect(edges(node)).toEqual({ a: '', b: '', c: 'a', e: 'b' });
  });

  test('takes labels and groups', () => {
    const node = dag('d', {}, ({ task, group, branch, chain }) => {
      const size = branch(
        'size',
        fn((): 'big' | 'small' => 'big'),
      );
      const g = group('g', ({ task }) => task('a', nothing));
      chain(size.to('big'), g, task('end', nothing));
    });
    expect(edges(node)).toEqual({ size: '', 'g.a': 'size:big', end: 'g.a' });
  });
});

describe('a group', () => {
  test('stands for its last tasks above, and for its first ones below', () => {
    const node = dag('d', {}, ({ task, group }) => {
      const start = task('start', nothing);
      const g = group(
        'g',
        ({ task }) => {
          const a = task('a', nothing);
          task('b', nothing, { after: a });
          task('c', nothing, { after: a });
          task('alone', nothing);
        },
        { after: start },
      );
      task('end', nothing, { after: g });
    });
    expect(edges(node)).toEqual({
      start: '',
      'g.a': 'start',
      'g.b': 'g.a',
      'g.c': 'g.a',
      'g.alone': 'start',
      end: 'g.b g.c g.alone',
    });
  });

  test('knows its first and last tasks when the body has ended, chains of inner groups included', () => {
    const node = dag('d', {}, ({ task, group, chain }) => {
      const outer = group('o', ({ task, group, chain }) => {
        const one = group('one', ({ task }) => task('a', nothing));
        const two = group('two', ({ task }) => task('b', nothing));
        const c = task('c', nothing);
        chain(one, two, c);
      });
      chain(task('start', nothing), outer, task('end', nothing));
    });
    expect(edges(node)).toEqual({
      'o.one.a': 'start',
      'o.two.b': 'o.one.a',
      'o.c': 'o.two.b',
      start: '',
      end: 'o.c',
    });
    expect(node.groups).toEqual([
      { id: 'o', tasks: ['o.c'] },
      { id: 'o.one', tasks: ['o.one.a'] },
      { id: 'o.two', tasks: ['o.two.b'] },
    ]);
  });

  test('is followed after its work, not after its teardown', () => {
    const node = dag('d', {}, ({ task, group }) => {
      const g = group('g', ({ task }) => {
        const cluster = task('cluster', nothing);
        const work = task('work', nothing, { after: cluster });
        task('stop', nothing, { after: work, teardownOf: cluster });
      });
      task('end', nothing, { after: g });
    });
    expect(edges(node)).toEqual({
      'g.cluster': '',
      'g.work': 'g.cluster',
      'g.stop': 'g.work g.cluster',
      end: 'g.work',
    });
  });

  test('gives its tasks defaults, over the DAG’s and under their own', () => {
    const node = dag('d', { defaults: { retries: 1, timeout: '1m', owner: 'a' } }, ({ task, group }) => {
      task('a', nothing);
      group(
        'g',
        ({ task, group }) => {
          task('b', nothing);
          group('h', ({ task }) => task('c', nothing, { retries: 0 }), { defaults: { timeout: '3m' } });
        },
        { defaults: { retries: { attempts: 2, delay: '5s' }, owner: 'b' } },
      );
    });
    expect(node.tasks.map(({ id, retries, timeout, owner }) => ({ id, retries, timeout, owner }))).toEqual([
      { id: 'a', retries: [{ attempts: 1 }], timeout: '1m', owner: 'a' },
      { id: 'g.b', retries: [{ attempts: 2, delay: '5s' }], timeout: '1m', owner: 'b' },
      { id: 'g.h.c', retries: [], timeout: '3m', owner: 'b' },
    ]);
  });
});

describe('a brancher', () => {
  test('has the labels that are followed, in that order, and those declared', () => {
    const node = dag('d', {}, ({ task, branch }) => {
      const size = branch(
        'size',
        fn((): 'big' | 'small' | 'none' => 'big'),
        { labels: ['none'] },
      );
      task('b', nothing, { after: [size.to('small'), size.to('big')] });
      task('c', nothing, { after: size });
    });
    expect(edges(node)).toEqual({ size: '', b: 'size:small|big', c: 'size' });
    expect(node.tasks[0]?.call).toEqual({ kind: 'branch', inputs: null, labels: ['none', 'small', 'big'] });
  });
});

test('a teardown comes after its setups and has the rule of teardowns', () => {
  const node = dag('d', { defaults: { triggerRule: 'all_done' } }, ({ task }) => {
    const a = task('a', nothing);
    const b = task('b', nothing);
    task('stop', nothing, { teardownOf: [a, b], failRun: true });
  });
  expect(node.tasks.at(-1)).toMatchObject({
    upstream: [{ task: 'a' }, { task: 'b' }],
    triggerRule: 'all_done_setup_success',
    teardownOf: ['a', 'b'],
    failRun: true,
  });
});

test('a short circuit is an expression or a function', () => {
  const node = dag('d', { params: { go: param.boolean() } }, ({ task, shortCircuit, params }) => {
    const a = shortCircuit('a', params.go, { respectTriggerRules: true });
    const b = shortCircuit(
      'b',
      fn({ go: params.go }, ({ go }) => go),
    );
    task('c', nothing, { after: [a, b] });
  });
  const go = { $ref: { kind: 'param', name: 'go', path: [] } };
  expect(node.tasks.map(({ call }) => call).slice(0, 2)).toEqual([
    { kind: 'shortCircuit', condition: go, respectTriggerRules: true },
    { kind: 'shortCircuitFn', inputs: { go }, respectTriggerRules: false },
  ]);
});
