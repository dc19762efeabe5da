import { describe, expect, test } from 'vitest';
import type { TaskState } from '../../lib/asl/states.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { withNestedExecutions } from '../../lib/interpreter/nested.ts';
import { TaskError } from '../../lib/interpreter/resource.ts';
import { TaskTokens } from '../../lib/interpreter/tokens.ts';
import { eventsOf, LAMBDA, machine, run, single } from './machine.ts';

const task = (more: Partial<TaskState>) => single({ Type: 'Task', Resource: LAMBDA, ...more, End: true });

const UPDATE = 'arn:aws:states:::aws-sdk:dynamodb:updateItem';

describe('a task token', () => {
  const waiting = task({
    Resource: `${UPDATE}.waitForTaskToken`,
    Arguments: { token: '{% $states.context.Task.Token %}' },
    TimeoutSeconds: 60,
    HeartbeatSeconds: 10,
  });
  const tokenOf = (call: { arguments: unknown }) => (call.arguments as { token: string }).token;

  test('answered with success ends the task with the output', async () => {
    const clock = new VirtualClock(0);
    const tokens = new TaskTokens();
    const resources = (call: { arguments: unknown }) => {
      void clock.until(5_000).then(() => tokens.success(tokenOf(call), { ok: true }));
      return { ignored: true };
    };
    const result = await run(waiting, {}, { clock, tokens, resources });
    expect(result).toMatchObject({ output: { ok: true }, seconds: 5 });
    expect(result.types.slice(2, -2)).toStrictEqual([
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
    ]);
    expect(eventsOf(result, 'TaskSubmitted')[0]?.details['output']).toBe('{"ignored":true}');
  });

  test('answered with failure fails it', async () => {
    const tokens = new TaskTokens();
    const resources = (call: { arguments: unknown }) => {
      tokens.failure(tokenOf(call), 'Mine', 'said so');
      return null;
    };
    const result = await run(waiting, {}, { tokens, resources });
    expect(result).toMatchObject({ error: 'Mine', cause: 'said so' });
    expect(result.types).toContain('TaskSubmitted');
  });

  test('answered before the call is over is answered after it', async () => {
    const clock = new VirtualClock(0);
    const tokens = new TaskTokens();
    const resources = async (call: { arguments: unknown }) => {
      tokens.success(tokenOf(call), 1);
      await clock.until(3_000);
      return null;
    };
    expect(await run(waiting, {}, { clock, tokens, resources })).toMatchObject({ output: 1, seconds: 3 });
  });

  test('without a heartbeat times out; with heartbeats it lives on to its timeout', async () => {
    expect(await run(waiting)).toMatchObject({ error: 'States.Timeout', seconds: 10 });
    const clock = new VirtualClock(0);
    const tokens = new TaskTokens();
    const resources = (call: { arguments: unknown }) => {
      const beat = async (): Promise<void> => {
        for (let second = 9; second <= 54; second += 9) {
          await clock.until(second * 1_000);
          tokens.heartbeat(tokenOf(call));
        }
      };
      void beat();
      return null;
    };
    expect(await run(waiting, {}, { clock, tokens, resources })).toMatchObject({
      error: 'States.Timeout',
      seconds: 60,
    });
  });

  test('that missed a heartbeat can be caught by that name', async () => {
    const states = machine({
      S: {
        Type: 'Task',
        Resource: `${UPDATE}.waitForTaskToken`,
        Arguments: '{% $states.context.Task.Token %}',
        HeartbeatSeconds: 10,
        Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'E' }],
        End: true,
      },
      E: { Type: 'Pass', End: true },
    });
    expect((await run(states)).output).toStrictEqual({ Error: 'States.Timeout', Cause: '' });
  });

  test('of a task that has ended, or of none, is refused with the names of AWS', async () => {
    const tokens = new TaskTokens();
    let token = '';
    const resources = (call: { arguments: unknown }) => {
      token = tokenOf(call);
      tokens.success(token, null);
      return null;
    };
    await run(waiting, {}, { tokens, resources });
    const refused = (act: () => void) => {
      try {
        act();
      } catch (thrown) {
        return thrown instanceof TaskError ? thrown.error : thrown;
      }
      return undefined;
    };
    expect(refused(() => tokens.success(token, 1))).toBe('Sfn.TaskTimedOutException');
    expect(refused(() => tokens.failure(token, 'E', ''))).toBe('Sfn.TaskTimedOutException');
    expect(refused(() => tokens.heartbeat('nonsense'))).toBe('Sfn.InvalidTokenException');
  });

  test('wakes another execution of the same host', async () => {
    const clock = new VirtualClock(0);
    const tokens = new TaskTokens();
    let token = '';
    const waiter = run(
      waiting,
      {},
      {
        clock,
        tokens,
        execution: { id: 'a' },
        resources: (call) => {
          token = tokenOf(call);
          return null;
        },
      },
    );
    const waker = machine({
      W: { Type: 'Wait', Seconds: 4, Next: 'T' },
      T: { Type: 'Task', Resource: LAMBDA, End: true },
    });
    const woken = run(
      waker,
      {},
      {
        clock,
        tokens,
        resources: () => {
          tokens.success(token, 'awake');
          return null;
        },
      },
    );
    expect([(await waiter).output, (await woken).status]).toStrictEqual(['awake', 'SUCCEEDED']);
  });
});

describe('a nested execution', () => {
  const inner = single({
    Type: 'Pass',
    Output: { got: '{% $states.input %}', name: '{% $states.context.StateMachine.Name %}' },
    End: true,
  });
  const start = (Resource: string) =>
    task({
      Resource,
      Arguments: { StateMachineArn: 'arn:aws:states:x:1:stateMachine:inner', Input: { a: 1 } },
    });

  test('with .sync gives its output', async () => {
    const clock = new VirtualClock(0);
    const resources = withNestedExecutions({
      clock,
      random: () => 0,
      resources: () => null,
      machine: () => inner,
    });
    const result = await run(
      start('arn:aws:states:::states:startExecution.sync:2'),
      {},
      { clock, resources },
    );
    expect(result.output).toMatchObject({ Status: 'SUCCEEDED', Output: { got: { a: 1 }, name: 'inner' } });
    expect(result.types).toContain('TaskSubmitted');
  });

  test('with .sync fails the task when it fails', async () => {
    const clock = new VirtualClock(0);
    const failed = single({ Type: 'Fail', Error: 'Inner', Cause: 'why' });
    const resources = withNestedExecutions({
      clock,
      random: () => 0,
      resources: () => null,
      machine: () => failed,
    });
    const result = await run(
      start('arn:aws:states:::states:startExecution.sync:2'),
      {},
      { clock, resources },
    );
    expect(result.error).toBe('States.TaskFailed');
    expect(JSON.parse(result.cause ?? '')).toMatchObject({ Status: 'FAILED', Error: 'Inner', Cause: 'why' });
  });

  test('without .sync is not waited for, and an unknown machine is refused', async () => {
    const clock = new VirtualClock(0);
    const slow = single({ Type: 'Wait', Seconds: 1_000, End: true });
    const machines = new Map([['arn:aws:states:x:1:stateMachine:inner', slow]]);
    const resources = withNestedExecutions({
      clock,
      random: () => 0,
      resources: () => null,
      machine: (arn) => machines.get(arn),
    });
    const result = await run(start('arn:aws:states:::states:startExecution'), {}, { clock, resources });
    expect(result).toMatchObject({ status: 'SUCCEEDED', seconds: 0 });
    machines.clear();
    const refused = await run(start('arn:aws:states:::states:startExecution'), {}, { clock, resources });
    expect(refused.error).toBe('StepFunctions.StateMachineDoesNotExistException');
  });
});
