import { expect, test } from 'vitest';
import type { RecordedRun } from '../../../lib/history/recorded-run.ts';
import type { Store } from '../../../lib/store/store.ts';
import { dateOf, row, run } from '../build.ts';

const KEY = { dagId: 'sales', runId: dateOf(1) };

export function taskRunContract(current: () => Store): void {
  test('gives rows in the order they were first put, attempt by attempt', async () => {
    const { runs, taskRuns } = current();
    await runs.create(run(1));
    await taskRuns.put(KEY, [row('b'), row('a', { state: 'running' })]);
    await taskRuns.put(KEY, [row('c', { attempt: 2 })]);
    await taskRuns.put(KEY, [row('d'), row('b', { state: 'failed' }), row('a', { attempt: 2 })]);
    expect(await taskRuns.list(KEY)).toStrictEqual([
      row('b', { state: 'failed' }),
      row('a', { state: 'running' }),
      row('d'),
      row('c', { attempt: 2 }),
      row('a', { attempt: 2 }),
    ]);
    expect(await taskRuns.list(KEY, { task: 'a' })).toEqual([
      row('a', { state: 'running' }),
      row('a', { attempt: 2 }),
    ]);
    expect(await taskRuns.list(KEY, { attempt: 2 })).toHaveLength(2);
    expect(await taskRuns.list(KEY, { task: 'a', attempt: 2 })).toEqual([row('a', { attempt: 2 })]);
  });

  test('tells instances of a task from the whole, and replaces the row of one', async () => {
    const { runs, taskRuns } = current();
    await runs.create(run(1));
    const tries = [{ startMs: 1, endMs: 2, state: 'failed', error: 'E', cause: 'x'.repeat(4_000) }] as const;
    const whole = row('load', { items: 2, state: 'failed' });
    const first = row('load', { instance: '0', mapIndex: 0, label: 'ü', tries, markedBy: 'ann' });
    const second = row('load', { instance: '1.0', state: 'up_for_retry' });
    await taskRuns.put(KEY, [whole, first, second]);
    expect(await taskRuns.list(KEY)).toStrictEqual([whole, first, second]);
    const { endMs: _, ...again } = { ...second, state: 'running' as const };
    await taskRuns.put(KEY, [again]);
    await taskRuns.put(KEY, [again]);
    expect(await taskRuns.list(KEY)).toStrictEqual([whole, first, again]);
  });

  test('keeps the last of rows for the same that are put at once', async () => {
    const { runs, taskRuns } = current();
    await runs.create(run(1));
    await taskRuns.put(KEY, [row('a', { state: 'running' }), row('b'), row('a')]);
    expect(await taskRuns.list(KEY)).toEqual([row('a'), row('b')]);
  });

  test('keeps the rows of one run apart from those of others', async () => {
    const { runs, taskRuns } = current();
    await runs.create(run(1));
    await runs.create(run(1, { dagId: 'stock' }));
    await taskRuns.put(KEY, [row('a')]);
    await taskRuns.put(KEY, []);
    expect(await taskRuns.list({ ...KEY, dagId: 'stock' })).toEqual([]);
    expect(await taskRuns.list(KEY)).toEqual([row('a')]);
  });

  test('keeps nothing of a run that is not there', async () => {
    const { runs, taskRuns } = current();
    await taskRuns.put(KEY, [row('a')]);
    await taskRuns.putRecorded(KEY, recorded('one'));
    expect(await taskRuns.list(KEY)).toEqual([]);
    expect(await taskRuns.recorded(KEY)).toBeUndefined();
    await runs.create(run(1));
    expect(await taskRuns.list(KEY)).toEqual([]);
  });

  test('keeps what a run recorded, the last', async () => {
    const { runs, taskRuns } = current();
    await runs.create(run(1));
    expect(await taskRuns.recorded(KEY)).toBeUndefined();
    await taskRuns.putRecorded(KEY, recorded('one'));
    await taskRuns.putRecorded(KEY, recorded('two'));
    expect(await taskRuns.recorded(KEY)).toStrictEqual(recorded('two'));
  });
}

function recorded(value: string): RecordedRun {
  return {
    states: new Map([
      ['a', 'success'],
      ['b', 'failed'],
    ]),
    outputs: new Map([['a', { file: value, 'n.m': [1, { x: null }] }]]),
    marks: { '>a': value },
    records: [],
  };
}
