import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Branch, State } from '../../lib/asl/states.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { LAMBDA, machine, run, type TestRun, timed } from './machine.ts';

/** What a state of a random machine is; durations and failures come from the task's arguments. */
type Shape =
  | { readonly kind: 'task'; readonly seconds: number; readonly fails: number; readonly retries: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'pass' }
  | { readonly kind: 'fail' }
  | { readonly kind: 'parallel'; readonly branches: readonly (readonly Shape[])[]; readonly caught: boolean }
  | { readonly kind: 'map'; readonly items: number; readonly slots: number; readonly body: readonly Shape[] };

const { line } = fc.letrec<{ line: readonly Shape[]; shape: Shape }>((tie) => ({
  line: fc.array(tie('shape'), { minLength: 1, maxLength: 3 }),
  shape: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({
      kind: fc.constant('task' as const),
      seconds: fc.nat(5),
      fails: fc.nat(3),
      retries: fc.nat(3),
    }),
    fc.record({ kind: fc.constant('wait' as const), seconds: fc.nat(5) }),
    fc.record({ kind: fc.constant('pass' as const) }),
    fc.record({ kind: fc.constant('fail' as const) }),
    fc.record({
      kind: fc.constant('parallel' as const),
      branches: fc.array(tie('line'), { minLength: 1, maxLength: 3 }),
      caught: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('map' as const), items: fc.nat(4), slots: fc.nat(2), body: tie('line') }),
  ),
}));

test('a history is well formed, complete and the same every time, for any machine', async () => {
  await fc.assert(
    fc.asyncProperty(line, async (shapes) => {
      const result = await runOf(shapes);
      wellFormed(result);
      expect((await runOf(shapes)).events).toStrictEqual(result.events);
    }),
    { numRuns: 500 },
  );
});

function runOf(shapes: readonly Shape[]): Promise<TestRun> {
  const clock = new VirtualClock(0);
  const resources = timed(clock, ({ arguments: sent, context }) => {
    const [seconds = 0, fails = 0] = Array.isArray(sent) ? sent.map(Number) : [];
    const { RetryCount = 0 } = Object(context['State']);
    return RetryCount < fails ? { seconds, error: 'Boom' } : { seconds, result: 1 };
  });
  const { States } = branchOf(shapes, 's');
  return run(machine(States), {}, { clock, resources });
}

function wellFormed({ events, status }: TestRun): void {
  expect(events.map(({ id }) => id)).toStrictEqual(events.map((_, index) => index + 1));
  expect(events.every(({ id, previousEventId }) => previousEventId < id)).toBe(true);
  expect(events.every(({ timestampMs }, index) => timestampMs >= (events[index - 1]?.timestampMs ?? 0))).toBe(
    true,
  );
  expect(events.filter(({ type }) => type.startsWith('Execution')).map(({ id }) => id)).toStrictEqual([
    1,
    events.length,
  ]);
  const count = (pattern: RegExp) => events.filter(({ type }) => pattern.test(type)).length;
  for (const type of ['Task', 'Wait', 'Parallel', 'Map']) {
    const entered = count(new RegExp(`^${type}StateEntered$`));
    const left = count(new RegExp(`^${type}State(Exited|Aborted)$`));
    // The state that fails the execution itself is neither left nor aborted.
    expect(entered - left).toBeLessThanOrEqual(status === 'SUCCEEDED' ? 0 : 1);
    expect(entered).toBeGreaterThanOrEqual(left);
  }
  expect(count(/^MapIterationStarted$/)).toBe(count(/^MapIteration(Succeeded|Failed|Aborted)$/));
  expect(count(/^TaskScheduled$/)).toBe(count(/^TaskStarted$/));
}

function branchOf(shapes: readonly Shape[], prefix: string): Branch {
  const names = shapes.map((_, index) => `${prefix}${index}`);
  const States = Object.fromEntries(
    shapes.map((shape, index): [string, State] => {
      const next = names[index + 1];
      const to = next === undefined ? { End: true as const } : { Next: next };
      return [names[index] ?? '', stateOf(shape, `${prefix}${index}.`, to)];
    }),
  );
  return { StartAt: names[0] ?? '', States };
}

function stateOf(shape: Shape, prefix: string, to: { End: true } | { Next: string }): State {
  switch (shape.kind) {
    case 'task': {
      const Retry = [{ ErrorEquals: ['Boom'], IntervalSeconds: 1, MaxAttempts: shape.retries }];
      return { Type: 'Task', Resource: LAMBDA, Arguments: [shape.seconds, shape.fails], Retry, ...to };
    }
    case 'wait':
      return { Type: 'Wait', Seconds: shape.seconds, ...to };
    case 'pass':
      return { Type: 'Pass', Output: '{% 1 + 1 %}', ...to };
    case 'fail':
      return { Type: 'Fail', Error: 'Mine' };
    case 'parallel': {
      const Branches = shape.branches.map((branch, index) => branchOf(branch, `${prefix}${index}.`));
      const Catch =
        'Next' in to && shape.caught ? { Catch: [{ ErrorEquals: ['States.ALL'], Next: to.Next }] } : {};
      return { Type: 'Parallel', Branches, ...Catch, ...to };
    }
    case 'map': {
      const Items = Array.from({ length: shape.items }, (_, index) => index);
      return {
        Type: 'Map',
        Items,
        MaxConcurrency: shape.slots,
        ItemProcessor: branchOf(shape.body, prefix),
        ...to,
      };
    }
    default:
      return shape;
  }
}
