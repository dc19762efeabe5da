import { describe, expect, test } from 'vitest';
import type { Branch, MapState } from '../../lib/asl/states.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { eventsOf, LAMBDA, run, single, timed } from './machine.ts';

const passes: Branch = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };
const tasks: Branch = { StartAt: 'T', States: { T: { Type: 'Task', Resource: LAMBDA, End: true } } };

const inline = (more: Partial<MapState> = {}) =>
  single({ Type: 'Map', ItemProcessor: passes, ...more, End: true });
const numbers = (length: number) => Array.from({ length }, (_, index) => index);

describe('an inline Map', () => {
  test('takes its input as items, and lists the outputs in order', async () => {
    expect(await run(inline(), [3, 1, 2])).toMatchObject({ output: [3, 1, 2], transitions: 4 });
  });

  test('of no items gives an empty list', async () => {
    const result = await run(inline(), []);
    expect(result).toMatchObject({ output: [] });
    expect(result.types.slice(1, -1)).toStrictEqual([
      'MapStateEntered',
      'MapStateStarted',
      'MapStateSucceeded',
      'MapStateExited',
    ]);
  });

  test('selects what an item gets, and says in the context which one it is', async () => {
    const ItemSelector = {
      v: '{% $states.context.Map.Item.Value.n %}',
      i: '{% $states.context.Map.Item.Index %}',
      all: '{% $count($states.input) %}',
    };
    const ItemProcessor: Branch = {
      StartAt: 'P',
      States: {
        P: {
          Type: 'Pass',
          Output: ['{% $states.input %}', '{% $states.context.Map.Item.Index %}'],
          End: true,
        },
      },
    };
    const result = await run(inline({ ItemSelector, ItemProcessor }), [{ n: 'a' }, { n: 'b' }]);
    expect(result.output).toStrictEqual([
      [{ v: 'a', i: 0, all: 2 }, 0],
      [{ v: 'b', i: 1, all: 2 }, 1],
    ]);
  });

  test.each([
    [2, 10],
    [3, 8],
    [0, 2],
  ])('runs at most %d iterations at a time (0: forty)', async (MaxConcurrency, seconds) => {
    const clock = new VirtualClock(0);
    const resources = timed(clock, () => ({ seconds: 2, result: 1 }));
    const result = await run(inline({ ItemProcessor: tasks, MaxConcurrency }), numbers(10), {
      clock,
      resources,
    });
    expect(result.seconds).toBe(seconds);
  });

  test('runs no more than forty at a time', async () => {
    const clock = new VirtualClock(0);
    const resources = timed(clock, () => ({ seconds: 1 }));
    expect((await run(inline({ ItemProcessor: tasks }), numbers(100), { clock, resources })).seconds).toBe(3);
  });

  test('starts as many as it may before it goes on, and follows the last event of the slot', async () => {
    const result = await run(inline({ MaxConcurrency: 2 }), [1, 2, 3]);
    expect(
      result.events.slice(3, -3).map(({ type, previousEventId }) => [type, previousEventId]),
    ).toStrictEqual([
      ['MapIterationStarted', 3],
      ['MapIterationStarted', 3],
      ['PassStateEntered', 4],
      ['PassStateExited', 6],
      ['MapIterationSucceeded', 7],
      ['MapIterationStarted', 7],
      ['PassStateEntered', 5],
      ['PassStateExited', 10],
      ['MapIterationSucceeded', 11],
      ['PassStateEntered', 9],
      ['PassStateExited', 13],
      ['MapIterationSucceeded', 14],
    ]);
    expect(result.events.slice(-3).map(({ type, previousEventId }) => [type, previousEventId])).toStrictEqual(
      [
        ['MapStateSucceeded', 15],
        ['MapStateExited', 15],
        ['ExecutionSucceeded', 17],
      ],
    );
  });

  test('ends with its first failure: the others are aborted', async () => {
    const clock = new VirtualClock(0);
    const resources = timed(clock, ({ arguments: n }) =>
      n === 0 ? { seconds: 1, error: 'Boom' } : { seconds: 9 },
    );
    const result = await run(inline({ ItemProcessor: tasks }), [0, 1, 2], { clock, resources });
    expect(result).toMatchObject({ error: 'Boom', seconds: 1 });
    expect(result.types.slice(-9)).toStrictEqual([
      'TaskFailed',
      'MapIterationFailed',
      'TaskStateAborted',
      'MapIterationAborted',
      'TaskStateAborted',
      'MapIterationAborted',
      'TaskStateAborted',
      'MapStateFailed',
      'ExecutionFailed',
    ]);
    const failedId = eventsOf(result, 'TaskFailed')[0]?.id;
    expect(result.events.slice(-8, -1).every(({ previousEventId }) => previousEventId === failedId)).toBe(
      true,
    );
  });

  test('is caught and retried as a whole', async () => {
    let calls = 0;
    const resources = () => {
      calls += 1;
      if (calls <= 2) throw new Error('again');
      return calls;
    };
    const Retry = [{ ErrorEquals: ['Error'], MaxAttempts: 5 }];
    expect(
      (await run(inline({ ItemProcessor: tasks, MaxConcurrency: 1, Retry }), [0, 1], { resources })).output,
    ).toStrictEqual([3, 4]);
  });

  test('refuses what only distributed Maps can do', async () => {
    const ItemReader = { Resource: 'arn:aws:states:::s3:getObject' };
    expect(await run(inline({ ItemReader }))).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining(
        'The ItemReader, ItemBatcher and ResultWriter fields are not supported for INLINE maps',
      ),
    });
  });

  test('nests', async () => {
    const inner: MapState = { Type: 'Map', ItemProcessor: passes, End: true };
    const ItemProcessor: Branch = { StartAt: 'M', States: { M: inner } };
    expect((await run(inline({ ItemProcessor }), [[1, 2], [], [3]])).output).toStrictEqual([[1, 2], [], [3]]);
  });
});
