import { describe, expect, test } from 'vitest';
import type { TaskState } from '../../lib/asl/states.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { parseResource } from '../../lib/interpreter/states/resource-name.ts';
import { eventsOf, LAMBDA, machine, run, single, timed } from './machine.ts';

const task = (more: Partial<TaskState>) => single({ Type: 'Task', Resource: LAMBDA, ...more, End: true });

const UPDATE = 'arn:aws:states:::aws-sdk:dynamodb:updateItem';

describe('a resource', () => {
  test.each([
    [LAMBDA, LAMBDA, 'request', 'lambda', 'invoke'],
    [
      `${UPDATE}.waitForTaskToken`,
      UPDATE,
      'waitForTaskToken',
      'aws-sdk:dynamodb',
      'updateItem.waitForTaskToken',
    ],
    [
      'arn:aws:states:::states:startExecution.sync:2',
      'arn:aws:states:::states:startExecution',
      'sync',
      'states',
      'startExecution.sync:2',
    ],
    [
      'arn:aws:states:::glue:startJobRun.sync',
      'arn:aws:states:::glue:startJobRun',
      'sync',
      'glue',
      'startJobRun.sync',
    ],
  ])('%s is asked for as %s', (...[arn, resource, pattern, resourceType, name]) => {
    const details = { resourceType, resource: name };
    expect(parseResource(arn)).toMatchObject({ resource, pattern, details });
  });

  test('that is a function itself has the events of a function', async () => {
    const Resource = 'arn:aws:lambda:us-east-1:111111111111:function:f';
    const result = await run(task({ Resource, Arguments: { a: 1 } }), {}, { resources: () => ({ b: 2 }) });
    expect(result.types).toStrictEqual([
      'ExecutionStarted',
      'TaskStateEntered',
      'LambdaFunctionScheduled',
      'LambdaFunctionStarted',
      'LambdaFunctionSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    expect(result.events[2]?.details).toStrictEqual({ input: '{"a":1}', resource: Resource });
  });

  test('that is an activity has the events of one', async () => {
    const Resource = 'arn:aws:states:us-east-1:111111111111:activity:a';
    const { types } = await run(task({ Resource }), {}, { resources: () => 1 });
    expect(types.slice(2, 5)).toStrictEqual(['ActivityScheduled', 'ActivityStarted', 'ActivitySucceeded']);
  });

  test('is scheduled with its parameters, deadlines and role', async () => {
    const result = await run(
      task({
        Arguments: { a: '{% $states.input %}' },
        TimeoutSeconds: '{% 5 * 2 %}',
        HeartbeatSeconds: 3,
        Credentials: { RoleArn: 'r' },
      }),
      7,
    );
    expect(eventsOf(result, 'TaskScheduled')[0]?.details).toStrictEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      parameters: '{"a":7}',
      timeoutInSeconds: 10,
      heartbeatInSeconds: 3,
      taskCredentials: { roleArn: 'r' },
    });
  });
});

describe('a result', () => {
  test.each([
    ['nothing', undefined, null],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['undefined members', { a: undefined, b: [undefined] }, { b: [null] }],
  ])('that is %s becomes JSON', async (_, result, expected) => {
    expect((await run(task({}), {}, { resources: () => result as never })).output).toStrictEqual(expected);
  });

  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  test.each([
    ['a bigint', 1n],
    ['a function', () => 1],
    ['a cycle', cycle],
  ])('that is %s fails the task', async (_, result) => {
    const ended = await run(task({}), {}, { resources: () => result as never });
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(ended.cause).toContain('cannot be written as JSON');
  });
});

describe('TimeoutSeconds', () => {
  test('ends a try with States.Timeout, without a cause, and aborts its call', async () => {
    const clock = new VirtualClock(0);
    let reason: unknown;
    const resources = timed(clock, (call) => {
      call.signal.addEventListener('abort', () => {
        reason = call.signal.reason;
      });
      return { seconds: 100 };
    });
    const result = await run(task({ TimeoutSeconds: 10 }), {}, { clock, resources });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.Timeout', seconds: 10 });
    expect(result.cause).toBeUndefined();
    expect(eventsOf(result, 'TaskTimedOut')[0]?.details).toStrictEqual({
      resourceType: 'lambda',
      resource: 'invoke',
      error: 'States.Timeout',
    });
    expect(reason).toBeInstanceOf(Error);
  });

  test('ends a call that does not look at its signal', async () => {
    const resources = () => new Promise<null>(() => undefined);
    expect(await run(task({ TimeoutSeconds: 10 }), {}, { resources })).toMatchObject({
      error: 'States.Timeout',
      seconds: 10,
    });
  });

  test('of nothing leaves the year that an execution may take', async () => {
    const resources = () => new Promise<null>(() => undefined);
    expect(await run(task({}), {}, { resources })).toMatchObject({
      status: 'TIMED_OUT',
      seconds: 31_536_000,
    });
  });

  test('applies to every try anew', async () => {
    const resources = () => new Promise<null>(() => undefined);
    const Retry = [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 2, IntervalSeconds: 1, BackoffRate: 1 }];
    expect(await run(task({ TimeoutSeconds: 10, Retry }), {}, { resources })).toMatchObject({ seconds: 32 });
  });

  test('of the machine ends the execution as TIMED_OUT', async () => {
    const states = machine({ W: { Type: 'Wait', Seconds: 100, End: true } }, { TimeoutSeconds: 30 });
    const result = await run(states);
    expect(result).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout', seconds: 30 });
    expect(result.types).toStrictEqual(['ExecutionStarted', 'WaitStateEntered', 'ExecutionTimedOut']);
  });
});
