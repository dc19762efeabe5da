import { describe, expect, test } from 'vitest';
import { branch, findings, one, pass, task } from './machines.ts';

/** A schema error at a path. */
const schema = (path: string, message: string) => `SCHEMA_VALIDATION_FAILED ${path}: ${message}`;
const S = '/States/S';

describe('an integration', () => {
  test.each([
    'arn:aws:states:::lambda:invoke.sync',
    'arn:aws:states:::dynamodb:updateItem.waitForTaskToken',
    'arn:aws:states:::aws-sdk:athena:startQueryExecution.sync',
  ])('%s does not exist', (Resource) => {
    expect(findings(one(task({ Resource, Arguments: '{% $states.context %}' })))[0]).toMatch(
      /^SCHEMA_VALIDATION_FAILED \/States\/S\/Resource: The resource provided .* is not recognized/,
    );
  });

  test.each([
    'arn:aws:states:::aws-sdk:dynamodb:updateItem.waitForTaskToken',
    'arn:aws:states:::athena:startQueryExecution.sync',
    'arn:aws:states:::states:startExecution.sync:2',
    'arn:aws:lambda:eu-central-1:123456789012:function:f',
    'arn:aws:states:eu-central-1:123456789012:activity:a',
  ])('%s exists', (Resource) => {
    expect(
      findings(one(task({ Resource, Arguments: { t: '{% $states.context.Task.Token %}' } }))),
    ).toStrictEqual([]);
  });

  test('that waits for a token nobody is given waits for ever', () => {
    const Resource = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
    expect(
      findings(one(task({ Resource, Arguments: { id: '{% $states.context.Execution.Id %}' } }))),
    ).toStrictEqual([
      'runs: NO_TASK_TOKEN /States/S/Resource: Nobody is given the task token, so the task waits for its timeout',
    ]);
  });
});

describe('a retrier or catcher', () => {
  const alone = 'States.ALL must appear alone and at end of list';
  test.each<[Record<string, unknown>, string, string]>([
    [{ Retry: {} }, '/Retry', 'Expected value of type [ARRAY]'],
    [{ Retry: [{}] }, '/Retry[0]', 'These fields are required: [ErrorEquals]'],
    [{ Retry: [{ ErrorEquals: [] }] }, '/Retry[0]/ErrorEquals', 'Value cannot be empty'],
    [{ Retry: [{ ErrorEquals: 'A' }] }, '/Retry[0]/ErrorEquals', 'Expected value of type [ARRAY]'],
    [{ Retry: [{ ErrorEquals: [1] }] }, '/Retry[0]/ErrorEquals[0]', 'Expected value of type [STRING]'],
    [{ Retry: [{ ErrorEquals: ['A', 'States.ALL'] }] }, '/Retry[0]/ErrorEquals', alone],
    [{ Retry: [{ ErrorEquals: ['States.ALL'] }, { ErrorEquals: ['A'] }] }, '/Retry[0]/ErrorEquals', alone],
    [
      {
        Catch: [
          { ErrorEquals: ['States.ALL'], Next: 'S' },
          { ErrorEquals: ['A'], Next: 'S' },
        ],
      },
      '/Catch[0]/ErrorEquals',
      alone,
    ],
    [{ Retry: [{ ErrorEquals: ['A'], MaxAttempts: -1 }] }, '/Retry[0]/MaxAttempts', 'Minimum value is 0'],
    [
      { Retry: [{ ErrorEquals: ['A'], MaxAttempts: 100_000_000 }] },
      '/Retry[0]/MaxAttempts',
      'Maximum value is 99999999',
    ],
    [
      { Retry: [{ ErrorEquals: ['A'], MaxAttempts: '{% 3 %}' }] },
      '/Retry[0]/MaxAttempts',
      'Expected value of type Integer',
    ],
    [
      { Retry: [{ ErrorEquals: ['A'], IntervalSeconds: 0.5 }] },
      '/Retry[0]/IntervalSeconds',
      'Expected value of type Integer',
    ],
    [{ Retry: [{ ErrorEquals: ['A'], BackoffRate: 0.9 }] }, '/Retry[0]/BackoffRate', 'Minimum value is 1.0'],
    [
      { Retry: [{ ErrorEquals: ['A'], MaxDelaySeconds: 31_622_401 }] },
      '/Retry[0]/MaxDelaySeconds',
      'Maximum value is 31622400',
    ],
    [
      { Retry: [{ ErrorEquals: ['A'], JitterStrategy: 'SOME' }] },
      '/Retry[0]/JitterStrategy',
      'Value should be one of the following: [NONE, FULL]',
    ],
    [{ Retry: [{ ErrorEquals: ['A'], Next: 'S' }] }, '/Retry[0]', `Field 'Next' is not supported`],
    [{ Catch: [{ ErrorEquals: ['A'] }] }, '/Catch[0]', 'These fields are required: [Next]'],
    [
      { Catch: [{ ErrorEquals: ['A'], Next: 'S', ResultPath: '$' }] },
      '/Catch[0]',
      `Field 'ResultPath' is not supported`,
    ],
  ])('%j is refused at %s', (more, path, message) => {
    expect(findings(one(task(more)))).toContain(schema(`${S}${path}`, message));
  });
});

describe('a Map', () => {
  const inline = branch({ A: pass() });
  const far = { ...inline, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } };
  const read = (ReaderConfig: object) => ({
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig,
    Arguments: {},
  });
  test.each<[Record<string, unknown>, string, string]>([
    [{}, '', 'This object should have only one of the following fields: [ItemProcessor, Iterator]'],
    [{ ItemProcessor: inline, MaxConcurrency: -1 }, '/MaxConcurrency', 'Minimum value is 0'],
    [{ ItemProcessor: inline, Label: 'x' }, '', `Field 'Label' is not supported`],
    [
      { ItemProcessor: { ...inline, ProcessorConfig: { Mode: 'INLINE', ExecutionType: 'STANDARD' } } },
      '/ItemProcessor/ProcessorConfig',
      `Field 'ExecutionType' is not supported`,
    ],
    [
      { ItemProcessor: { ...inline, ProcessorConfig: { Mode: 'DISTRIBUTED' } } },
      '/ItemProcessor/ProcessorConfig',
      'These fields are required: [ExecutionType]',
    ],
    [
      { ItemProcessor: far, ToleratedFailurePercentage: 101 },
      '/ToleratedFailurePercentage',
      'Maximum value is 100.0',
    ],
    [
      { ItemProcessor: far, ItemsPath: '$' },
      '',
      `The QueryLanguage is set to 'JSONata', but field 'ItemsPath' is only supported for the 'JSONPath' QueryLanguage`,
    ],
    [
      { ItemProcessor: far, ItemBatcher: { MaxItemsPerBatch: -1 } },
      '/ItemBatcher/MaxItemsPerBatch',
      'Minimum value is 0',
    ],
    [
      { ItemProcessor: far, ItemReader: { Resource: 'arn:aws:states:::s3:putObject' } },
      '/ItemReader/Resource',
      `The field 'Resource' does not match any of the allowed values`,
    ],
    [
      { ItemProcessor: far, ItemReader: read({ InputType: 'CSV' }) },
      '/ItemReader/ReaderConfig',
      `The field 'CSVHeaderLocation' is required`,
    ],
    [
      { ItemProcessor: far, ItemReader: read({ InputType: 'CSV', CSVHeaderLocation: 'GIVEN' }) },
      '/ItemReader/ReaderConfig',
      'These fields are required: [CSVHeaders]',
    ],
    [
      { ItemProcessor: far, ItemReader: read({ MaxItems: 100_000_001 }) },
      '/ItemReader/ReaderConfig/MaxItems',
      'Maximum value is 100000000',
    ],
  ])('%j is refused at %s', (more, path, message) => {
    expect(findings(one({ Type: 'Map', Items: [1], ...more }))).toContain(schema(`${S}${path}`, message));
  });
});
