import { expect, test } from 'vitest';
import { refIntoSkippable } from '../../../lib/compiler/rules/ref-into-skippable.ts';
import type { TriggerRule } from '../../../lib/model/trigger-rule.ts';
import { choose, node, outputOf, reading, sales, told } from './graphs.ts';

const BRANCHED = [
  node('size', { call: choose('big', 'small') }),
  node('fetch', { after: [{ task: 'size', labels: ['big'] }] }),
];

test('reading a task that a branch may leave out is told', () => {
  const tasks = [
    ...BRANCHED,
    node('report', { after: ['fetch', 'size'], triggerRule: 'none_failed', call: reading('fetch') }),
  ];
  expect(told(refIntoSkippable, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "report" › inputs.rows: must be there when the task runs, but "fetch" may have been skipped when "report" (none_failed) runs; write orElse(ref, default), or choose another trigger rule",
    ]
  `);
});

test('reading what may have failed, not ended, or never gives output is told', () => {
  const reader = (triggerRule: TriggerRule) =>
    node(triggerRule, { after: ['fetch', 'other'], triggerRule, call: reading('fetch') });
  const tasks = [
    node('fetch'),
    node('other'),
    reader('all_done'),
    reader('always'),
    reader('all_failed'),
    reader('one_success'),
  ];
  expect(told(refIntoSkippable, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "all_done" › inputs.rows: must be there when the task runs, but "fetch" may have failed when "all_done" (all_done) runs; write orElse(ref, default), or choose another trigger rule",
      "dag "sales" › task "always" › inputs.rows: must be there when the task runs, but "fetch" may not have ended when "always" (always) runs; write orElse(ref, default), or choose another trigger rule",
      "dag "sales" › task "all_failed" › inputs.rows: must be there when the task runs, but "fetch" has given no output when "all_failed" (all_failed) runs; write orElse(ref, default), or choose another trigger rule",
      "dag "sales" › task "one_success" › inputs.rows: must be there when the task runs, but "fetch" may have failed when "one_success" (one_success) runs; write orElse(ref, default), or choose another trigger rule",
    ]
  `);
});

test('orElse and exists make a reader tolerant', () => {
  const call = (op: 'orElse' | 'exists') => ({ $ref: { kind: 'call', op, args: [outputOf('fetch'), 0] } });
  const inputs = [call('orElse'), call('exists')];
  const tasks = [
    ...BRANCHED,
    node('report', { after: ['fetch', 'size'], triggerRule: 'none_failed', call: { kind: 'fn', inputs } }),
  ];
  expect(told(refIntoSkippable, sales(tasks))).toEqual([]);
});

test('a reader that runs only after success is fine, and so is a teardown of what it reads', () => {
  const tasks = [
    node('create'),
    node('load', { after: ['create'], call: reading('create') }),
    node('merge', { after: ['load'], triggerRule: 'none_failed', call: reading('load') }),
    node('drop', {
      after: ['create', 'merge'],
      teardownOf: ['create'],
      triggerRule: 'all_done_setup_success',
      call: reading('create'),
    }),
  ];
  expect(told(refIntoSkippable, sales(tasks))).toEqual([]);
});
