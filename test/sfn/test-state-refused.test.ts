/** What TestState does not take; the words in quotes are AWS's where AWS's are known. */
import type { TestStateCommandInput } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { refusal } from './server.ts';
import { BUSY, JSONATA, TASK, tried } from './tried.ts';

interface Refused {
  readonly state?: object;
  readonly more?: Partial<TestStateCommandInput>;
  /** @default 'ValidationException' */
  readonly name?: string;
  readonly says: string;
}

const MAP = {
  Type: 'Map',
  Items: [],
  ItemProcessor: { StartAt: 'B', States: { B: { ...JSONATA, Type: 'Pass', End: true } } },
  End: true,
};

test.each<[string, Refused]>([
  [
    'a Map without mock',
    {
      state: MAP,
      name: 'InvalidDefinition',
      says: 'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
    },
  ],
  [
    'a job without mock',
    {
      state: { ...TASK, Resource: 'arn:aws:states:::glue:startJobRun.sync' },
      name: 'InvalidDefinition',
      says: '.sync or .waitForTaskToken',
    },
  ],
  [
    'a mocked Pass',
    {
      state: { Type: 'Pass', End: true },
      more: { mock: BUSY },
      says: "State type 'Pass' is not supported when a mock is specified",
    },
  ],
  [
    'two mocks',
    {
      more: { mock: { ...BUSY, result: '1' } },
      says: 'A test mock should have only one of the following fields: [result, errorOutput].',
    },
  ],
  ['a mock of nothing', { more: { mock: {} }, says: 'only one of the following fields' }],
  ['a mocked result that is no JSON', { more: { mock: { result: '{' } }, says: 'must be valid JSON' }],
  [
    'a list for a Map that is none',
    { state: MAP, more: { mock: { result: '{}' } }, says: 'Mocked result must be an array.' },
  ],
  [
    'secrets of a mock',
    {
      more: { mock: BUSY, revealSecrets: true },
      says: 'TestState does not support RevealSecrets when a mock is specified.',
    },
  ],
  ['a context without mock', { more: { context: '{}' }, says: 'when a mock is specified' }],
  [
    'a context of a Map',
    {
      more: { mock: BUSY, context: '{"Map":{}}' },
      says: "Invalid Context object provided: 'Map' field is not supported when mocking a Context object",
    },
  ],
  [
    'a context of no such field',
    {
      more: { mock: BUSY, context: '{"Execution":{"pokemon":1}}' },
      says: "Invalid Context object provided: Field 'pokemon' is not allowed",
    },
  ],
  [
    'a context of a wrong kind',
    {
      more: { mock: BUSY, context: '{"Execution":{"Id":1}}' },
      says: 'Invalid Context object provided: Execution.Id must be a string',
    },
  ],
  [
    'a token for a task that waits for none',
    {
      more: { mock: BUSY, context: '{"Task":{"Token":"t"}}' },
      says: "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service integration pattern",
    },
  ],
  ['variables that are no object', { more: { variables: '[1]' }, says: 'must be a JSON object' }],
  ['input that is no JSON', { more: { input: '{' }, name: 'InvalidExecutionInput', says: 'Execution Input' }],
  [
    'what is no state',
    { state: { Type: 'Nap' }, name: 'InvalidDefinition', says: 'Invalid State Machine Definition' },
  ],
])('%s is refused', async (_, { state = TASK, more, name = 'ValidationException', says }) => {
  expect(await refusal(tried(state, more))).toEqual({ name, message: expect.stringContaining(says) });
});
