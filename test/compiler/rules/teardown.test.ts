import { expect, test } from 'vitest';
import { teardown } from '../../../lib/compiler/rules/teardown.ts';
import { node, sales, told } from './graphs.ts';

test('a teardown names setups of this DAG', () => {
  const options = { triggerRule: 'all_done_setup_success' as const };
  const tasks = [
    node('create'),
    node('none', { ...options, teardownOf: [] }),
    node('itself', { ...options, teardownOf: ['itself'] }),
    node('typo', { ...options, teardownOf: ['creat'] }),
    node('other', { ...options, teardownOf: ['typo'] }),
    node('good', { ...options, teardownOf: ['create'] }),
  ];
  expect(told(teardown, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "none" › teardownOf: must name at least one setup, got none; name it: { teardownOf: cluster }",
      "dag "sales" › task "itself" › teardownOf: must name another task, got itself; name the setup it cleans up after",
      "dag "sales" › task "typo" › teardownOf: must name a task of this DAG, got "creat"; did you mean "create"?",
      "dag "sales" › task "other" › teardownOf: must name a setup, got "typo", which is a teardown; name the task that creates what both clean up",
    ]
  `);
});

test('failRun is for teardowns', () => {
  expect(told(teardown, sales([node('a', { failRun: true })]))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "a" › failRun: must only be set on a teardown, got true; leave it out: a task that is no teardown always decides the run",
    ]
  `);
});
