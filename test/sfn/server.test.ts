/** The protocol, as no SDK would speak it. */
import { describe, expect, test } from 'vitest';
import { startSfn } from '../../lib/sfn/index.ts';
import { sfn } from './server.ts';

const post = (url: string, target: string | undefined, body: string, headers: object = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { ...(target === undefined ? {} : { 'x-amz-target': target }), ...headers },
    body,
  });

describe('a request', () => {
  test('is answered in AWS JSON 1.0', async () => {
    const { endpoint } = await sfn();
    const response = await post(endpoint, 'AWSStepFunctions.ListStateMachines', '{}');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.0');
    expect(response.headers.get('x-amzn-requestid')).toMatch(/^[\da-f-]{36}$/);
    expect(await response.json()).toEqual({ stateMachines: [] });
  });

  test.each([
    ['an unknown operation', 'AWSStepFunctions.Fly', '{}', 'UnknownOperationException'],
    ['an operation of every object', 'AWSStepFunctions.toString', '{}', 'UnknownOperationException'],
    ['another service', 'DynamoDB_20120810.GetItem', '{}', 'UnknownOperationException'],
    ['no target', undefined, '{}', 'UnknownOperationException'],
    ['a body that is no JSON', 'AWSStepFunctions.ListStateMachines', '{', 'SerializationException'],
    ['a body that is a list', 'AWSStepFunctions.ListStateMachines', '[]', 'SerializationException'],
    [
      'a text for a number',
      'AWSStepFunctions.ListStateMachines',
      '{"maxResults":"1"}',
      'SerializationException',
    ],
    [
      'a number for a text',
      'AWSStepFunctions.StartExecution',
      '{"stateMachineArn":1}',
      'SerializationException',
    ],
    ['nothing that is needed', 'AWSStepFunctions.StartExecution', '{}', 'ValidationException'],
    ['an empty body', 'AWSStepFunctions.DescribeExecution', '', 'ValidationException'],
  ])('with %s is refused', async (_, target, body, code) => {
    const { endpoint } = await sfn();
    const response = await post(endpoint, target, body);
    expect(response.status).toBe(400);
    expect(response.headers.get('x-amzn-errortype')).toBe(code);
    expect(await response.json()).toEqual({ __type: code, message: expect.any(String) });
  });

  test('from a web page is refused', async () => {
    const { endpoint } = await sfn();
    const response = await post(endpoint, 'AWSStepFunctions.ListStateMachines', '{}', {
      origin: 'http://evil.example',
    });
    expect(response.status).toBe(400);
  });

  test('that never ends is cut off', async () => {
    const { endpoint } = await sfn();
    const body = `{"a":"${'x'.repeat(9_000_000)}"}`;
    const response = await post(endpoint, 'AWSStepFunctions.ListStateMachines', body).catch(() => undefined);
    // Told, or cut off while it still sent.
    expect(response?.status ?? 400).toBe(400);
    expect((await post(endpoint, 'AWSStepFunctions.ListStateMachines', '{}')).status).toBe(200);
  });
});

describe('startSfn', () => {
  test('refuses a port that is taken', async () => {
    const { endpoint } = await sfn();
    await expect(startSfn({ port: Number(new URL(endpoint).port) })).rejects.toMatchObject({
      code: 'port-in-use',
      message: expect.stringContaining('or 0 for a free one'),
    });
  });

  test.each(['lambdaEndpoint', 'endpointUrl'])('refuses an %s that is no URL', async (option) => {
    await expect(startSfn({ [option]: '127.0.0.1:9001' })).rejects.toMatchObject({
      code: 'invalid-endpoint',
      message: expect.stringContaining('got "127.0.0.1:9001"'),
    });
  });

  test('closes with connections open and executions running', async () => {
    const server = await startSfn();
    await post(server.endpoint, 'AWSStepFunctions.ListStateMachines', '{}');
    await server.close();
    await expect(post(server.endpoint, 'AWSStepFunctions.ListStateMachines', '{}')).rejects.toThrow();
  });
});
