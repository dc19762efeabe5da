import { TestStateCommand } from '@aws-sdk/client-sfn';
import { describe, expect, test } from 'vitest';
import { machine } from '../interpreter/machine.ts';
import { fakeServer, LAMBDA, refusal, sfn } from './server.ts';
import { BUSY, JSONATA, TASK, tried } from './tried.ts';

test('a Pass gives output, next state and variables', async () => {
  const state = { Type: 'Pass', Assign: { b: '{% $a + 1 %}' }, Output: '{% $states.input.x %}', Next: 'N' };
  const more = { input: '{"x":[1]}', variables: '{"a":1}', inspectionLevel: 'DEBUG' } as const;
  expect(await tried(state, more)).toEqual({
    status: 'SUCCEEDED',
    output: '[1]',
    nextState: 'N',
    inspectionData: { input: '{"x":[1]}', variables: '{"a":1,"b":2}' },
  });
  expect(await tried(state, { ...more, inspectionLevel: 'INFO' })).toEqual({
    status: 'SUCCEEDED',
    output: '[1]',
    nextState: 'N',
  });
});

test('a Choice says which way it goes', async () => {
  const state = {
    Type: 'Choice',
    Choices: [{ Condition: '{% $states.input.n > 1 %}', Next: 'A' }],
    Default: 'B',
  };
  expect(await tried(state, { input: '{"n":2}' })).toMatchObject({ nextState: 'A' });
  expect(await tried(state, { input: '{"n":1}' })).toMatchObject({ nextState: 'B' });
});

test('a Fail fails, and so does an expression', async () => {
  expect(await tried({ Type: 'Fail', Error: 'E', Cause: '{% "c" & 1 %}' })).toEqual({
    status: 'FAILED',
    error: 'E',
    cause: 'c1',
  });
  expect(await tried({ Type: 'Pass', Output: '{% $error("no") %}', End: true })).toMatchObject({
    status: 'FAILED',
    error: 'States.QueryEvaluationError',
  });
});

describe('a Task', () => {
  test('asks the world where it is not mocked', async () => {
    const lambda = await fakeServer(({ body }, response) => response.end(`{"got":${body}}`));
    const answer = await tried(TASK, { input: '{"n":3}' }, lambda.url);
    expect(answer).toMatchObject({ status: 'SUCCEEDED', output: '{"got":3}', nextState: 'Z' });
  });

  test('takes a mocked result for its own', async () => {
    const more = { input: '{"n":3}', mock: { result: '{"Payload":9}' }, inspectionLevel: 'TRACE' } as const;
    expect(await tried(TASK, more)).toEqual({
      status: 'SUCCEEDED',
      output: '9',
      nextState: 'Z',
      inspectionData: {
        input: '{"n":3}',
        afterArguments: '{"FunctionName":"f","Payload":3}',
        result: '{"Payload":9}',
      },
    });
  });

  // The figures are those that AWS gave for a retrier of 5 tries with backoff.
  test('wants another try while its retrier has one', async () => {
    const more = { input: '{"n":3}', mock: BUSY, inspectionLevel: 'DEBUG' } as const;
    const fourth = await tried(TASK, { ...more, stateConfiguration: { retrierRetryCount: 4 } });
    expect(fourth).toMatchObject({
      status: 'RETRIABLE',
      error: 'Busy',
      cause: 'come back',
      inspectionData: { errorDetails: { retryIndex: 0, retryBackoffIntervalSeconds: 16 } },
    });
    expect(fourth).not.toHaveProperty('nextState');
    const fifth = await tried(TASK, { ...more, stateConfiguration: { retrierRetryCount: 5 } });
    expect(fifth).toMatchObject({
      status: 'CAUGHT_ERROR',
      error: 'Busy',
      output: '{"why":"come back"}',
      nextState: 'Y',
      inspectionData: { errorDetails: { retryIndex: 0, catchIndex: 1 }, variables: '{"seen":"Busy"}' },
    });
  });

  test('without a catcher fails after its last try', async () => {
    const { Catch: _, ...state } = TASK;
    const more = { mock: BUSY, stateConfiguration: { retrierRetryCount: 5 }, input: '{"n":1}' };
    expect(await tried(state, more)).toEqual({ status: 'FAILED', error: 'Busy', cause: 'come back' });
  });

  test('that waits for a token has one, and its mock is what the token would bring', async () => {
    const state = {
      ...TASK,
      Resource: `${LAMBDA}.waitForTaskToken`,
      Arguments: { FunctionName: 'f', Payload: '{% $states.context.Task.Token %}' },
    };
    const mock = { result: '{"Payload":1}' };
    const context = '{"Task":{"Token":"abc"}}';
    const answer = await tried(state, { mock, context, inspectionLevel: 'DEBUG' });
    expect(answer).toMatchObject({
      status: 'SUCCEEDED',
      inspectionData: { afterArguments: '{"FunctionName":"f","Payload":"abc"}' },
    });
    expect((await tried(state, { mock })).status).toBe('SUCCEEDED');
  });

  test('sees the context it is given, and nothing else', async () => {
    const state = { ...TASK, Output: '{% $states.context %}' };
    const more = { input: '{"n":1}', mock: { result: '1' } };
    const context = '{"Execution":{"Name":"mine","Input":{"a":1}},"State":{"Name":"S"}}';
    expect((await tried(state, { ...more, context })).output).toBe(context);
    const own = JSON.parse((await tried(state, more)).output ?? '');
    expect(own).toMatchObject({
      State: { Name: 'StateName', RetryCount: 0 },
      Execution: { Input: { n: 1 } },
    });
  });
});

describe('a Map', () => {
  const map = {
    Type: 'Map',
    Items: '{% $states.input.items %}',
    ItemSelector: { at: '{% $states.context.Map.Item.Index %}' },
    ToleratedFailureCount: 1,
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'I',
      States: { I: { ...JSONATA, Type: 'Pass', End: true } },
    },
    Catch: [{ ErrorEquals: ['States.ExceedToleratedFailureThreshold'], Next: 'Over' }],
    End: true,
  };
  const input = '{"items":["a","b"]}';

  test('is tested without its iterations', async () => {
    const answer = await tried(map, { input, mock: { result: '[1,2]' }, inspectionLevel: 'DEBUG' });
    expect(answer).toEqual({
      status: 'SUCCEEDED',
      output: '[1,2]',
      inspectionData: {
        input,
        afterItemSelector: '[{"at":0},{"at":1}]',
        maxConcurrency: 0,
        toleratedFailureCount: 1,
      },
    });
  });

  test.each([
    [1, { status: 'SUCCEEDED' }],
    [2, { status: 'CAUGHT_ERROR', error: 'States.ExceedToleratedFailureThreshold', nextState: 'Over' }],
  ])('with %i failed iterations', async (mapIterationFailureCount, expected) => {
    const stateConfiguration = { mapIterationFailureCount };
    expect(await tried(map, { input, mock: { result: '[1,2]' }, stateConfiguration })).toMatchObject(
      expected,
    );
  });

  test('fails with the error of an iteration', async () => {
    const stateConfiguration = { errorCausedByState: 'I' };
    const answer = await tried(map, { input, mock: BUSY, stateConfiguration });
    expect(answer).toEqual({ status: 'FAILED', error: 'Busy', cause: 'come back' });
  });

  test('has the items that its reader would bring', async () => {
    const { Items: _, ...rest } = map;
    const state = {
      ...rest,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON' },
        Arguments: { Bucket: 'b', Key: 'k' },
      },
    };
    const answer = await tried(state, {
      mock: { result: '[1,4,9]' },
      stateConfiguration: { mapItemReaderData: '[1,2,3]' },
      inspectionLevel: 'DEBUG',
    });
    expect(answer.inspectionData?.afterItemSelector).toBe('[{"at":0},{"at":1},{"at":2}]');
  });
});

test('a Parallel is tested without its branches', async () => {
  const branch = (name: string) => ({
    StartAt: name,
    States: { [name]: { ...JSONATA, Type: 'Succeed' } },
  });
  const state = { Type: 'Parallel', Branches: [branch('B'), branch('C')], Arguments: { a: 1 }, End: true };
  const answer = await tried(state, { mock: { result: '[1,2]' }, inspectionLevel: 'DEBUG' });
  expect(answer).toMatchObject({ output: '[1,2]', inspectionData: { afterArguments: '{"a":1}' } });
  const uneven = tried(state, { mock: { result: '[1]' } });
  expect(await refusal(uneven)).toEqual({
    name: 'ValidationException',
    message: 'Mocked result must contain the same number of items as number of Parallel branches.',
  });
});

test('a state of a whole machine is found at any depth', async () => {
  const { client } = await sfn();
  const definition = JSON.stringify(
    machine({
      A: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'In', States: { In: { Type: 'Pass', Output: 5, End: true } } }],
        End: true,
      },
    }),
  );
  const send = (stateName: string) => client.send(new TestStateCommand({ definition, stateName }));
  expect((await send('In')).output).toBe('5');
  expect(await refusal(send('Out'))).toEqual({
    name: 'ValidationException',
    message: 'State not found in definition',
  });
});
