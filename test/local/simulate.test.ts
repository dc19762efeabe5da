import { expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import { simulate } from '../../lib/local/simulate.ts';
import { build } from '../build.ts';
import type { CaseTask } from '../reference/case.ts';

function built(tasks: readonly CaseTask[]) {
  return build({ name: 'simulated', runState: 'leaves', tasks });
}

test('a task without script succeeds after a second', async () => {
  const { dag } = built([{ id: 'a' }, { id: 'b', upstream: ['a'] }]);
  const run = await simulate(compile(dag), {});
  expect(run).toMatchObject({ state: 'success', status: 'SUCCEEDED', endSec: 2, transitions: 2 });
  expect(run.tasks['b']).toEqual({ state: 'success', startSec: 1, endSec: 2, tries: 1 });
});

test('tries follow one another, a day of waiting costs nothing', async () => {
  const { dag } = built([{ id: 'a', retries: [{ attempts: 3, delaySec: 86_400 }] }]);
  const script = { a: [{ outcome: 'failed' as const }, { durationSec: 5 }] };
  const { tasks } = await simulate(compile(dag), script);
  expect(tasks['a']).toEqual({ state: 'success', startSec: 0, endSec: 86_406, tries: 2 });
});

test('a failed task fails the run, what is below did not run', async () => {
  const { dag } = built([{ id: 'a' }, { id: 'b', upstream: ['a'] }]);
  const run = await simulate(compile(dag), { a: [{ outcome: 'failed', error: 'Boom' }] });
  expect(run).toMatchObject({ state: 'failed', status: 'FAILED', error: 'DagRun.Failed' });
  expect(run.tasks['b']).toEqual({ state: 'upstream_failed', endSec: 1, tries: 0 });
});

test('a task gets what the one above it gave', async () => {
  const { dag } = built([{ id: 'a' }, { id: 'b', upstream: ['a'], reads: ['a'] }]);
  const got: unknown[] = [];
  await simulate(
    compile(dag),
    { a: [{ output: { deep: { id: 42 } } }] },
    { onTry: ({ task, args }) => got.push([task, args?.['a']]) },
  );
  expect(got).toEqual([
    ['a', undefined],
    ['b', 42],
  ]);
});

test('the world between machine and tasks can be replaced', async () => {
  const { dag } = built([{ id: 'a' }]);
  const { error, state } = await simulate(
    compile(dag),
    {},
    {
      wrap: () => () => {
        throw new Error('the network is down');
      },
    },
  );
  expect({ error, state }).toEqual({ error: 'DagRun.Failed', state: 'failed' });
});

test('the same seed gives the same run', async () => {
  const { dag } = built([{ id: 'a' }]);
  const jittery = {
    ...dag,
    tasks: dag.tasks.map((task) => ({ ...task, retries: [{ attempts: 1, delay: 1000, jitter: true }] })),
  };
  const script = { a: [{ outcome: 'failed' as const }, {}] };
  const ends = await Promise.all(
    [1, 1, 2].map(async (seed) => (await simulate(compile(jittery), script, { seed })).endSec),
  );
  expect(ends[0]).toBe(ends[1]);
  expect(ends[0]).not.toBe(ends[2]);
});
