import { expect, test } from 'vitest';
import { triggerRule } from '../../../lib/compiler/rules/trigger-rule.ts';
import { node, sales, told, untyped } from './graphs.ts';

test('an unknown rule is told with the nearest one', () => {
  const tasks = [
    node('a', { triggerRule: untyped('all_succes') }),
    node('b', { triggerRule: untyped('whenever') }),
  ];
  expect(told(triggerRule, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "a" › triggerRule: must be a trigger rule, got "all_succes"; did you mean "all_success"?",
      "dag "sales" › task "b" › triggerRule: must be a trigger rule, got "whenever"; write one of all_success, all_failed, all_done, all_done_min_one_success, all_skipped, one_failed, one_success, one_done, none_failed, none_failed_min_one_success, none_skipped, always",
    ]
  `);
});

test("the teardown's rule belongs to teardowns, and no other does", () => {
  const tasks = [
    node('a', { triggerRule: 'all_done_setup_success' }),
    node('b', { teardownOf: ['a'], triggerRule: 'all_done' }),
  ];
  expect(told(triggerRule, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "a" › triggerRule: must not be the rule of teardowns on another task, got "all_done_setup_success"; name its setups in teardownOf, or write "all_done"",
      "dag "sales" › task "b" › triggerRule: must not be set on a teardown, which has a rule of its own, got "all_done"; leave triggerRule out",
    ]
  `);
});
