import { GetExecutionHistoryCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { refusal, sfn } from './server.ts';

const STATES = {
  A: { Type: 'Pass', Assign: { x: 1 }, Output: { a: true }, Next: 'B' },
  B: {
    Type: 'Map',
    Items: [1],
    ItemProcessor: { StartAt: 'C', States: { C: { Type: 'Pass', End: true } } },
    End: true,
  },
} as const;

test('events have AWS names for their details', async () => {
  const server = await sfn();
  const { executionArn } = await server.run(await server.create(STATES), { in: 1 });
  const events = await server.events(executionArn);
  expect(events.map(({ id, previousEventId, type }) => [id, previousEventId, type])).toEqual([
    [1, 0, 'ExecutionStarted'],
    [2, 0, 'PassStateEntered'],
    [3, 2, 'PassStateExited'],
    [4, 3, 'MapStateEntered'],
    [5, 4, 'MapStateStarted'],
    [6, 5, 'MapIterationStarted'],
    [7, 6, 'PassStateEntered'],
    [8, 7, 'PassStateExited'],
    [9, 8, 'MapIterationSucceeded'],
    [10, 9, 'MapStateSucceeded'],
    [11, 9, 'MapStateExited'],
    [12, 11, 'ExecutionSucceeded'],
  ]);
  expect(events[0]).toMatchObject({
    executionStartedEventDetails: {
      input: '{"in":1}',
      inputDetails: { truncated: false },
      roleArn: 'arn:aws:iam::000000000000:role/test',
    },
  });
  expect(events[2]?.stateExitedEventDetails).toEqual({
    name: 'A',
    output: '{"a":true}',
    outputDetails: { truncated: false },
    assignedVariables: { x: '1' },
    assignedVariablesDetails: { truncated: false },
  });
  expect(events[4]?.mapStateStartedEventDetails).toEqual({ length: 1 });
  expect(events[8]?.mapIterationSucceededEventDetails).toEqual({ name: 'B', index: 0 });
  expect(events[11]?.executionSucceededEventDetails?.output).toBe('[1]');
  expect(events.every(({ timestamp }) => timestamp instanceof Date)).toBe(true);
});

test('history goes page by page, in both directions', async () => {
  const server = await sfn();
  const { executionArn } = await server.run(await server.create(STATES));
  for (const reverseOrder of [false, true]) {
    const ids: (number | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await server.client.send(
        new GetExecutionHistoryCommand({ executionArn, reverseOrder, maxResults: 5, nextToken }),
      );
      ids.push(...(page.events ?? []).map(({ id }) => id));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    const all = Array.from({ length: 12 }, (_, index) => index + 1);
    expect(ids).toEqual(reverseOrder ? all.reverse() : all);
  }
});

test('history goes without inputs and outputs where they are not wanted', async () => {
  const server = await sfn();
  const { executionArn } = await server.run(await server.create(STATES), { secret: 1 });
  const { events } = await server.client.send(
    new GetExecutionHistoryCommand({ executionArn, includeExecutionData: false }),
  );
  expect(JSON.stringify(events)).not.toMatch(/"(input|output)"/);
  expect(events?.[1]?.stateEnteredEventDetails).toEqual({ name: 'A' });
});

test('a running execution shows what it did so far', async () => {
  const server = await sfn();
  const stateMachineArn = await server.create({
    A: { Type: 'Pass', Next: 'B' },
    B: { Type: 'Wait', Seconds: 3600, End: true },
  });
  const { executionArn } = await server.client.send(new StartExecutionCommand({ stateMachineArn }));
  const events = await server.events(executionArn);
  expect(events.at(-1)?.type).toBe('WaitStateEntered');
});

test('a token of another execution is refused', async () => {
  const server = await sfn();
  const stateMachineArn = await server.create(STATES);
  const [one, two] = [await server.run(stateMachineArn), await server.run(stateMachineArn)];
  const { nextToken } = await server.client.send(
    new GetExecutionHistoryCommand({ executionArn: one.executionArn, maxResults: 1 }),
  );
  const mixed = new GetExecutionHistoryCommand({ executionArn: two.executionArn, nextToken });
  expect((await refusal(server.client.send(mixed))).name).toBe('InvalidToken');
});
