import { describe, expect, test } from 'vitest';
import type { Store } from '../../../lib/store/store.ts';
import { dateOf, ended, run } from '../build.ts';

const KEY = { dagId: 'sales', runId: dateOf(1) };

export function runContract(current: () => Store): void {
  describe('writes', () => writes(current));
  describe('lanes', () => lanes(current));
}

function writes(current: () => Store): void {
  test('creates the run of an interval once, whoever is first', async () => {
    const { runs } = current();
    const results = await Promise.all(
      ['scheduler', 'backfill 1', 'backfill 2'].map((by) => runs.create(run(1, { by }))),
    );
    expect(results.filter(Boolean)).toHaveLength(1);
    const winner = ['scheduler', 'backfill 1', 'backfill 2'][results.indexOf(true)] ?? '';
    expect(await runs.get(KEY)).toStrictEqual(run(1, { by: winner }));
    expect(await runs.create(run(1, { dagId: 'stock' }))).toBe(true);
    expect(await runs.get({ dagId: 'sales', runId: dateOf(2) })).toBeUndefined();
  });

  test('keeps every field of a run', async () => {
    const { runs } = current();
    const full = ended(1, {
      id: `${dateOf(1)}~01A`,
      type: 'manual',
      state: 'failed',
      lane: 'BF#01B',
      attempt: 3,
      params: { deep: { list: [1, null, 'ü "x"', true] }, 'a.b': '', empty: {} },
      note: "it's a note",
      notBefore: dateOf(2),
      again: ['a', 'b'],
      execution: 'sales-1',
      cells: 'sfk-',
      error: 'States.TaskFailed',
      cause: 'line 1\nline 2',
      failed: [{ task: 'a', instance: '2.0', try: 2, error: 'E', cause: 'c' }],
      transitions: 17,
      rev: 5,
    });
    await runs.create(full);
    expect(await runs.get({ dagId: 'sales', runId: full.id })).toStrictEqual(full);
  });

  test('changes fields of a run that is as expected, and counts the writes', async () => {
    const { runs } = current();
    await runs.create(run(1, { note: 'x', params: { a: { b: 1, c: 2 } } }));
    const started = await runs.update(
      KEY,
      { states: ['queued'] },
      { state: 'starting', execution: 'e1', note: undefined, params: { a: { b: 3 } } },
    );
    const expected = run(1, { state: 'starting', execution: 'e1', params: { a: { b: 3 } }, rev: 1 });
    expect(started).toStrictEqual(expected);
    expect(await runs.get(KEY)).toStrictEqual(expected);
    expect(await runs.update(KEY, { states: ['starting', 'running'], attempt: 1, rev: 1 }, {})).toStrictEqual(
      {
        ...expected,
        rev: 2,
      },
    );
  });

  test.each([
    ['state', { states: ['running'] }],
    ['any of no states', { states: [] }],
    ['attempt', { states: ['queued'], attempt: 2 }],
    ['revision', { states: ['queued'], rev: 1 }],
  ] as const)('leaves a run of another %s as it is', async (_, expected) => {
    const { runs } = current();
    await runs.create(run(1));
    expect(await runs.update(KEY, expected, { state: 'success' })).toBeUndefined();
    expect(await runs.get(KEY)).toStrictEqual(run(1));
  });

  test('changes no run that is not there', async () => {
    expect(await current().runs.update(KEY, { states: ['queued'] }, {})).toBeUndefined();
  });

  test('lets one of several go on from a state', async () => {
    const { runs } = current();
    await runs.create(run(1));
    const results = await Promise.all(
      ['e1', 'e2', 'e3'].map((execution) =>
        runs.update(KEY, { states: ['queued'] }, { state: 'starting', execution }),
      ),
    );
    const winners = results.filter((result) => result !== undefined);
    expect(winners).toHaveLength(1);
    expect(await runs.get(KEY)).toEqual(winners[0]);
  });

  test('shares no data with those who write and read it', async () => {
    const { runs } = current();
    const tags = ['a'];
    await runs.create(run(1, { params: { tags } }));
    tags.push('b');
    const read = await runs.get(KEY);
    expect(read?.params).toEqual({ tags: ['a'] });
    // Frozen, or a copy of the reader's own.
    Reflect.set(Object(read?.params['tags']), 0, 'c');
    expect((await runs.list({})).items[0]?.params).toEqual({ tags: ['a'] });
  });
}

function lanes(current: () => Store): void {
  test('gives as many places as there are, the same run one', async () => {
    const { runs } = current();
    expect(await runs.admit('sales', 'main', 'a', 2)).toBe(true);
    expect(await runs.admit('sales', 'main', 'a', 2)).toBe(true);
    expect(await runs.admit('sales', 'main', 'b', 2)).toBe(true);
    expect(await runs.admit('sales', 'main', 'c', 2)).toBe(false);
    expect(await runs.admitted('sales', 'main')).toEqual(['a', 'b']);
    expect(await runs.admit('sales', 'BF#1', 'c', 1)).toBe(true);
    expect(await runs.admit('stock', 'main', 'c', 1)).toBe(true);
    expect(await runs.admitted('nope', 'main')).toEqual([]);
  });

  test('lets a run keep its place where there are fewer places now', async () => {
    const { runs } = current();
    for (const id of ['a', 'b']) await runs.admit('sales', 'main', id, 2);
    expect(await runs.admit('sales', 'main', 'b', 1)).toBe(true);
    expect(await runs.admit('sales', 'main', 'c', 1)).toBe(false);
    expect(await runs.admit('sales', 'main', 'b', 0)).toBe(true);
  });

  test('gives places back, once or twice', async () => {
    const { runs } = current();
    await runs.admit('sales', 'main', 'a', 1);
    await runs.release('sales', 'main', 'b');
    await runs.release('sales', 'BF#1', 'a');
    expect(await runs.admit('sales', 'main', 'b', 1)).toBe(false);
    for (const _ of [1, 2]) await runs.release('sales', 'main', 'a');
    expect(await runs.admit('sales', 'main', 'b', 1)).toBe(true);
    expect(await runs.admitted('sales', 'main')).toEqual(['b']);
  });

  test('never gives more places than there are to those who ask at once', async () => {
    const { runs } = current();
    const ids = Array.from({ length: 20 }, (_, index) => `run ${index}`);
    const results = await Promise.all(ids.map((id) => runs.admit('sales', 'main', id, 3)));
    expect(results.filter(Boolean)).toHaveLength(3);
    expect(await runs.admitted('sales', 'main')).toHaveLength(3);
  });
}
