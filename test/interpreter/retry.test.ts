import { describe, expect, test } from 'vitest';
import type { Catcher, Retrier, TaskState } from '../../lib/asl/states.ts';
import { seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { retryDelayMs } from '../../lib/interpreter/retry.ts';
import { eventsOf, failing, LAMBDA, machine, run, single, timed } from './machine.ts';

const task = (more: Partial<TaskState>) => single({ Type: 'Task', Resource: LAMBDA, ...more, End: true });

describe('Retry', () => {
  test('waits interval · backoff^(n-1), three times when nothing is said', async () => {
    const clock = new VirtualClock(0);
    const started: number[] = [];
    const resources = timed(clock, () => {
      started.push(clock.now() / 1_000);
      return { seconds: 0, error: 'Boom' };
    });
    const result = await run(task({ Retry: [{ ErrorEquals: ['Boom'] }] }), {}, { clock, resources });
    expect(started).toStrictEqual([0, 1, 3, 7]);
    expect(result).toMatchObject({ status: 'FAILED', error: 'Boom', transitions: 4 });
  });

  test.each([
    [{ IntervalSeconds: 2, BackoffRate: 1.5 }, 3, 4_500],
    [{ IntervalSeconds: 60, BackoffRate: 2, MaxDelaySeconds: 100 }, 2, 100_000],
    [{ IntervalSeconds: 1, BackoffRate: 1 }, 9, 1_000],
    [{}, 1, 1_000],
  ])('delays %j before use %d by %d ms', (rule, use, delayMs) => {
    const retrier: Retrier = { ErrorEquals: ['E'], ...rule };
    expect(retryDelayMs(retrier, use, () => 0.5)).toBe(delayMs);
  });

  test('with full jitter waits anything up to the delay', () => {
    const retrier: Retrier = { ErrorEquals: ['E'], IntervalSeconds: 10, JitterStrategy: 'FULL' };
    expect(retryDelayMs(retrier, 2, () => 0.25)).toBe(5_000);
    const random = seededRandom(3);
    const delays = Array.from({ length: 100 }, () => retryDelayMs(retrier, 1, random));
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...delays)).toBeLessThan(10_000);
  });

  test('counts the uses of each retrier, and a used up one does not pass on to a later one', async () => {
    const Retry = [
      { ErrorEquals: ['A'], MaxAttempts: 1, IntervalSeconds: 1 },
      { ErrorEquals: ['B'], MaxAttempts: 2, IntervalSeconds: 10, BackoffRate: 1 },
      { ErrorEquals: ['States.ALL'], MaxAttempts: 5, IntervalSeconds: 100 },
    ];
    const ended = await run(task({ Retry }), {}, { resources: failing('A', 'B', 'B', 'A') });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'A', seconds: 21 });
    const done = await run(task({ Retry }), {}, { resources: failing('A', 'B', 'B', 'C') });
    expect(done).toMatchObject({ output: 'done', seconds: 121 });
  });

  test('does not retry with MaxAttempts 0', async () => {
    const Retry = [{ ErrorEquals: ['A'], MaxAttempts: 0 }, { ErrorEquals: ['States.ALL'] }];
    expect(await run(task({ Retry }), {}, { resources: failing('A') })).toMatchObject({
      error: 'A',
      transitions: 1,
    });
  });

  test('writes the events of every try, one after the other', async () => {
    const result = await run(task({ Retry: [{ ErrorEquals: ['A'] }] }), {}, { resources: failing('A') });
    expect(result.events.map(({ type, previousEventId }) => [type, previousEventId])).toStrictEqual([
      ['ExecutionStarted', 0],
      ['TaskStateEntered', 0],
      ['TaskScheduled', 2],
      ['TaskStarted', 3],
      ['TaskFailed', 4],
      ['TaskScheduled', 5],
      ['TaskStarted', 6],
      ['TaskSucceeded', 7],
      ['TaskStateExited', 8],
      ['ExecutionSucceeded', 9],
    ]);
  });

  test('evaluates Arguments anew, with the number of the try', async () => {
    const sent: unknown[] = [];
    const answer = failing('A', 'A');
    const Arguments = '{% $states.context.State.RetryCount %}';
    await run(
      task({ Arguments, Retry: [{ ErrorEquals: ['A'] }] }),
      {},
      {
        resources: (call) => {
          sent.push(call.arguments);
          return answer(call);
        },
      },
    );
    expect(sent).toStrictEqual([0, 1, 2]);
  });
});

describe('Catch', () => {
  const caught = async (names: readonly string[], error: string) => {
    const Catch: Catcher[] = [{ ErrorEquals: names, Next: 'E' }];
    const states = machine({
      S: { Type: 'Task', Resource: LAMBDA, Catch, Next: 'E' },
      E: { Type: 'Pass', End: true },
    });
    return (await run(states, {}, { resources: failing(error) })).status === 'SUCCEEDED';
  };

  test.each([
    ['States.ALL', 'Anything', true],
    ['States.ALL', 'States.Timeout', true],
    ['States.ALL', 'States.DataLimitExceeded', false],
    ['States.ALL', 'States.Runtime', false],
    ['States.DataLimitExceeded', 'States.DataLimitExceeded', true],
    ['States.Runtime', 'States.Runtime', false],
    ['States.TaskFailed', 'Anything', true],
    ['States.TaskFailed', 'States.Timeout', false],
    ['States.Timeout', 'States.Timeout', true],
    ['Boom', 'boom', false],
  ])('%s takes %s: %s', async (name, error, expected) => {
    expect(await caught([name], error)).toBe(expected);
  });

  test('gives the error as output, and goes to the first catcher that takes it', async () => {
    const states = machine({
      S: {
        Type: 'Task',
        Resource: LAMBDA,
        Catch: [
          { ErrorEquals: ['Other'], Next: 'No' },
          { ErrorEquals: ['Boom', 'Bang'], Next: 'Yes' },
          { ErrorEquals: ['States.ALL'], Next: 'No' },
        ],
        End: true,
      },
      No: { Type: 'Fail' },
      Yes: { Type: 'Pass', End: true },
    });
    const result = await run(states, {}, { resources: failing('Bang') });
    expect(result.output).toStrictEqual({ Error: 'Bang', Cause: 'because of Bang' });
    expect(eventsOf(result, 'TaskStateExited')).toHaveLength(1);
  });

  test('takes an expression that fails, after its retries', async () => {
    const states = machine({
      S: {
        Type: 'Task',
        Resource: LAMBDA,
        Output: '{% $states.result.missing %}',
        Retry: [{ ErrorEquals: ['States.QueryEvaluationError'], MaxAttempts: 1 }],
        Catch: [{ ErrorEquals: ['States.QueryEvaluationError'], Output: 'caught', Next: 'E' }],
        End: true,
      },
      E: { Type: 'Pass', End: true },
    });
    const result = await run(states, {}, { resources: () => ({}) });
    expect(result.output).toBe('caught');
    expect(eventsOf(result, 'EvaluationFailed')).toHaveLength(2);
  });

  test('names its own fields when they fail', async () => {
    const Catch = [
      { ErrorEquals: ['A'], Next: 'S' },
      { ErrorEquals: ['B'], Output: { v: '{% $nope %}' }, Next: 'S' },
    ];
    const { cause } = await run(task({ Catch }), {}, { resources: failing('B') });
    expect(cause).toContain("specified for the field 'Catch[1]/Output/v' returned nothing (undefined).");
  });

  test('knows an error that is not a TaskError by its name', async () => {
    const resources = () => {
      throw new RangeError('too far');
    };
    expect(await run(task({}), {}, { resources })).toMatchObject({ error: 'RangeError', cause: 'too far' });
  });
});
