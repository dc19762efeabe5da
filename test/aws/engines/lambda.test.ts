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
  readonly status?: number;
  readonly error?: string;
  readonly body: unknown;
}

const calls: { readonly path: string; readonly body: unknown }[] = [];
let answer: Answer;

const server = createServer(async (request, response) => {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  calls.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(parts).toString()) });
  const { status = 200, error, body } = answer;
  response.writeHead(status, error === undefined ? {} : { 'x-amz-function-error': error });
  response.end(JSON.stringify(body));
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => server.close());

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
    answer = { status: 404, body: { __type: 'ResourceNotFoundException', message: 'Function not found' } };
    expect(await rig.outcome()).toBe('Engine.Refused');
    const busy = await rigNamed('busy');
    answer = { status: 429, body: { __type: 'TooManyRequestsException', message: 'Rate Exceeded.' } };
    expect(await busy.outcome()).toBe('Engine.Busy');
    answer = { body: null };
    expect(await busy.call({ asked: 2 })).toEqual({ payload: null });
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
