import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { startSfn } from '../../lib/sfn/index.ts';
import { fakeServer, LAMBDA, refusal, sfn } from './server.ts';

const CONFIG = {
  StateMachines: {
    orders: {
      TestCases: {
        Busy: { Charge: 'BusyTwice', Ship: 'Shipped' },
        Real: { Ship: 'Shipped' },
        Never: { Charge: 'Broken' },
      },
    },
  },
  MockedResponses: {
    BusyTwice: {
      '0-1': { Throw: { Error: 'Busy', Cause: 'later' } },
      '2': { Return: { StatusCode: 200, Payload: { charged: true } } },
    },
    Shipped: { '0': { Return: { parcel: 7 } } },
    Broken: { '0': { Throw: { Error: 'Broken' } } },
  },
};

const STATES = {
  Charge: {
    Type: 'Task',
    Resource: LAMBDA,
    Arguments: { FunctionName: 'charge' },
    Output: '{% $states.result.Payload %}',
    Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, BackoffRate: 1, MaxAttempts: 2 }],
    Next: 'Ship',
  },
  Ship: {
    Type: 'Task',
    Resource: `${LAMBDA}.waitForTaskToken`,
    Arguments: { FunctionName: 'ship', Payload: '{% $states.context.Task.Token %}' },
    Output: { order: '{% $states.input %}', ship: '{% $states.result %}' },
    End: true,
  },
} as const;

const mocks = { text: JSON.stringify(CONFIG), file: 'mocks.json' };

test('a test case answers by the number of the try; a token brings its mocked result', async () => {
  const server = await sfn({ mocks });
  const arn = await server.create(STATES, 'orders');
  expect(await server.run(`${arn}#Busy`)).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"order":{"charged":true},"ship":{"parcel":7}}',
    stateMachineArn: arn,
  });
});

test('states that a test case does not name ask the world, tries it does not name fail', async () => {
  const lambda = await fakeServer((_, response) => response.end('"real"'));
  const server = await sfn({ mocks, lambdaEndpoint: lambda.url });
  const arn = await server.create(STATES, 'orders');
  expect((await server.run(`${arn}#Real`)).output).toBe('{"order":"real","ship":{"parcel":7}}');
  expect(lambda.asked).toHaveLength(1);
  expect(await server.run(`${arn}#Never`)).toMatchObject({ status: 'FAILED', error: 'Broken' });
  // Without a test case nothing is mocked: the second function never answers the token.
  await server.client.send(new StartExecutionCommand({ stateMachineArn: arn }));
});

test('a test case that does not exist is refused', async () => {
  const server = await sfn({ mocks });
  const arn = await server.create(STATES, 'orders');
  expect(await refusal(server.run(`${arn}#Sunny`))).toEqual({
    name: 'ValidationException',
    message: expect.stringContaining('no test case "Sunny"; it has Busy, Real, Never'),
  });
});

test.each([
  ['no JSON', '{', 'mocks.json: must be JSON'],
  ['a list', '[]', 'mocks.json: must be an object, got []'],
  [
    'a response nobody wrote',
    { StateMachines: { m: { TestCases: { c: { S: 'Gone' } } } } },
    'StateMachines › m › TestCases › c › S: no MockedResponses are named "Gone"',
  ],
  [
    'a try that is no number',
    { MockedResponses: { r: { first: { Return: 1 } } } },
    'mocks.json › MockedResponses › r › first: must be the number of a try',
  ],
  [
    'a try of both',
    { MockedResponses: { r: { '0': { Return: 1, Throw: { Error: 'E' } } } } },
    'either Return or Throw',
  ],
  [
    'an error without name',
    { MockedResponses: { r: { '0': { Throw: { Cause: 'c' } } } } },
    'must have a text Error',
  ],
])('a file with %s is refused with its place', async (_, config, message) => {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  await expect(startSfn({ mocks: { text, file: 'mocks.json' } })).rejects.toMatchObject({
    code: 'invalid-mocks',
    message: expect.stringContaining(message),
  });
});
