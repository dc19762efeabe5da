/** Commands of services as requests, signed as AWS checks it, and what their answers become. */
import { expect, test } from 'vitest';
import { endpointOf } from '../../../lib/aws/signed/call.ts';
import { awsClients } from '../../../lib/aws/signed/clients.ts';
import {
  CopyObjectCommand,
  GetExecutionHistoryCommand,
  GetItemCommand,
  GetObjectCommand,
  GetQueryExecutionCommand,
  HeadObjectCommand,
  InvokeCommand,
  ListObjectsV2Command,
  PutItemCommand,
  PutObjectCommand,
  SendTaskSuccessCommand,
} from '../../../lib/aws/signed/commands.ts';
import { CREDENTIALS } from '../task/signature.ts';
import { access, answers, dropped, got, reply } from './service.ts';

const clients = awsClients(access);

test('operations of JSON services are named in a header', async () => {
  answers.push(reply(200, '{"QueryExecution":{"Status":{"State":"RUNNING"}}}'));
  const asked = new GetQueryExecutionCommand({ QueryExecutionId: 'q' });
  expect(await (await clients.athena()).send(asked)).toEqual({
    QueryExecution: { Status: { State: 'RUNNING' } },
  });
  await (await clients.sfn()).send(new SendTaskSuccessCommand({ taskToken: 't', output: '{}' }));
  expect(got.map(({ headers, body, signedFor }) => [headers['x-amz-target'], body, signedFor])).toEqual([
    ['AmazonAthena.GetQueryExecution', '{"QueryExecutionId":"q"}', ['athena']],
    ['AWSStepFunctions.SendTaskSuccess', '{"taskToken":"t","output":"{}"}', ['states']],
  ]);
});

test('what a service refuses has AWS’s name and its status', async () => {
  const type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
  answers.push(reply(400, JSON.stringify({ __type: type, message: 'no' })));
  const put = new PutItemCommand({ TableName: 't', Item: {} });
  await expect((await clients.dynamodb()).send(put)).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    message: 'no',
    $metadata: { httpStatusCode: 400 },
  });
  expect(got).toHaveLength(1);
});

test('a busy service and a lost connection are asked again, not for ever', async () => {
  answers.push(reply(503), dropped, reply(429), reply(200, '{"QueryExecution":{}}'));
  const asked = new GetQueryExecutionCommand({ QueryExecutionId: 'q' });
  expect(await (await clients.athena()).send(asked)).toEqual({ QueryExecution: {} });
  expect(got).toHaveLength(4);
  answers.push(...Array(6).fill(reply(500, '{"__type":"InternalServerException"}')));
  await expect((await clients.athena()).send(asked)).rejects.toMatchObject({
    name: 'InternalServerException',
    $metadata: { httpStatusCode: 500 },
  });
  answers.push(...Array(6).fill(dropped));
  await expect((await clients.athena()).send(asked)).rejects.toMatchObject({ name: 'Athena.Network' });
});

test('a function is invoked by name or ARN, and what it throws is its answer', async () => {
  const arn = 'arn:aws:lambda:eu-central-1:111122223333:function:tutti-prod-tick:7';
  answers.push(reply(200, '{"errorType":"RefusedError"}', { 'x-amz-function-error': 'Unhandled' }));
  const asked = new InvokeCommand({ FunctionName: arn, Payload: Buffer.from('{"a":1}') });
  const { FunctionError, Payload } = await (await clients.lambda()).send(asked);
  expect([FunctionError, Buffer.from(Payload ?? []).toString()]).toEqual([
    'Unhandled',
    '{"errorType":"RefusedError"}',
  ]);
  expect(got[0]).toMatchObject({
    line: `POST /2015-03-31/functions/${encodeURIComponent(arn)}/invocations`,
    body: '{"a":1}',
    signedFor: ['lambda'],
  });
});

test('objects go with their marks and conditions, and come with them', async () => {
  const s3 = await clients.s3();
  answers.push(reply(200, '', { etag: '"1"' }), reply(412, '<Error><Code>PreconditionFailed</Code></Error>'));
  const put = { Bucket: 'b', Key: "a b/(ü)+%'.txt", Body: 'x', Metadata: { 'tutti-writes': 'm' } };
  expect(await s3.send(new PutObjectCommand({ ...put, IfNoneMatch: '*' }))).toMatchObject({ ETag: '"1"' });
  await expect(s3.send(new PutObjectCommand({ ...put, IfMatch: '"0"' }))).rejects.toMatchObject({
    name: 'PreconditionFailed',
  });
  answers.push(reply(206, '{"a":', { etag: '"2"', 'x-amz-meta-tutti-writes': 'm n' }));
  const { Body, ETag, Metadata } = await s3.send(
    new GetObjectCommand({ Bucket: 'b', Key: 'a', Range: 'bytes=0-4' }),
  );
  expect([await Body?.transformToString(), ETag, Metadata]).toEqual([
    '{"a":',
    '"2"',
    { 'tutti-writes': 'm n' },
  ]);
  expect(
    got.map(({ line, headers, signedFor }) => [line, headers['if-match'], headers['range'], signedFor]),
  ).toEqual([
    ['PUT /b/a%20b/%28%C3%BC%29%2B%25%27.txt', undefined, undefined, ['s3']],
    ['PUT /b/a%20b/%28%C3%BC%29%2B%25%27.txt', '"0"', undefined, ['s3']],
    ['GET /b/a', undefined, 'bytes=0-4', ['s3']],
  ]);
});

test('an object that is not there is told by name, also where no body can', async () => {
  const s3 = await clients.s3();
  answers.push(reply(404, '<Error><Code>NoSuchKey</Code><Message>a &lt;b&gt;</Message></Error>'), reply(404));
  await expect(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'a' }))).rejects.toMatchObject({
    name: 'NoSuchKey',
    message: 'a <b>',
  });
  await expect(s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'a' }))).rejects.toMatchObject({
    name: 'NotFound',
  });
});

test('a copy that is refused after it was accepted has failed', async () => {
  const s3 = await clients.s3();
  const copy = new CopyObjectCommand({ Bucket: 'b', Key: 'to', CopySource: 'b/from%20here' });
  answers.push(reply(200, '<CopyObjectResult><ETag>1</ETag></CopyObjectResult>'));
  expect(await s3.send(copy)).toEqual({});
  answers.push(reply(200, '<Error><Code>InternalError</Code><Message>again</Message></Error>'));
  await expect(s3.send(copy)).rejects.toMatchObject({ name: 'InternalError', message: 'again' });
  expect(got[0]?.headers['x-amz-copy-source']).toBe('b/from%20here');
});

test('lists are read as they are written', async () => {
  const s3 = await clients.s3();
  const page = (next: string) =>
    `<ListBucketResult>${next}<Contents><Key>a+b%2Fc</Key></Contents><Contents><Key>d</Key></Contents></ListBucketResult>`;
  answers.push(reply(200, page('<NextContinuationToken>x/=+</NextContinuationToken>')));
  const asked = { Bucket: 'b', Prefix: 'a b/' };
  expect(await s3.send(new ListObjectsV2Command(asked))).toEqual({
    Contents: [{ Key: 'a b/c' }, { Key: 'd' }],
    NextContinuationToken: 'x/=+',
  });
  answers.push(reply(200, page('')));
  await s3.send(new ListObjectsV2Command({ ...asked, ContinuationToken: 'x/=+' }));
  expect(got.map(({ line, signedFor }) => [line, signedFor])).toEqual([
    ['GET /b/?list-type=2&encoding-type=url&prefix=a%20b%2F', ['s3']],
    ['GET /b/?list-type=2&encoding-type=url&continuation-token=x%2F%3D%2B&prefix=a%20b%2F', ['s3']],
  ]);
});

test.each([
  ['eu-central-1', 'https://dynamodb.eu-central-1.amazonaws.com'],
  ['us-gov-west-1', 'https://dynamodb.us-gov-west-1.amazonaws.com'],
  ['cn-north-1', 'https://dynamodb.cn-north-1.amazonaws.com.cn'],
])('a service of %s answers at %s', (region, url) => {
  expect(endpointOf({ region, credentials: () => CREDENTIALS }, 'dynamodb')).toBe(url);
});

test('bytes of items are bytes, whatever else has their name', async () => {
  const client = await clients.dynamodb();
  const bytes = Buffer.from([0, 255, 7]);
  const item = { z: { B: new Uint8Array(bytes) }, set: { BS: [bytes] }, B: { S: 'B' } };
  await client.send(new PutItemCommand({ TableName: 't', Item: item }));
  const sent = { z: { B: 'AP8H' }, set: { BS: ['AP8H'] }, B: { S: 'B' } };
  expect(JSON.parse(got[0]?.body ?? '')).toEqual({ TableName: 't', Item: sent });
  answers.push(reply(200, JSON.stringify({ Item: sent })));
  const { Item } = await client.send(new GetItemCommand({ TableName: 't', Key: {} }));
  expect(Item).toEqual({ z: { B: bytes }, set: { BS: [bytes] }, B: { S: 'B' } });
});

test('a condition that does not hold says what is there', async () => {
  const said = { __type: 'x#ConditionalCheckFailedException', message: 'no', Item: { z: { B: 'AP8H' } } };
  answers.push(reply(400, JSON.stringify(said)));
  const put = (await clients.dynamodb()).send(new PutItemCommand({ TableName: 't', Item: {} }));
  await expect(put).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    Item: { z: { B: Buffer.from([0, 255, 7]) } },
  });
  expect(got).toHaveLength(1);
});

test('instants of executions are dates', async () => {
  answers.push(reply(200, '{"events":[{"id":1,"timestamp":1767571200.25,"type":"ExecutionStarted"}]}'));
  const asked = new GetExecutionHistoryCommand({ executionArn: 'e' });
  const { events } = await (await clients.sfn()).send(asked);
  expect(events).toEqual([
    { id: 1, timestamp: new Date('2026-01-05T00:00:00.250Z'), type: 'ExecutionStarted' },
  ]);
});

test('a function is told where nobody waits for its answer', async () => {
  answers.push(reply(202));
  const asked = new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event', Payload: Buffer.from('{}') });
  expect(await (await clients.lambda()).send(asked)).toMatchObject({ StatusCode: 202 });
  expect(got[0]?.headers['x-amz-invocation-type']).toBe('Event');
});

test('a client asks as often as it was made to, and what only speaks of being throttled is no reason to', async () => {
  const throttled = reply(400, '{"__type":"x#ThrottlingException","message":"later"}');
  answers.push(...Array.from({ length: 2 }, () => throttled));
  const { sfn } = awsClients({ ...access, tries: 2 });
  const asked = new SendTaskSuccessCommand({ taskToken: 't', output: '{}' });
  await expect((await sfn()).send(asked)).rejects.toMatchObject({ name: 'ThrottlingException' });
  answers.push(reply(400, '{"__type":"x#ValidationException","message":"\\"ThrottlingException\\""}'));
  await expect((await sfn()).send(asked)).rejects.toMatchObject({ name: 'ValidationException' });
  expect(got).toHaveLength(3);
});
