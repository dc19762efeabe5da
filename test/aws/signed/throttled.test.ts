/** Throttling as each service says it: asked again, by chance ever later, and told in the end. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { coreClients } from '../../../lib/aws/core-clients.ts';
import { awsClients } from '../../../lib/aws/signed/clients.ts';
import {
  GetExecutionHistoryCommand,
  GetItemCommand,
  GetQueryExecutionCommand,
  GetSecretValueCommand,
  InvokeCommand,
  PutEventsCommand,
  PutItemCommand,
  PutObjectCommand,
} from '../../../lib/aws/signed/commands.ts';
import { access, answers, dropped, got, type Reply, reply } from './service.ts';

describe('a service that throttles', () => {
  const random = vi.spyOn(Math, 'random');
  beforeEach(() => void random.mockReturnValue(0));
  afterEach(() => random.mockReset());

  const json = (code: string) =>
    reply(400, JSON.stringify({ __type: `x.y#${code}`, message: 'Rate exceeded' }));
  const coded = (status: number, code: string) =>
    reply(status, '{"Type":"User","message":"Rate exceeded"}', { 'x-amzn-errortype': `${code}:http://x/` });
  const xml = (code: string) =>
    reply(503, `<Error><Code>${code}</Code><Message>Rate exceeded</Message></Error>`);
  const core = () => coreClients(access);
  const entry = { Source: 's', DetailType: 't', Detail: '{}' };
  const lambda = new InvokeCommand({ FunctionName: 'f', Payload: Buffer.from('{}') });

  test.each<[string, string, Reply, () => Promise<unknown>]>([
    [
      'dynamodb',
      'ProvisionedThroughputExceededException',
      json('ProvisionedThroughputExceededException'),
      () => core().dynamodb.send(new GetItemCommand({ TableName: 't', Key: {} })),
    ],
    [
      'dynamodb',
      'ThrottlingException',
      json('ThrottlingException'),
      () => core().dynamodb.send(new PutItemCommand({ TableName: 't', Item: {} })),
    ],
    [
      'states',
      'ThrottlingException',
      json('ThrottlingException'),
      () => core().sfn.send(new GetExecutionHistoryCommand({ executionArn: 'e' })),
    ],
    [
      'events',
      'ThrottlingException',
      json('ThrottlingException'),
      () => core().events.send(new PutEventsCommand({ Entries: [entry] })),
    ],
    [
      'secretsmanager',
      'ThrottlingException',
      json('ThrottlingException'),
      () => core().secrets.send(new GetSecretValueCommand({ SecretId: 's' })),
    ],
    [
      'athena',
      'TooManyRequestsException',
      json('TooManyRequestsException'),
      async () =>
        (await awsClients({ ...access, tries: 10 }).athena()).send(
          new GetQueryExecutionCommand({ QueryExecutionId: 'q' }),
        ),
    ],
    [
      'lambda',
      'TooManyRequestsException',
      coded(429, 'TooManyRequestsException'),
      () => core().lambda.send(lambda),
    ],
    [
      'lambda',
      'TooManyRequestsException',
      coded(429, 'TooManyRequestsException'),
      () => core().lambda.send({ ...lambda, once: true }),
    ],
    [
      's3',
      'SlowDown',
      xml('SlowDown'),
      () => core().s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x' })),
    ],
  ])(
    '%s, %s: is asked again after pauses by chance, then told by its name',
    async (service, code, throttled, ask) => {
      answers.push(...Array<Reply>(4).fill(throttled));
      await ask();
      expect([got.length, random.mock.calls.length]).toEqual([5, 4]);
      expect(new Set(got.flatMap(({ signedFor }) => signedFor))).toEqual(new Set([service]));
      answers.push(...Array<Reply>(10).fill(throttled));
      await expect(ask()).rejects.toMatchObject({ name: code, message: 'Rate exceeded' });
      expect(answers).toEqual([]);
    },
  );

  test('is not asked again where there is no time for it, and says what it said', async () => {
    const hurried = coreClients({ ...access, remainingMs: () => 2_500 });
    answers.push(...Array<Reply>(9).fill(json('ThrottlingException')));
    const asked = hurried.sfn.send(new GetExecutionHistoryCommand({ executionArn: 'e' }));
    await expect(asked).rejects.toMatchObject({ name: 'ThrottlingException', message: 'Rate exceeded' });
    // After pauses of at most 100, 200 and 400 ms the next may be 800.
    expect(got).toHaveLength(4);
  });

  test.each([
    ['a lost connection', dropped, 'Lambda.Network'],
    [
      'a fault',
      reply(503, '{"message":"?"}', { 'x-amzn-errortype': 'ServiceException' }),
      'ServiceException',
    ],
  ])('a function that is to be called once is not called again after %s', async (_, answer, name) => {
    answers.push(answer);
    await expect(core().lambda.send({ ...lambda, once: true })).rejects.toMatchObject({ name });
    answers.push(answer);
    await core().lambda.send(lambda);
    expect(got).toHaveLength(3);
  });
});
