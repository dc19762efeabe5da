import { expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import { criticalPath } from '../../lib/compiler/critical-path.ts';
import { dag, fn } from '../../lib/index.ts';
import { dagOf } from '../build.ts';
import { criticalPathSec, layered } from '../graphs.ts';

const nothing = fn(() => undefined);

test('is the way that takes longest', () => {
  const input = layered(200, 12, 4);
  const tasks = input.tasks.map((task, index) => ({ ...task, durationSec: 1 + ((index * 7) % 5) }));
  const seconds = new Map(tasks.map(({ id, durationSec }) => [id, durationSec]));
  const path = criticalPath(compile(dagOf(input)).manifest, (id) => seconds.get(id) ?? 0);
  expect(path.seconds).toBe(criticalPathSec({ ...input, tasks }));
  expect(path.tasks.reduce((sum, task) => sum + task.seconds, 0)).toBe(path.seconds);
});

test('goes through modules, in and out', () => {
  const grouped = dag('grouped', {}, ({ task, group }) => {
    const before = task('before', nothing);
    const inside = group(
      'inside',
      ({ task: inner, chain }) => {
        const last = inner('last', nothing);
        chain(inner('first', nothing), last);
        return last;
      },
      { after: before, retries: { attempts: 1, delay: '1s' } },
    );
    task('after', nothing, { after: inside });
    task('short', nothing);
  });
  const { tasks, seconds } = criticalPath(compile(grouped).manifest, (id) => (id === 'short' ? 3 : 1));
  expect([tasks.map(({ id }) => id), seconds]).toEqual([
    ['before', 'inside.first', 'inside.last', 'after'],
    4,
  ]);
});

test('an early rule waits for the first of its upstream only', () => {
  const early = dag('early', {}, ({ task }) => {
    const [quick, slow] = [task('quick', nothing), task('slow', nothing)];
    task('first', nothing, { after: [quick, slow], triggerRule: 'one_success' });
  });
  const path = criticalPath(compile(early).manifest, (id) => ({ quick: 1, slow: 3, first: 1 })[id] ?? 0);
  expect(path).toEqual({ seconds: 3, tasks: [{ id: 'slow', seconds: 3 }] });
});
