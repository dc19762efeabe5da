import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import { type RecordedRun, recordedRun } from '../../lib/history/recorded-run.ts';
import { recordsKept, rerunOf, selectedTasks } from '../../lib/history/rerun.ts';
import { dag, fn } from '../../lib/index.ts';
import { simulate } from '../../lib/testing.ts';
import { groupRetries, loops, mappedGroup, mapping, nGraph, teardowns } from '../features.ts';

const nothing = fn(() => undefined);
const chain = dag('chain', {}, ({ task }) => {
  const a = task(
    'a',
    fn(() => ({ rows: 3 })),
  );
  const b = task(
    'b',
    fn({ rows: a.output.rows }, () => undefined),
    { after: a },
  );
  task('c', nothing, { after: b });
});

const manifestOf = (of: typeof chain) => compile(of).manifest;
const recorded = (states: Record<string, 'success' | 'failed' | 'none'>): RecordedRun => ({
  states: new Map(Object.entries(states)),
  outputs: new Map(),
  marks: {},
  records: [],
});

describe('selectedTasks', () => {
  test.each([
    [['b'], ['b']],
    [['b+'], ['b', 'c']],
    [
      ['c', 'a'],
      ['a', 'c'],
    ],
  ])('%j runs %j again', (wanted, again) => {
    expect(selectedTasks(chain, manifestOf(chain), wanted)).toEqual(again);
  });

  test('of work, its setup and its teardown too', () => {
    expect(selectedTasks(teardowns, manifestOf(teardowns), ['more'])).toEqual(['cluster', 'more', 'stop']);
  });

  test('of a task in a module, the module', () => {
    expect(selectedTasks(groupRetries, manifestOf(groupRetries), ['load.b'])).toEqual(['load']);
  });
});

describe('rerunOf', () => {
  test('refuses to read what nobody recorded', () => {
    const run = recorded({ a: 'success', b: 'failed', c: 'none' });
    expect(() => rerunOf(chain, run, ['b'])).toThrow('reads the output of "a", which its run did not record');
  });

  test('refuses what is too much for one input', () => {
    const run = {
      ...recorded({ a: 'success', b: 'failed', c: 'none' }),
      outputs: new Map([['a', { rows: 'x'.repeat(300_000) }]]),
    };
    expect(() => rerunOf(chain, run, ['b'])).toThrow('must be at most 204800 bytes of JSON, got 3000');
  });

  test('hands on only what is read', () => {
    const run = {
      ...recorded({ a: 'success', b: 'success', c: 'failed' }),
      outputs: new Map([['a', { rows: 3 }]]),
    };
    expect(rerunOf(chain, run, ['c']).outputs).toEqual({});
  });
});

describe('a rerun of the last task gets what the run recorded', () => {
  const output = { rows: 3, files: ['x', 'y'] };
  test.each([
    ['behind maps', mapping, 'sum'],
    ['behind a map of executions of their own', mappedGroup, 'sum'],
    ['behind a group with retries', groupRetries, 'report'],
    ['behind a loop', loops, 'report'],
    ['behind latches', nGraph, 'd'],
  ])('%s', async (_what, of, last) => {
    const script = Object.fromEntries(of.tasks.map(({ id }) => [id, [{ output }]]));
    const seen: unknown[] = [];
    const onTry = ({ task, args }: { task: string; args?: unknown }) => task === last && seen.push(args);
    const first = await simulate(compile(of), script, { onTry });
    const run = recordedRun(manifestOf(of), first.events);
    const rerun = rerunOf(of, run, selectedTasks(of, manifestOf(of), [last]));
    const second = await simulate(compile(of, { rerun: true }), script, {
      onTry,
      rerun,
      records: recordsKept(run, rerun.tasks),
    });
    expect(second.state).toBe('success');
    expect(seen).toHaveLength(2);
    expect(seen[1]).toEqual(seen[0]);
  });
});
