import { describe, expect, test } from 'vitest';
import type { Json } from '../../lib/base/json.ts';
import { fakeServer, LAMBDA, sfn } from './server.ts';

const task = (Arguments: Json, Resource = LAMBDA) =>
  ({ Type: 'Task', Resource, Arguments, End: true }) as const;
const invoke = (Arguments: Json, Resource = LAMBDA) => ({ A: task(Arguments, Resource) });

describe('lambda:invoke', () => {
  test('posts the payload and gives what the function returns', async () => {
    const lambda = await fakeServer((_, response) => {
      response.setHeader('x-amzn-requestid', 'r1');
      response.end('{"sum":3}');
    });
    const server = await sfn({ lambdaEndpoint: lambda.url });
    const arn = await server.create(invoke({ FunctionName: 'add', Payload: { a: 1 } }));
    const { output = '' } = await server.run(arn);
    expect(lambda.asked).toMatchObject([
      { method: 'POST', url: '/2015-03-31/functions/add/invocations', body: '{"a":1}' },
    ]);
    expect(JSON.parse(output)).toMatchObject({
      ExecutedVersion: '$LATEST',
      Payload: { sum: 3 },
      SdkHttpMetadata: { HttpStatusCode: 200 },
      SdkResponseMetadata: { RequestId: 'r1' },
      StatusCode: 200,
    });
  });

  test.each([
    ['add', '/functions/add/invocations'],
    ['add:live', '/functions/add/invocations?Qualifier=live'],
    ['arn:aws:lambda:us-east-1:000000000000:function:add', '/functions/add/invocations'],
    ['arn:aws:lambda:us-east-1:000000000000:function:add:7', '/functions/add/invocations?Qualifier=7'],
    ['000000000000:function:add', '/functions/add/invocations'],
  ])('finds the function %s', async (FunctionName, path) => {
    const lambda = await fakeServer((_, response) => response.end('null'));
    const server = await sfn({ lambdaEndpoint: lambda.url });
    await server.run(await server.create(invoke({ FunctionName })));
    expect(lambda.asked).toMatchObject([{ url: `/2015-03-31${path}`, body: '{}' }]);
  });

  test('a function that throws fails the task with its error, and Retry and Catch know it', async () => {
    const thrown = '{"errorType":"OutOfStock","errorMessage":"none left","trace":[]}';
    const lambda = await fakeServer((_, response) => {
      response.setHeader('x-amz-function-error', 'Unhandled');
      response.end(thrown);
    });
    const server = await sfn({ lambdaEndpoint: lambda.url });
    const plain = await server.create(invoke({ FunctionName: 'f' }));
    expect(await server.run(plain)).toMatchObject({ status: 'FAILED', error: 'OutOfStock', cause: thrown });
    const caught = await server.create(
      {
        A: {
          ...task({ FunctionName: 'f' }),
          Retry: [{ ErrorEquals: ['OutOfStock'], MaxAttempts: 1, IntervalSeconds: 1, MaxDelaySeconds: 2 }],
          Catch: [{ ErrorEquals: ['OutOfStock'], Output: 'sorry', Next: 'B' }],
        },
        B: { Type: 'Succeed' },
      },
      'caught',
    );
    expect(await server.run(caught)).toMatchObject({ status: 'SUCCEEDED', output: '"sorry"' });
    expect(lambda.asked).toHaveLength(3);
  });

  test('an error without type has a name all the same', async () => {
    const lambda = await fakeServer((_, response) => {
      response.setHeader('x-amz-function-error', 'Unhandled');
      response.end('"boom"');
    });
    const server = await sfn({ lambdaEndpoint: lambda.url });
    expect(await server.run(await server.create(invoke({ FunctionName: 'f' })))).toMatchObject({
      error: 'Lambda.Unknown',
    });
  });

  test('what Lambda refuses is an error of Lambda', async () => {
    const lambda = await fakeServer((_, response) => {
      response.writeHead(404, { 'x-amzn-errortype': 'ResourceNotFoundException:http://x' });
      response.end('{"Message":"Function not found: f"}');
    });
    const server = await sfn({ lambdaEndpoint: lambda.url });
    expect(await server.run(await server.create(invoke({ FunctionName: 'f' })))).toMatchObject({
      error: 'Lambda.ResourceNotFoundException',
      cause: expect.stringMatching(/^Function not found: f \(Service: Lambda, Status Code: 404/),
    });
  });

  test('nobody there is an error of the client, which a Catch takes', async () => {
    const server = await sfn({ lambdaEndpoint: 'http://127.0.0.1:1' });
    expect(await server.run(await server.create(invoke({ FunctionName: 'f' })))).toMatchObject({
      error: 'Lambda.SdkClientException',
    });
  });

  test('a timeout ends the request', async () => {
    let closed: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const lambda = await fakeServer((_, response) => {
      response.on('close', closed);
    });
    const server = await sfn({ lambdaEndpoint: lambda.url });
    const arn = await server.create({ A: { ...task({ FunctionName: 'f' }), TimeoutSeconds: 1 } });
    expect(await server.run(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    await gone;
  });
});

test('a function as the Resource gets the input itself', async () => {
  const lambda = await fakeServer(({ body }, response) => response.end(body));
  const server = await sfn({ lambdaEndpoint: lambda.url });
  const Resource = 'arn:aws:lambda:us-east-1:000000000000:function:echo';
  const { output, executionArn } = await server.run(
    await server.create({ A: { Type: 'Task', Resource, End: true } }),
    { a: 1 },
  );
  expect(output).toBe('{"a":1}');
  const events = await server.events(executionArn);
  expect(events.map(({ type }) => type)).toContain('LambdaFunctionSucceeded');
  expect(events[2]?.lambdaFunctionScheduledEventDetails).toMatchObject({ resource: Resource });
});

test('aws-sdk:lambda:invoke takes and gives texts', async () => {
  const lambda = await fakeServer((_, response) => {
    response.setHeader('x-amz-function-error', 'Handled');
    response.end('{"errorType":"E"}');
  });
  const server = await sfn({ endpointUrl: lambda.url });
  const resource = 'arn:aws:states:::aws-sdk:lambda:invoke';
  const arn = await server.create(invoke({ FunctionName: 'f', Payload: '[1]' }, resource));
  const { output = '' } = await server.run(arn);
  expect(lambda.asked[0]?.body).toBe('[1]');
  expect(JSON.parse(output)).toMatchObject({ Payload: '{"errorType":"E"}', FunctionError: 'Handled' });
});

test('without an endpoint the execution says what to give, and no Catch hides it', async () => {
  const server = await sfn();
  const arn = await server.create({
    A: { ...task({ FunctionName: 'f' }), Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }] },
    B: { Type: 'Succeed' },
  });
  expect(await server.run(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.Runtime',
    cause: expect.stringContaining('--lambda-endpoint'),
  });
});
