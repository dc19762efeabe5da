/** What tasks ask of services other than Lambda. */
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import type { Json } from '../../lib/base/json.ts';
import { fakeServer, sfn } from './server.ts';

const task = (resource: string, Arguments: Json) =>
  ({ A: { Type: 'Task', Resource: `arn:aws:states:::${resource}`, Arguments, End: true } }) as const;

const UPDATE = {
  TableName: 'latches',
  Key: { pk: { S: 'a' }, sk: { S: 'b' } },
  UpdateExpression: 'SET done = :one',
  ConditionExpression: 'attribute_not_exists(done)',
  ExpressionAttributeValues: { ':one': { N: '1' } },
};

test('without an endpoint DynamoDB is a table in the server, shared by executions', async () => {
  const server = await sfn();
  const arn = await server.create(task('aws-sdk:dynamodb:updateItem', UPDATE));
  expect((await server.run(arn)).status).toBe('SUCCEEDED');
  expect(await server.run(arn)).toMatchObject({ error: 'DynamoDb.ConditionalCheckFailedException' });
  const key = { TableName: 'latches', Key: UPDATE.Key };
  const reading = await server.create(task('dynamodb:getItem', key), 'reading');
  const { output = '' } = await server.run(reading);
  expect(JSON.parse(output)).toMatchObject({ Item: { done: { N: '1' } } });
});

describe('with an endpoint', () => {
  test('a service of AWS JSON is asked in its protocol', async () => {
    const aws = await fakeServer((_, response) => response.end('{"MessageId":"m"}'));
    const server = await sfn({ endpointUrl: aws.url });
    const body = { QueueUrl: 'q', MessageBody: { hello: 1 } };
    const { output } = await server.run(await server.create(task('sqs:sendMessage', body)));
    expect(output).toBe('{"MessageId":"m"}');
    expect(aws.asked).toMatchObject([
      {
        method: 'POST',
        headers: {
          'x-amz-target': 'AmazonSQS.SendMessage',
          'content-type': 'application/x-amz-json-1.0',
          authorization: expect.stringContaining('/us-east-1/sqs/aws4_request'),
        },
        body: '{"QueueUrl":"q","MessageBody":"{\\"hello\\":1}"}',
      },
    ]);
  });

  test('a service of small letters is spelt with capitals in the machine', async () => {
    const aws = await fakeServer((_, response) => response.end('{"tasks":[{"taskArn":"t"}]}'));
    const server = await sfn({ endpointUrl: aws.url });
    const ask = task('aws-sdk:ecs:describeTasks', { Cluster: 'c', Tasks: ['t'] });
    const { output } = await server.run(await server.create(ask));
    expect(aws.asked[0]?.body).toBe('{"cluster":"c","tasks":["t"]}');
    expect(output).toBe('{"Tasks":[{"TaskArn":"t"}]}');
  });

  test.each([
    ['aws-sdk:dynamodb:updateItem', 'DynamoDb.ConditionalCheckFailedException'],
    ['dynamodb:updateItem', 'DynamoDB.ConditionalCheckFailedException'],
  ])('an error of %s is %s', async (resource, error) => {
    const aws = await fakeServer((_, response) => {
      response.writeHead(400, { 'x-amzn-requestid': 'r' });
      const __type = 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException';
      response.end(JSON.stringify({ __type, message: 'no' }));
    });
    const server = await sfn({ endpointUrl: aws.url });
    const cause = expect.stringMatching(/^no \(Service: DynamoD[bB], Status Code: 400, Request ID: r\)$/);
    const ran = await server.run(await server.create(task(resource, UPDATE)));
    expect(ran).toMatchObject({ status: 'FAILED', error, cause });
  });

  test('an event that was not taken fails the task', async () => {
    const aws = await fakeServer((_, response) =>
      response.end('{"FailedEntryCount":1,"Entries":[{"ErrorCode":"NoBus"}]}'),
    );
    const server = await sfn({ endpointUrl: aws.url });
    const put = task('events:putEvents', { Entries: [{ Source: 's', DetailType: 't', Detail: { a: 1 } }] });
    expect(await server.run(await server.create(put))).toMatchObject({
      error: 'EventBridge.FailedEntry',
      cause: expect.stringContaining('NoBus'),
    });
    expect(JSON.parse(aws.asked[0]?.body ?? '')).toMatchObject({ Entries: [{ Detail: '{"a":1}' }] });
  });

  test('SNS publishes by a form and answers in XML', async () => {
    const aws = await fakeServer((_, response) =>
      response.end(
        '<PublishResponse><PublishResult><MessageId>m&amp;1</MessageId></PublishResult></PublishResponse>',
      ),
    );
    const server = await sfn({ endpointUrl: aws.url });
    const publish = task('sns:publish', {
      TopicArn: 't',
      Message: { a: 1 },
      MessageAttributes: { kind: { DataType: 'String', StringValue: 'x' } },
    });
    const { output } = await server.run(await server.create(publish));
    expect(output).toBe('{"MessageId":"m&1"}');
    expect(Object.fromEntries(new URLSearchParams(aws.asked[0]?.body))).toEqual({
      Action: 'Publish',
      Version: '2010-03-31',
      TopicArn: 't',
      Message: '{"a":1}',
      'MessageAttributes.entry.1.Name': 'kind',
      'MessageAttributes.entry.1.Value.DataType': 'String',
      'MessageAttributes.entry.1.Value.StringValue': 'x',
    });
  });

  test('a distributed Map reads its items from S3 and writes its results there', async () => {
    const objects = new Map([['/in/a%20list.json', '[1,2,3]']]);
    const aws = await fakeServer(({ method, url, body }, response) => {
      if (method === 'PUT') objects.set(url, body);
      const found = objects.get(url);
      if (found === undefined) response.writeHead(404);
      response.end(found ?? '<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>');
    });
    const server = await sfn({ endpointUrl: aws.url });
    const map = (Key: string) =>
      ({
        M: {
          Type: 'Map',
          ItemReader: {
            Resource: 'arn:aws:states:::s3:getObject',
            ReaderConfig: { InputType: 'JSON' },
            Arguments: { Bucket: 'in', Key },
          },
          ItemProcessor: {
            ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
            StartAt: 'P',
            States: { P: { Type: 'Pass', Output: '{% $states.input * 2 %}', End: true } },
          },
          ResultWriter: {
            Resource: 'arn:aws:states:::s3:putObject',
            Arguments: { Bucket: 'out', Prefix: 'run' },
          },
          End: true,
        },
      }) as const;
    expect((await server.run(await server.create(map('a list.json'), 'map'))).status).toBe('SUCCEEDED');
    const written = [...objects.keys()].filter((path) => path.startsWith('/out/run/'));
    expect(written.some((path) => path.endsWith('manifest.json'))).toBe(true);
    const missing = await server.run(await server.create(map('other.json'), 'missing'));
    expect(missing).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('gone') });
  });

  test('a job to wait for is refused with the way out', async () => {
    const server = await sfn({ endpointUrl: 'http://127.0.0.1:1' });
    const arn = await server.create(task('glue:startJobRun.sync', { JobName: 'j' }));
    expect(await server.run(arn)).toMatchObject({
      error: 'States.Runtime',
      cause: expect.stringContaining('--mocks'),
    });
  });
});

describe('states:startExecution', () => {
  const nested = async (suffix: string, inner: 'ok' | 'bad') => {
    const server = await sfn();
    const StateMachineArn = await server.create(
      inner === 'ok'
        ? { A: { Type: 'Pass', Output: { got: '{% $states.input %}' }, End: true } }
        : { A: { Type: 'Fail', Error: 'Inner', Cause: 'it broke' } },
      'inner',
    );
    const ask = { StateMachineArn, Name: 'n', Input: { a: '{% 1 + 1 %}' } };
    const arn = await server.create(task(`states:startExecution${suffix}`, ask), 'outer');
    const ended = await server.run(arn);
    const list = new ListExecutionsCommand({ stateMachineArn: StateMachineArn });
    return { ended, output: JSON.parse(ended.output ?? 'null'), inner: await server.client.send(list) };
  };
  const ExecutionArn = 'arn:aws:states:us-east-1:000000000000:execution:inner:n';

  test('starts an execution of this server', async () => {
    const { output, inner } = await nested('', 'ok');
    expect(output).toEqual({ ExecutionArn, StartDate: expect.any(Number) });
    expect(inner.executions).toHaveLength(1);
  });

  test('with .sync waits for it and gives texts, with .sync:2 JSON', async () => {
    expect((await nested('.sync', 'ok')).output).toMatchObject({
      ExecutionArn,
      Status: 'SUCCEEDED',
      Input: '{"a":2}',
      Output: '{"got":{"a":2}}',
    });
    expect((await nested('.sync:2', 'ok')).output).toMatchObject({
      Input: { a: 2 },
      Output: { got: { a: 2 } },
    });
  });

  test('with .sync fails when it fails', async () => {
    const { ended } = await nested('.sync:2', 'bad');
    expect(ended).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(ended.cause ?? '')).toMatchObject({
      Error: 'Inner',
      Cause: 'it broke',
      Status: 'FAILED',
    });
  });
});

test('aws-sdk:sfn calls every operation, spelt as an SDK does', async () => {
  const server = await sfn();
  const arn = await server.create(
    task('aws-sdk:sfn:describeStateMachine', {
      StateMachineArn: '{% $states.context.StateMachine.Id %}',
    }),
  );
  const { output = '' } = await server.run(arn);
  expect(JSON.parse(output)).toMatchObject({
    StateMachineArn: arn,
    Status: 'ACTIVE',
    CreationDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
  });
});
