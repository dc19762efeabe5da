import { expect, test } from 'vitest';
import { labelWithoutListener } from '../../../lib/compiler/rules/label-without-listener.ts';
import { choose, node, sales, told } from './graphs.ts';

test('a label that no task follows is told', () => {
  const tasks = [
    node('size', { call: choose('big', 'huge', 'small') }),
    node('a', { after: [{ task: 'size', labels: ['big', 'small'] }] }),
  ];
  expect(told(labelWithoutListener, sales(tasks))).toMatchInlineSnapshot(`
    [
      "dag "sales" › task "size": label "huge" must be followed by a task, got none; let a task follow it: { after: size.to('huge') }, or remove the label",
    ]
  `);
});
