import { expect, test } from 'vitest';
import { unknownLabel } from '../../../lib/compiler/rules/unknown-label.ts';
import { choose, node, sales, told } from './graphs.ts';

test('a label the branch does not give is told', () => {
  const tasks = [
    node('size', { call: choose('big', 'small') }),
    node('plain'),
    node('a', { after: [{ task: 'size', labels: ['smal', 'medium'] }] }),
    node('b', { after: [{ task: 'plain', labels: ['big'] }] }),
  ];
  expect(told(unknownLabel, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "a" › after: must follow a label of "size", got "smal"; did you mean "small"?",
      "dag "sales" › task "a" › after: must follow a label of "size", got "medium"; write "big" or "small"",
      "dag "sales" › task "b" › after: must follow labels of a branch, got "big" of "plain", which is none; depend on the task itself: { after: plain }",
    ]
  `);
});
