import { expect, test } from 'vitest';
import { unsatisfiableTriggerRule } from '../../../lib/compiler/rules/unsatisfiable-trigger-rule.ts';
import { choose, node, QUERY, sales, told } from './graphs.ts';

test('a task that waits for the skip of one that is never skipped is told', () => {
  const tasks = [
    node('fetch', { call: QUERY }),
    node('alert', { after: ['fetch'], triggerRule: 'all_skipped' }),
    node('next', { after: ['alert'] }),
  ];
  expect(told(unsatisfiableTriggerRule, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "alert" › triggerRule: must be a rule that can hold, got "all_skipped" although "fetch" is never skipped; choose another rule, or depend on tasks that a branch can leave out",
    ]
  `);
});

test('what a branch, a short circuit, a skipped setup or SkipTask can bring about is not told', () => {
  const after = (task: string) => ({ after: [task], triggerRule: 'all_skipped' as const });
  const tasks = [
    node('size', { call: choose('big', 'small') }),
    node('chosen', { call: QUERY, after: [{ task: 'size', labels: ['big'] }] }),
    node('a', after('chosen')),
    node('gate', { call: { kind: 'shortCircuit', condition: true, respectTriggerRules: false } }),
    node('one', { call: QUERY, after: ['gate'] }),
    node('two', { call: QUERY, after: ['one'], triggerRule: 'all_done' }),
    node('b', after('two')),
    node('setup'),
    node('work', { call: QUERY, after: ['setup'], triggerRule: 'all_done' }),
    node('more', { call: QUERY, after: ['work'], triggerRule: 'all_done' }),
    node('drop', { after: ['more'], teardownOf: ['setup'], triggerRule: 'all_done_setup_success' }),
    node('c', after('more')),
    node('d', after('setup')),
  ];
  expect(told(unsatisfiableTriggerRule, sales(tasks))).toEqual([]);
});

test('rules that wait for failures are fine: whatever runs may fail', () => {
  const tasks = [
    node('fetch', { call: QUERY }),
    node('a', { after: ['fetch'], triggerRule: 'all_failed' }),
    node('b', { after: ['fetch'], triggerRule: 'one_failed' }),
    node('root', { triggerRule: 'one_failed' }),
  ];
  expect(told(unsatisfiableTriggerRule, sales(tasks))).toEqual([]);
});
