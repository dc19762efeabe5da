/** `lambda.invoke` on AWS: functions that are no part of the project, at the edge of the process. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { invoke } from '../../../lib/aws/engines/lambda.ts';
import { lambdaClient } from '../../../lib/aws/signed/lambda.ts';
import { permissionsOf } from '../../../lib/engines/permissions-of.ts';
import { dag, lambda } from '../../../lib/index.ts';
import { onDynamoDB } from '../dynamodb-local.ts';
import { Rig } from './rig.ts';

interface Answer {
  /** 0: the connection ends. */
  readonly status?: number;
  readonly type?: string;
  readonly error?: string;
  readonly body: unknown;
  readonly after?: Promise<void>;
}

const calls: { readonly path: string; readonly body: unknown }[] = [];
let answer: Answer;

const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  calls.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(parts).toString()) });
  const { status = 200, error, body, type, after } = answer;
  await after;
  if (status === 0) return void request.socket.destroy();
  response.writeHead(status, {
    ...(error === undefined ? {} : { 'x-amz-function-error': error }),
    ...(type === undefined ? {} : { 'x-amzn-errortype': `${type}:http://internal.amazon.com/x` }),
  });
  response.end(JSON.stringify(body));
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.close();
  server.closeAllConnections();
});

beforeEach(() => {
  calls.length = 0;
});

await onDynamoDB('lambda.invoke', (local) => {
  const rigNamed = async (name: string) => {
    const { port } = server.address() as AddressInfo;
    const client = lambdaClient({
      region: 'us-east-1',
      credentials: () => ({ accessKeyId: 'a', secretAccessKey: 'b' }),
      endpoint: () => `http://127.0.0.1:${port}`,
    });
    return new Rig({ local, name: await local.newTable() }, name, {
      engine: invoke,
      call: { engine: 'lambda.invoke' },
      args: { functionName: 'score-orders', payload: { day: '2026-01-05' } },
      clients: { lambda: async () => client },
    });
  };

  test('gives what the function answers, and the same again after a lost answer, without another call', async () => {
    answer = { body: { score: 7 } };
    const rig = await rigNamed('answers');
    expect(await rig.call()).toEqual({ payload: { score: 7 } });
    expect(await rig.call({ asked: 2 })).toEqual({ payload: { score: 7 } });
    expect(calls).toEqual([
      { path: '/2015-03-31/functions/score-orders/invocations', body: { day: '2026-01-05' } },
    ]);
    expect(await rig.job()).toMatchObject({ try: '1', state: 'done' });
  });

  test('fails under the name of what the function threw; the author’s retries call it again', async () => {
    answer = { error: 'Unhandled', body: { errorType: 'NoModel', errorMessage: 'none for today' } };
    const rig = await rigNamed('throws');
    const retries = [{ attempts: 1 }];
    await expect(rig.call({ retries })).rejects.toMatchObject({
      name: 'NoModel',
      message: 'score-orders: none for today',
    });
    answer = { body: { score: 1 } };
    expect(await rig.call({ retries, asked: 2 })).toEqual({ payload: { score: 1 } });
    expect(calls).toHaveLength(2);
  });

  test('a function that is not there is refused, one that is throttled asked later', async () => {
    const rig = await rigNamed('refused');
    answer = {
      status: 404,
      type: 'ResourceNotFoundException',
      body: { Type: 'User', Message: 'Function not found' },
    };
    await expect(rig.call()).rejects.toMatchObject({
      name: 'Engine.Refused',
      message: 'score-orders: ResourceNotFoundException: Function not found',
    });
    const busy = await rigNamed('busy');
    const limit = { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', message: 'Rate Exceeded.' };
    answer = { status: 429, type: 'TooManyRequestsException', body: limit };
    expect(await busy.outcome()).toBe('Engine.Busy');
    expect(await busy.outcome({ asked: 2 })).toBe('Engine.Busy');
    answer = { body: null };
    expect(await busy.call({ asked: 3 })).toEqual({ payload: null });
    // However often the service was too busy, it was one try.
    expect(await busy.job()).toMatchObject({ try: '1', state: 'done' });
  });

  test.each([
    ['a lost connection', { status: 0, body: null }, 'Lambda.Network'],
    ['a fault of the service', { status: 500, type: 'ServiceException', body: {} }, 'ServiceException'],
  ])('after %s it is called again by a retry rule alone', async (_, lost, why) => {
    answer = lost;
    const rig = await rigNamed(`lost-${why}`);
    await expect(rig.call()).rejects.toMatchObject({
      name: 'Engine.JobFailed',
      message: expect.stringContaining(`perhaps was called; a retry rule calls it again, got ${why}`),
    });
    expect(await rig.outcome({ asked: 2 })).toBe('Engine.JobFailed');
    expect(calls).toHaveLength(1);
    answer = { body: { score: 2 } };
    expect(await rig.call({ asked: 3, retries: [{ attempts: 1 }] })).toEqual({ payload: { score: 2 } });
    expect(calls).toHaveLength(2);
  });

  test('asked a second time while it answers, it is not called again: the answer comes by the ledger', async () => {
    const rig = await rigNamed('twice');
    const { promise: isAnswered, resolve: goOn } = Promise.withResolvers<void>();
    answer = { body: { score: 3 }, after: isAnswered };
    const first = rig.call();
    await expect.poll(() => calls.length).toBe(1);
    expect(await rig.outcome({ asked: 2 })).toBe('Engine.NotReady');
    goOn();
    expect(await first).toEqual({ payload: { score: 3 } });
    expect(await rig.call({ asked: 3 })).toEqual({ payload: { score: 3 } });
    expect(calls).toHaveLength(1);
  });

  test('whose caller died has failed after the longest that a function goes on', async () => {
    const rig = await rigNamed('died');
    answer = { body: null, after: new Promise(() => undefined) };
    rig.call().catch(() => undefined);
    await expect.poll(() => calls.length).toBe(1);
    expect(await rig.outcome({ asked: 2 })).toBe('Engine.NotReady');
    rig.nowMs += 900_000;
    await expect(rig.call({ asked: 3 })).rejects.toMatchObject({
      name: 'Engine.JobFailed',
      message: expect.stringContaining('the answer was lost'),
    });
  });

  test('is given up before its caller ends, and called again by a retry rule', async () => {
    const rig = await rigNamed('slow');
    answer = { body: null, after: new Promise(() => undefined) };
    await expect(rig.call({ remainingMs: 3_200 })).rejects.toMatchObject({ name: 'Engine.JobTimeout' });
    answer = { body: 1 };
    expect(await rig.call({ asked: 2, retries: [{ attempts: 1 }] })).toEqual({ payload: 1 });
  });
});

test('its function may call that one, and no other', () => {
  const scoring = dag('scoring', {}, ({ task }) => {
    task('score', lambda.invoke({ functionName: 'score-orders' }));
    task(
      'again',
      lambda.invoke({ functionName: 'arn:aws:lambda:eu-central-1:111122223333:function:other:live' }),
    );
  });
  expect(permissionsOf(scoring, {})).toEqual({
    machine: [],
    function: [
      {
        actions: ['lambda:InvokeFunction'],
        resources: [
          'arn:aws:lambda:eu-central-1:111122223333:function:other:live',
          'arn:{partition}:lambda:{region}:{account}:function:score-orders',
        ],
      },
    ],
  });
});

test('what is no name of a function is a mistake of the DAG', () => {
  expect(() =>
    dag('scoring', {}, ({ task }) => {
      task('score', lambda.invoke({ functionName: 'not a name' }));
    }),
  ).toThrow('must be the name or ARN of a Lambda function, got "not a name"');
});
