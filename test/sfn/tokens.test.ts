import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import type { TaskState } from '../../lib/asl/states.ts';
import { fakeServer, LAMBDA, refusal, sfn } from './server.ts';

const WAITING: TaskState = {
  Type: 'Task',
  Resource: `${LAMBDA}.waitForTaskToken`,
  Arguments: { FunctionName: 'ask', Payload: { token: '{% $states.context.Task.Token %}' } },
  TimeoutSeconds: 3600,
  End: true,
};

/** An execution that waits: its token, and what ends it. */
async function waiting(more: Partial<TaskState> = {}) {
  let tell: (token: string) => void = () => undefined;
  const token = new Promise<string>((resolve) => {
    tell = resolve;
  });
  const lambda = await fakeServer(({ body }, response) => {
    response.end('null');
    tell(JSON.parse(body).token);
  });
  const server = await sfn({ lambdaEndpoint: lambda.url });
  const stateMachineArn = await server.create({ A: { ...WAITING, ...more } });
  const { executionArn } = await server.client.send(new StartExecutionCommand({ stateMachineArn }));
  return { ...server, executionArn, taskToken: await token };
}

test('SendTaskSuccess ends the task with its output, once', async () => {
  const { client, ended, events, executionArn, taskToken } = await waiting();
  await client.send(new SendTaskHeartbeatCommand({ taskToken }));
  await client.send(new SendTaskSuccessCommand({ taskToken, output: '{"done":true}' }));
  expect(await ended(executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"done":true}' });
  const types = (await events(executionArn)).map(({ type }) => type);
  expect(types).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    'TaskScheduled',
    'TaskStarted',
    'TaskSubmitted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  const over = { name: 'TaskTimedOut', message: "Task Timed Out: 'Provided task does not exist anymore'" };
  const again = client.send(new SendTaskSuccessCommand({ taskToken, output: '1' }));
  expect(await refusal(again)).toEqual(over);
  expect(await refusal(client.send(new SendTaskFailureCommand({ taskToken })))).toEqual(over);
});

test('SendTaskFailure fails it', async () => {
  const { client, ended, executionArn, taskToken } = await waiting();
  await client.send(new SendTaskFailureCommand({ taskToken, error: 'No', cause: 'because' }));
  expect(await ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'No', cause: 'because' });
});

test('without a heartbeat the task times out', async () => {
  const { ended, executionArn } = await waiting({ HeartbeatSeconds: 1 });
  expect(await ended(executionArn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
});

describe('an answer is refused', () => {
  test('with output that is no JSON', async () => {
    const { client, ended, executionArn, taskToken } = await waiting();
    const bad = client.send(new SendTaskSuccessCommand({ taskToken, output: 'done' }));
    expect((await refusal(bad)).name).toBe('InvalidOutput');
    await client.send(new SendTaskSuccessCommand({ taskToken, output: '1' }));
    expect((await ended(executionArn)).output).toBe('1');
  });

  test('with a token that nobody gave', async () => {
    const { client } = await sfn();
    for (const taskToken of ['made up', 'arn:aws:states:us-east-1:000000000000:execution:a:b/1'])
      expect(await refusal(client.send(new SendTaskHeartbeatCommand({ taskToken })))).toEqual({
        name: 'InvalidToken',
        message: "Invalid Token: 'Invalid token'",
      });
  });

  test('with output over 256 KiB', async () => {
    const { client } = await sfn();
    const output = `"${'x'.repeat(262_144)}"`;
    const refused = await refusal(client.send(new SendTaskSuccessCommand({ taskToken: 'x', output })));
    expect(refused.name).toBe('ValidationException');
  });
});

test('a machine answers the token of another one by the API', async () => {
  const { create, run, ended, executionArn, taskToken } = await waiting();
  const answering = await create(
    {
      A: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess',
        Arguments: { TaskToken: '{% $states.input.token %}', Output: '{% $string({"by": "machine"}) %}' },
        End: true,
      },
    },
    'answering',
  );
  expect((await run(answering, { token: taskToken })).output).toBe('{}');
  expect((await ended(executionArn)).output).toBe('{"by":"machine"}');
  const late = await run(answering, { token: taskToken });
  expect(late).toMatchObject({ status: 'FAILED', error: 'Sfn.TaskTimedOutException' });
  const unknown = await run(answering, { token: 'made up' });
  expect(unknown).toMatchObject({ status: 'FAILED', error: 'Sfn.InvalidTokenException' });
});
