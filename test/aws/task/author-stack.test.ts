import { expect, test } from 'vitest';
import { authorStack } from '../../../lib/aws/task/author-stack.ts';
import { dag, FailTask, fn } from '../../../lib/index.ts';
import type { FnContext } from '../../../lib/model/context.ts';
import { callBody } from '../../../lib/runtime/body.ts';

function stackOf(body: () => null): string {
  const made = dag('sales', {}, ({ task }) => {
    task('a', fn(body));
  });
  const [task] = made.tasks;
  if (task === undefined) throw new Error('must have a task');
  try {
    callBody({ dag: made, task, args: {}, context: {} as FnContext });
  } catch (error) {
    return error instanceof Error ? (error.stack ?? '') : '';
  }
  throw new Error('must have thrown');
}

test('what is left of a stack is the author’s', () => {
  const stack = stackOf(() => {
    throw new FailTask('no orders\n  in two lines');
  });
  expect(stack).toContain('lib/runtime/body.ts');
  const shown = authorStack(stack);
  expect(shown).toMatch(/^[\w.]*Error: |^FailTask: /);
  expect(shown).toContain('no orders\n  in two lines');
  expect(shown).toMatch(/author-stack\.test\.ts:\d+:\d+/);
  expect(shown).not.toMatch(/lib\/runtime|node:/);
});

test('a mistake of ours keeps all of it', () => {
  const frames = stackOf(() => {
    throw new Error('x');
  })
    .split('\n')
    .filter((line) => line.includes('lib/runtime'));
  const ours = ['Error: x', ...frames].join('\n');
  expect(frames).not.toEqual([]);
  expect(authorStack(ours)).toBe(ours);
});
