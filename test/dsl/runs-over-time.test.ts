/** What a DAG says of its runs over time: who is told, what waits for the past, what is passed over. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { hashOf } from '../../lib/compiler/manifest.ts';
import { dag, fn, type Notifier, notifier, type ShortCircuit } from '../../lib/index.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { told, untyped } from './told.ts';

const nothing = fn(() => undefined);
const oncall = notifier('oncall');
const taskOf = (node: DagNode, id: string) => node.tasks.find((task) => task.id === id);

describe('who is told', () => {
  test('notifiers are names in the DAG and its tasks, by what they are told of', () => {
    expectTypeOf(oncall).toEqualTypeOf<Notifier>();
    const node = dag(
      'd',
      { onFailure: oncall, onLate: [oncall, notifier('boss')], deadline: '6h' },
      ({ task, branch }) => {
        task('a', nothing, { onRetry: oncall, onSkipped: oncall });
        branch(
          'b',
          fn(() => 'x'),
          { labels: ['x'], onSuccess: oncall },
        );
        task('c', nothing);
      },
    );
    expect(node.callbacks).toEqual({ onFailure: ['oncall'], onLate: ['oncall', 'boss'] });
    expect(taskOf(node, 'a')?.callbacks).toEqual({ onRetry: ['oncall'], onSkipped: ['oncall'] });
    expect(taskOf(node, 'b')?.callbacks).toEqual({ onSuccess: ['oncall'] });
    expect(taskOf(node, 'c')).not.toHaveProperty('callbacks');
  });

  test('what is no notifier, an unknown option and lateness without deadline are told', () => {
    expect(
      told(() =>
        dag('d', { onFailure: untyped('oncall'), onLate: oncall }, ({ task }) => {
          task('a', nothing, untyped({ onRetry: [oncall, null], onFailed: oncall }));
          task('b', nothing, { onLate: notifier('on call') });
        }),
      ),
    ).toMatchInlineSnapshot(`
      [
        "dag "d" › task "a" › onFailed: is no option; write one of retries, timeout, triggerRule, owner, tags, dependsOnPast, waitForDownstream, onFailure, onSuccess, onRetry, onSkipped, onLate, after, doc, pool, deadline, teardownOf, failRun",
        "dag "d" › task "a" › onRetry: must be a notifier, got null; write const oncall = notifier('oncall'), then { onRetry: oncall }",
        "dag "d" › onFailure: must be a notifier, got "oncall"; write const oncall = notifier('oncall'), then { onFailure: oncall }",
        "dag "d" › onLate: must come with a deadline, got none; write deadline: '6h'",
        "dag "d" › task "b" › onLate: must name a notifier by a letter, then at most 79 letters, digits, _ or -, got "on call"; write notifier('oncall')",
        "dag "d" › task "b" › onLate: must come with a deadline, got none; write deadline: '6h'",
      ]
    `);
  });

  test('a name does not compile', () => {
    told(() =>
      dag('d', {}, ({ task }) => {
        // @ts-expect-error: a notifier is an object, not its name
        task('a', nothing, { onFailure: 'oncall' });
      }),
    );
  });
});

describe('the past', () => {
  test('what waits for downstream depends on the past, too; defaults say it for all', () => {
    const node = dag('d', { defaults: { dependsOnPast: true } }, ({ task, group }) => {
      task('a', nothing);
      task('b', nothing, { dependsOnPast: false });
      group('g', ({ task: inner }) => inner('c', nothing), { defaults: { waitForDownstream: true } });
    });
    expect(taskOf(node, 'a')?.dependsOnPast).toBe(true);
    expect(taskOf(node, 'b')).not.toHaveProperty('dependsOnPast');
    expect(taskOf(node, 'g.c')).toMatchObject({ dependsOnPast: true, waitForDownstream: true });
  });

  test('what is neither true nor false, and a wait for downstream alone, are told', () => {
    expect(
      told(() =>
        dag('d', { maxConsecutiveFailedRuns: 0, skipIfLate: untyped('late') }, ({ task }) => {
          task('a', nothing, { dependsOnPast: untyped('yes') });
          task('b', nothing, { dependsOnPast: false, waitForDownstream: true });
        }),
      ),
    ).toMatchInlineSnapshot(`
      [
        "dag "d" › skipIfLate: must be whole seconds from 1 s to 365 d after the end of the interval, got "late"; write '90s', '15m', '2h', '1d' or a number of seconds",
        "dag "d" › maxConsecutiveFailedRuns: must be a whole number from 1, got 0; leave it out never to pause",
        "dag "d" › task "a" › dependsOnPast: must be true or false, got "yes"; write true, or leave it out",
        "dag "d" › task "b" › waitForDownstream: must come with dependsOnPast, which is false; leave dependsOnPast out, or both",
      ]
    `);
  });

  test('none of it changes the version that runs', () => {
    const plain = dag('d', {}, ({ task }) => void task('a', nothing));
    const told = dag(
      'd',
      { skipIfLate: '6h', maxConsecutiveFailedRuns: 3, onFailure: oncall },
      ({ task }) => void task('a', nothing, { waitForDownstream: true, onRetry: oncall }),
    );
    expect(told).toMatchObject({ skipIfLate: '6h', maxConsecutiveFailedRuns: 3 });
    expect(hashOf(told)).toBe(hashOf(plain));
  });
});

test('latestOnly is a short circuit of what is directly below', () => {
  const node = dag('d', {}, ({ latestOnly, task, group }) => {
    const newest = latestOnly('newest');
    expectTypeOf(newest).toEqualTypeOf<ShortCircuit<'newest'>>();
    task('a', nothing, { after: newest });
    group('g', ({ latestOnly: inner }) => {
      expectTypeOf(inner('n', { onSkipped: oncall })).toEqualTypeOf<ShortCircuit<'g.n'>>();
    });
  });
  expect(taskOf(node, 'newest')?.call).toEqual({
    kind: 'shortCircuit',
    condition: { $ref: { kind: 'latest' } },
    respectTriggerRules: true,
  });
  expect(taskOf(node, 'a')?.upstream).toEqual([{ task: 'newest' }]);
});
