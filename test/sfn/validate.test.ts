import { ValidateStateMachineDefinitionCommand } from '@aws-sdk/client-sfn';
import { expect, test } from 'vitest';
import { machine } from '../interpreter/machine.ts';
import { sfn } from './server.ts';

const validate = async (definition: string, more: object = {}) => {
  const { client } = await sfn();
  const { $metadata: _, ...answer } = await client.send(
    new ValidateStateMachineDefinitionCommand({ definition, ...more }),
  );
  return answer;
};

const GOOD = JSON.stringify(machine({ A: { Type: 'Pass', End: true } }));
const DANGLING = JSON.stringify(machine({ A: { Type: 'Pass', Next: 'B' }, C: { Type: 'Pass', Next: 'D' } }));
/** AWS takes it; the execution then fails. */
const NO_DEFAULT = JSON.stringify(
  machine({
    A: { Type: 'Choice', Choices: [{ Condition: '{% $states.input.a %}', Next: 'B' }] },
    B: { Type: 'Succeed' },
  }),
);

test('a good definition has no diagnostics', async () => {
  expect(await validate(GOOD)).toEqual({ result: 'OK', diagnostics: [], truncated: false });
});

test('every mistake is an error with its place', async () => {
  const { result, diagnostics = [] } = await validate(DANGLING);
  expect(result).toBe('FAIL');
  expect(diagnostics).toContainEqual({
    severity: 'ERROR',
    code: 'MISSING_TRANSITION_TARGET',
    message: "Missing 'Next' target: B",
    location: '/States/A/Next',
  });
  expect(diagnostics.map(({ location }) => location)).toContain('/States/C/Next');
});

test('what an execution would stumble over is a warning, shown when it is asked for', async () => {
  expect(await validate(NO_DEFAULT)).toMatchObject({ result: 'OK', diagnostics: [] });
  const { result, diagnostics } = await validate(NO_DEFAULT, { severity: 'WARNING' });
  expect({ result, diagnostics }).toMatchObject({
    result: 'OK',
    diagnostics: [{ severity: 'WARNING', code: 'NO_DEFAULT', location: '/States/A' }],
  });
});

test('no more diagnostics come than wanted', async () => {
  const { diagnostics, truncated } = await validate(DANGLING, { maxResults: 1 });
  expect({ length: diagnostics?.length, truncated }).toEqual({ length: 1, truncated: true });
});

test('a text that is no JSON is a diagnostic', async () => {
  expect(await validate('{')).toMatchObject({
    result: 'FAIL',
    diagnostics: [{ severity: 'ERROR', code: 'INVALID_JSON_DESCRIPTION' }],
  });
  expect(await validate('')).toMatchObject({
    diagnostics: [{ code: 'SCHEMA_VALIDATION_FAILED', message: 'Definition must be a valid JSON object' }],
  });
});

test('an Express machine may not wait for others', async () => {
  const waiting = JSON.stringify(
    machine({
      A: {
        Type: 'Task',
        Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
        Arguments: { QueueUrl: 'q', MessageBody: '{% $states.context.Task.Token %}' },
        End: true,
      },
    }),
  );
  expect(await validate(waiting)).toMatchObject({ result: 'OK' });
  expect(await validate(waiting, { type: 'EXPRESS' })).toMatchObject({
    result: 'FAIL',
    diagnostics: [
      {
        location: '/States/A/Resource',
        message: "Express state machine does not support '.waitForTaskToken' service integration ",
      },
    ],
  });
});
