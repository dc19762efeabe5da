import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  DescribeStateMachineForExecutionCommand,
  ListExecutionsCommand,
  StartExecutionCommand,
  type StartExecutionCommandInput,
  StartSyncExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../lib/base/json.ts';
import { systemClock } from '../../lib/local/clock.ts';
import { stepFunctions } from '../../lib/sfn/api.ts';
import { Asker } from '../../lib/sfn/ask.ts';
import { machine } from '../interpreter/machine.ts';
import { ROLE, refusal, sfn, type TestServer } from './server.ts';

const ECHO = { A: { Type: 'Pass', End: true } } as const;
const LONG = { A: { Type: 'Wait', Seconds: 3600, End: true } } as const;

const start = ({ client }: TestServer, input: StartExecutionCommandInput) =>
  client.send(new StartExecutionCommand(input));

describe('StartExecution', () => {
  test('runs the machine with the input', async () => {
    const server = await sfn();
    const stateMachineArn = await server.create({
      A: { Type: 'Pass', Assign: { n: '{% $states.input.n + 1 %}' }, Next: 'B' },
      B: { Type: 'Pass', Output: { n: '{% $n %}', name: '{% $states.context.Execution.Name %}' }, End: true },
    });
    const { executionArn } = await start(server, { stateMachineArn, name: 'first', input: '{"n": 1}' });
    expect(executionArn).toBe('arn:aws:states:us-east-1:000000000000:execution:machine:first');
    const ended = await server.ended(executionArn);
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      name: 'first',
      input: '{"n": 1}',
      output: '{"n":2,"name":"first"}',
      stateMachineArn,
      redriveCount: 0,
      redriveStatus: 'NOT_REDRIVABLE',
    });
    expect(ended.stopDate?.getTime()).toBeGreaterThanOrEqual(ended.startDate?.getTime() ?? Number.NaN);
  });

  test('with the same name and input is the same execution while it runs', async () => {
    const server = await sfn();
    const stateMachineArn = await server.create(LONG);
    const asked = { stateMachineArn, name: 'once', input: '{"a":1}' };
    const first = await start(server, asked);
    const again = await start(server, asked);
    expect(again).toMatchObject({ executionArn: first.executionArn, startDate: first.startDate });
    const exists = {
      name: 'ExecutionAlreadyExists',
      message: `Execution Already Exists: '${first.executionArn}'`,
    };
    expect(await refusal(start(server, { ...asked, input: '{"a":2}' }))).toEqual(exists);
    await server.client.send(new StopExecutionCommand({ executionArn: first.executionArn }));
    expect(await refusal(start(server, asked))).toEqual(exists);
  });

  test.each([
    ['a colon in the name', { name: 'a:b' }, 'InvalidName', "Invalid Name: 'a:b'"],
    ['a long name', { name: 'a'.repeat(81) }, 'ValidationException', 'less than or equal to 80'],
    [
      'input that is no JSON',
      { input: '{' },
      'InvalidExecutionInput',
      'Invalid State Machine Execution Input',
    ],
    ['input over 256 KiB', { input: `"${'x'.repeat(262_144)}"` }, 'ValidationException', "at 'input'"],
    ['empty input', { input: '' }, 'InvalidExecutionInput', "'Invalid execution input.'"],
    ['no machine', { stateMachineArn: undefined }, 'ValidationException', "at 'stateMachineArn'"],
    [
      'an unknown version',
      { stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:machine:7' },
      'StateMachineDoesNotExist',
      ':machine:7',
    ],
  ])('refuses %s', async (_, more, name, message) => {
    const server = await sfn();
    const stateMachineArn = await server.create(ECHO);
    const refused = await refusal(start(server, { stateMachineArn, ...more }));
    expect(refused).toEqual({ name, message: expect.stringContaining(message) });
    const listed = await server.client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect(listed.executions).toEqual([]);
  });

  test('a machine that starts itself without end leaves the server answering', async () => {
    const server = await sfn();
    const stateMachineArn = await server.create({
      A: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Arguments: { StateMachineArn: '{% $states.context.StateMachine.Id %}' },
        End: true,
      },
    });
    const { status } = await server.run(stateMachineArn);
    expect(status).toBe('SUCCEEDED');
    await server.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  });
});

test('a failed execution says why', async () => {
  const server = await sfn();
  const stateMachineArn = await server.create({ A: { Type: 'Fail', Error: 'Mine', Cause: 'so it is' } });
  const { status, error, cause, output } = await server.run(stateMachineArn);
  expect({ status, error, cause, output }).toEqual({
    status: 'FAILED',
    error: 'Mine',
    cause: 'so it is',
    output: undefined,
  });
});

test('an execution keeps the definition it began with', async () => {
  const server = await sfn();
  const stateMachineArn = await server.create(LONG);
  const { executionArn } = await start(server, { stateMachineArn });
  const definition = JSON.stringify(machine(ECHO));
  await server.client.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
  const command = new DescribeStateMachineForExecutionCommand({ executionArn });
  expect((await server.client.send(command)).definition).toBe(JSON.stringify(machine(LONG)));
});

describe('StopExecution', () => {
  test('ends an execution with what it is given', async () => {
    const server = await sfn();
    const stateMachineArn = await server.create(LONG);
    const { executionArn } = await start(server, { stateMachineArn });
    const stop = new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'it is late' });
    const { stopDate } = await server.client.send(stop);
    const ended = await server.ended(executionArn);
    expect(ended).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'it is late', stopDate });
    // Again: nothing changes.
    await server.client.send(new StopExecutionCommand({ executionArn, error: 'Other' }));
    expect(await server.ended(executionArn)).toMatchObject({ error: 'Enough' });
  });

  test('without a reason gives none', async () => {
    const server = await sfn();
    const stateMachineArn = await server.create(LONG);
    const { executionArn } = await start(server, { stateMachineArn });
    await server.client.send(new StopExecutionCommand({ executionArn }));
    const { status, error, cause } = await server.ended(executionArn);
    expect({ status, error, cause }).toEqual({ status: 'ABORTED', error: undefined, cause: undefined });
    // As AWS recorded it: after no event, with nothing to say.
    const last = (await server.events(executionArn)).at(-1);
    expect(last).toMatchObject({ type: 'ExecutionAborted', previousEventId: 0 });
    expect(last?.executionAbortedEventDetails).toEqual({});
  });

  test.each([
    ['unknown', 'arn:aws:states:us-east-1:000000000000:execution:a:b', 'ExecutionDoesNotExist'],
    ['a machine', 'arn:aws:states:us-east-1:000000000000:stateMachine:a', 'InvalidArn'],
  ])('refuses an ARN that is %s', async (_, executionArn, name) => {
    const { client } = await sfn();
    const stopping = client.send(new StopExecutionCommand({ executionArn }));
    expect((await refusal(stopping)).name).toBe(name);
    const describing = client.send(new DescribeExecutionCommand({ executionArn }));
    expect((await refusal(describing)).name).toBe(name);
  });
});

test('deleting a machine ends what runs', async () => {
  const server = await sfn();
  const stateMachineArn = await server.create(LONG);
  const { executionArn } = await start(server, { stateMachineArn });
  await server.client.send(new DeleteStateMachineCommand({ stateMachineArn }));
  expect((await server.ended(executionArn)).status).toBe('ABORTED');
});

test('ListExecutions lists newest first, by status, page by page', async () => {
  const server = await sfn();
  const stateMachineArn = await server.create(ECHO);
  const waiting = await server.create(LONG, 'other');
  for (const name of ['a', 'b', 'c'])
    await server.ended((await start(server, { stateMachineArn, name })).executionArn);
  await start(server, { stateMachineArn: waiting, name: 'w' });
  const names = async (more: object) => {
    const { executions = [], nextToken } = await server.client.send(
      new ListExecutionsCommand({ stateMachineArn, ...more }),
    );
    return { names: executions.map(({ name }) => name), nextToken };
  };
  const first = await names({ maxResults: 2 });
  expect(first.names).toEqual(['c', 'b']);
  expect(await names({ nextToken: first.nextToken })).toEqual({ names: ['a'], nextToken: undefined });
  expect((await names({ statusFilter: 'RUNNING' })).names).toEqual([]);
  expect((await names({ stateMachineArn: waiting, statusFilter: 'RUNNING' })).names).toEqual(['w']);
  // A page's token is of one list.
  const elsewhere = names({ stateMachineArn: waiting, nextToken: first.nextToken });
  expect((await refusal(elsewhere)).name).toBe('InvalidToken');
  expect((await refusal(names({ statusFilter: 'DONE' }))).name).toBe('ValidationException');
});

test('only so many closed executions are kept, those that run always', async () => {
  const server = await sfn({ keep: 2 });
  const waiting = await server.create(LONG, 'waiting');
  const running = await start(server, { stateMachineArn: waiting });
  const stateMachineArn = await server.create(ECHO);
  const arns: (string | undefined)[] = [];
  for (const name of ['a', 'b', 'c']) {
    const { executionArn } = await start(server, { stateMachineArn, name });
    await server.ended(executionArn);
    arns.push(executionArn);
  }
  const oldest = server.client.send(new DescribeExecutionCommand({ executionArn: arns[0] }));
  expect((await refusal(oldest)).name).toBe('ExecutionDoesNotExist');
  expect((await server.ended(arns[1])).status).toBe('SUCCEEDED');
  const { executionArn } = running;
  const described = await server.client.send(new DescribeExecutionCommand({ executionArn }));
  expect(described.status).toBe('RUNNING');
});

test('only so much history of closed executions is kept, the newest always', async () => {
  const { calls, stop } = stepFunctions({
    world: { region: 'us-east-1', account: '000000000000', clock: systemClock, random: () => 0 },
    endpoints: { lambda: undefined, services: undefined, mocks: undefined },
    asker: new Asker(),
    retention: { executions: 100, characters: 10_000 },
  });
  const call = async (name: string, input: JsonObject) => (await calls[name]?.(input)) ?? {};
  const definition = JSON.stringify(machine(ECHO));
  const { stateMachineArn = '' } = await call('CreateStateMachine', { name: 'm', definition, roleArn: ROLE });
  const run = async (length: number) => {
    const input = JSON.stringify('x'.repeat(length));
    const { executionArn = '' } = await call('StartExecution', { stateMachineArn, input });
    while ((await call('DescribeExecution', { executionArn }))['status'] === 'RUNNING') await sleep(1);
    return executionArn;
  };
  const kept = async (executionArn: Json) => {
    const describing = call('DescribeExecution', { executionArn });
    return describing.then(
      () => true,
      () => false,
    );
  };
  // Each is written four times.
  const arns = [await run(1_000), await run(1_000), await run(1_000)];
  await sleep(5);
  expect(await Promise.all(arns.map(kept))).toEqual([false, true, true]);
  const large = await run(50_000);
  await sleep(5);
  expect(await Promise.all([...arns, large].map(kept))).toEqual([false, false, false, true]);
  stop();
});

describe('an Express machine', () => {
  const express = async (server: TestServer, definition: object) =>
    (
      await server.client.send(
        new CreateStateMachineCommand({
          name: 'fast',
          type: 'EXPRESS',
          definition: JSON.stringify(definition),
          roleArn: ROLE,
        }),
      )
    ).stateMachineArn;

  test('answers when it is done', async () => {
    const server = await sfn();
    const stateMachineArn = await express(server, machine({ A: { Type: 'Pass', Output: 7, End: true } }));
    const sync = new StartSyncExecutionCommand({ stateMachineArn, name: 'x', input: '{}' });
    const first = await server.client.send(sync);
    expect(first).toMatchObject({ status: 'SUCCEEDED', output: '7', name: 'x' });
    // A name is free again at once, and the execution is not to be looked up.
    const { executionArn } = await server.client.send(sync);
    expect(executionArn).not.toBe(first.executionArn);
    const describing = server.client.send(new DescribeExecutionCommand({ executionArn }));
    expect(await refusal(describing)).toEqual({
      name: 'InvalidArn',
      message: "Invalid Arn: 'Resource type not valid in this context: express'",
    });
    const listing = server.client.send(new ListExecutionsCommand({ stateMachineArn }));
    expect((await refusal(listing)).name).toBe('StateMachineTypeNotSupported');
  });

  test('that fails is an answer, too', async () => {
    const server = await sfn();
    const stateMachineArn = await express(server, machine({ A: { Type: 'Fail', Error: 'E', Cause: 'C' } }));
    const answer = await server.client.send(new StartSyncExecutionCommand({ stateMachineArn }));
    expect(answer).toMatchObject({ status: 'FAILED', error: 'E', cause: 'C' });
  });

  test('is the only one that answers so', async () => {
    const server = await sfn();
    const stateMachineArn = await server.create(ECHO);
    const starting = server.client.send(new StartSyncExecutionCommand({ stateMachineArn }));
    expect((await refusal(starting)).name).toBe('StateMachineTypeNotSupported');
  });
});
