import { describe, expect, test } from 'vitest';
import { instanceName, instancesText, isMeant, selectionOf } from '../../lib/cli/instances.ts';
import { liveProgress } from '../../lib/cli/live-progress.ts';
import { plainProgress } from '../../lib/cli/progress.ts';
import { shownRuns, timeline } from '../../lib/cli/timeline.ts';
import type { TaskInstance, TaskRun } from '../../lib/history/task-run.ts';
import { manifestOf } from './manifest.ts';
import { fakeTerminal } from './terminal.ts';

function instance(index: number, more: Partial<TaskInstance> = {}): TaskInstance {
  const tries = [{ startMs: 0, endMs: 1000, state: 'success' }] as const;
  const common = { instance: String(index), mapIndex: index, startMs: 0, endMs: 1000 };
  return { ...common, state: 'success', tries, ...more };
}

const failed = (index: number, more: Partial<TaskInstance> = {}) =>
  instance(index, {
    state: 'failed',
    tries: [{ startMs: 0, endMs: 1000, state: 'failed', error: 'Boom', cause: 'bad' }],
    ...more,
  });

function mapped(instances: readonly TaskInstance[], items: number): TaskRun {
  return { id: 'load', state: 'running', startMs: 0, tries: [], instances, items };
}

describe('instances', () => {
  test('are counted', () => {
    const running = instance(2, { state: 'running' });
    expect(instancesText(mapped([instance(0), failed(1), running], 40))).toBe('2/40 done, 1 failed');
    expect(instancesText(mapped([], 0))).toBe('0/0 done');
    expect(instancesText({ instances: [instance(0, { instance: '0.1', groupTry: 1 })] })).toBe('1/1 done');
  });

  test('of earlier tries of what is around do not count', () => {
    const instances = [failed(0, { groupTry: 1 }), instance(0, { groupTry: 2 })];
    expect(instancesText({ instances, items: 3 })).toBe('1/3 done');
  });

  test('of groups and loops are numbered', () => {
    const round = (more: object) => ({ instance: '2', state: 'success', tries: [], ...more }) as TaskInstance;
    expect(instancesText({ instances: [round({ groupTry: 1 }), round({ groupTry: 2 })] })).toBe(
      'try 2 of its group',
    );
    expect(instancesText({ instances: [round({ iteration: 3 })] })).toBe('iteration 3');
    expect(instancesText({ instances: [round({ groupTry: 1 })] })).toBe('');
    expect(instancesText({})).toBe('');
  });

  test('are named by counters, and by what a person calls them', () => {
    expect(instanceName('load', { instance: '2.0' })).toBe('load[2.0]');
    expect(instanceName('load', { instance: '3', label: 'eu' })).toBe('load[3] (eu)');
    expect(selectionOf('g.load[eu west]')).toEqual({ task: 'g.load', instance: 'eu west' });
    expect(selectionOf('load')).toEqual({ task: 'load' });
    expect(isMeant({ instance: '3', label: 'eu' }, 'eu')).toBe(true);
    expect(isMeant({ instance: '3', label: 'eu' }, '30')).toBe(false);
  });
});

test('progress tells how many are done', () => {
  const plain = fakeTerminal();
  plainProgress(plain.terminal).end([{ ...mapped([instance(0)], 2), state: 'failed', endMs: 1000 }], 1000);
  expect(plain.take()).toBe('✕ failed  load (1/2 done) in 1.0s\n');
  const live = fakeTerminal();
  const view = liveProgress(manifestOf({ load: {} }), live.terminal);
  view.update([mapped([instance(0), failed(1)], 12)], 3000);
  expect(live.screen()).toEqual(['  ▶ load  3.0s  2/12 done, 1 failed']);
});

describe('a timeline', () => {
  const plain = (_: unknown, text: string) => text;
  const told = (task: TaskRun, wanted = {}) =>
    timeline(shownRuns([task], [], wanted), plain).map((line) => line.slice(14));

  test('tells a few instances one by one', () => {
    expect(told(mapped([instance(0, { label: 'eu' }), failed(1)], 2))).toEqual([
      '▶ load[0] (eu)',
      '▶ load[1]',
      '✓ success  load[0] (eu) in 1.0s',
      '✕ failed  load[1] in 1.0s: Boom, bad',
    ]);
  });

  const many = {
    ...mapped(
      Array.from({ length: 100 }, (_, at) => (at === 7 ? failed(at) : instance(at))),
      100,
    ),
  };

  test('tells of many those that failed, and how many there are', () => {
    expect(told({ ...many, state: 'failed', endMs: 2000 })).toEqual([
      '▶ load[7]',
      '✕ failed  load[7] in 1.0s: Boom, bad',
      '✕ failed  load 100/100 done, 1 failed',
    ]);
  });

  test('tells all that are asked for, or one', () => {
    expect(told(many, { instances: true })).toHaveLength(200);
    expect(told(many, { instance: '42' })).toEqual(['▶ load[42]', '✓ success  load[42] in 1.0s']);
  });

  test('has the log lines of each instance', () => {
    const line = (message: string) => ({ at: new Date(500).toISOString(), level: 'info', message }) as const;
    const logs = [
      { task: 'load', instance: '0', try: 1, lines: [line('of 0')] },
      { task: 'load', instance: '1', try: 1, lines: [line('of 1')] },
    ];
    const runs = shownRuns([mapped([instance(0), instance(1)], 2)], logs, { instance: '1' });
    expect(timeline(runs, plain).map((text) => text.slice(14))[1]).toBe('  load[1] INFO  of 1');
  });
});
