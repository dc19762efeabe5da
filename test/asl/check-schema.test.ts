import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../lib/asl/check.ts';
import { branch, findings, machine, one, pass, task } from './machines.ts';

/** A schema error at a path. */
const schema = (path: string, message: string) => `SCHEMA_VALIDATION_FAILED ${path}: ${message}`;
const S = '/States/S';

test('a sound machine raises nothing', () => {
  const sound = machine(
    {
      Work: task({
        Arguments: { FunctionName: 'f', Payload: '{% $states.input %}' },
        TimeoutSeconds: 60,
        HeartbeatSeconds: '{% 20 %}',
        Credentials: { RoleArn: '{% $states.input.role %}' },
        Retry: [
          { ErrorEquals: ['A', 'B'], MaxAttempts: 0 },
          {
            ErrorEquals: ['States.ALL'],
            IntervalSeconds: 1,
            BackoffRate: 1.5,
            MaxDelaySeconds: 60,
            JitterStrategy: 'FULL',
          },
        ],
        Catch: [{ ErrorEquals: ['States.ALL'], Output: '{% $states.errorOutput.Error %}', Next: 'Split' }],
        Assign: { rows: '{% $states.result.Payload.rows %}' },
        Next: 'Split',
      }),
      Split: {
        Type: 'Parallel',
        Branches: [branch({ A: pass() }), branch({ B: { Type: 'Succeed', Output: { b: 1 } } })],
        Output: '{% $merge($states.result) %}',
        Next: 'Each',
      },
      Each: {
        Type: 'Map',
        Items: [1, 2],
        ItemSelector: { item: '{% $states.context.Map.Item.Value %}' },
        MaxConcurrency: 0,
        ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...branch({ One: pass({ Output: 1 }) }) },
        Next: 'Big',
      },
      Big: {
        Type: 'Map',
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW', MaxItems: 10 },
          Arguments: { Bucket: 'b', Key: '{% $states.input.key %}' },
        },
        ItemBatcher: { MaxItemsPerBatch: 10 },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          ...branch({ Far: pass() }),
        },
        ToleratedFailurePercentage: 12.5,
        Label: 'big',
        Next: 'Nap',
      },
      Nap: { Type: 'Wait', Seconds: '{% $states.input.s %}', Next: 'Until' },
      Until: { Type: 'Wait', Timestamp: '2026-01-01T00:00:00Z', Next: 'Fork' },
      Fork: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% $states.input.ok %}', Next: 'Good' },
          { Condition: false, Next: 'Bad', Assign: { why: 'no' } },
        ],
        Default: 'Good',
      },
      Good: { Type: 'Succeed' },
      Bad: { Type: 'Fail', Error: '{% $states.input.e %}', Cause: 'because' },
    },
    { Comment: 'all of it', Version: '1.0', TimeoutSeconds: 3600 },
  );
  expect(findings(sound)).toStrictEqual([]);
});

test('the input is left as it is', () => {
  const definition = one({ Type: 'Pass', Output: '{% $x %}' });
  const before = JSON.stringify(definition);
  checkDefinition(definition);
  expect(JSON.stringify(definition)).toBe(before);
});

describe('the machine', () => {
  test.each<[unknown, string]>([
    [{}, 'These fields are required: [States, StartAt]'],
    [{ States: { S: pass() }, QueryLanguage: 'JSONata' }, 'These fields are required: [StartAt]'],
    [null, 'Definition must be a valid JSON object'],
    [[], 'Definition must be a valid JSON object'],
    ['{}', 'Definition must be a valid JSON object'],
    [machine({ S: pass() }, { Timeout: 1 }), `Field 'Timeout' is not supported`],
  ])('%j is refused: %s', (definition, message) => {
    expect(findings(definition)).toContain(schema('/', message));
  });

  test.each<[Record<string, unknown>, string, string]>([
    [{ Version: '2.0' }, '/Version', 'Value should be one of the following: [1.0]'],
    [{ TimeoutSeconds: -1 }, '/TimeoutSeconds', 'Minimum value is 0'],
    [{ TimeoutSeconds: '{% 1 %}' }, '/TimeoutSeconds', 'Expected value of type Integer'],
    [
      { QueryLanguage: 'jsonata' },
      '/QueryLanguage',
      'Value should be one of the following: [JSONPath, JSONata]',
    ],
    [{ States: {} }, '/States', 'Value cannot be empty'],
    [{ States: [] }, '/States', 'Expected value of type [OBJECT]'],
    [{ States: { S: 1 } }, '/States/S', 'Expected value of type [OBJECT]'],
  ])('with %j is refused at %s', (more, path, message) => {
    expect(findings(machine({ S: pass() }, more))).toContain(schema(path, message));
  });

  test('of more than 1 MB is refused', () => {
    expect(findings(machine({ S: pass({ Comment: 'é'.repeat(600_000) }) }))).toStrictEqual([
      'DEFINITION_TOO_LARGE /: Definition must have at most 1048576 bytes, got 1200096',
    ]);
  });
});

describe('a state', () => {
  test.each<[Record<string, unknown>, string, string]>([
    [
      { Type: 'Job' },
      `${S}/Type`,
      'Value should be one of the following: [Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map]',
    ],
    [{ Comment: 'none' }, S, 'These fields are required: [Type]'],
    [
      { Type: 'Pass', Next: 'S', End: true },
      S,
      'There should only be one of the following fields: [Next, End]',
    ],
    [
      { Type: 'Pass', End: false },
      S,
      'This object should have only one of the following fields: [Next, End]',
    ],
    [{ Type: 'Pass', End: 'yes' }, `${S}/End`, 'Expected value of type [BOOLEAN]'],
    [{ Type: 'Pass', TimeoutSeconds: 1 }, S, `Field 'TimeoutSeconds' is not supported`],
    [{ Type: 'Pass', Catch: [] }, S, `Field 'Catch' is not supported`],
    [{ Type: 'Pass', Arguments: {} }, S, `Field 'Arguments' is not supported`],
    [{ Type: 'Succeed', Assign: {} }, S, `Field 'Assign' is not supported`],
    [{ Type: 'Fail', Output: 1 }, S, `Field 'Output' is not supported`],
    [{ Type: 'Pass', Assign: [] }, `${S}/Assign`, 'Expected value of type [OBJECT]'],
    [
      { Type: 'Pass', InputPath: '$' },
      S,
      `The QueryLanguage is set to 'JSONata', but field 'InputPath' is only supported for the 'JSONPath' QueryLanguage`,
    ],
    [
      { Type: 'Pass', QueryLanguage: 'JSONPath' },
      S,
      `'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine`,
    ],
    [{ Type: 'Fail', Error: 1 }, `${S}/Error`, 'Expected value of type [STRING]'],
    [{ Type: 'Task' }, S, 'These fields are required: [Resource]'],
    [task({ Resource: 'lambda' }), `${S}/Resource`, 'Value is not a valid resource ARN'],
    [task({ TimeoutSeconds: 0 }), `${S}/TimeoutSeconds`, 'Minimum value is 1'],
    [task({ TimeoutSeconds: 100_000_000 }), `${S}/TimeoutSeconds`, 'Maximum value is 99999999'],
    [task({ TimeoutSeconds: 1.5 }), `${S}/TimeoutSeconds`, 'Expected value of type Integer'],
    [task({ TimeoutSeconds: '60' }), `${S}/TimeoutSeconds`, 'Expected value of type Integer'],
    [
      task({ TimeoutSeconds: 60, HeartbeatSeconds: 60 }),
      `${S}/HeartbeatSeconds`,
      'HeartbeatSeconds must be smaller than TimeoutSeconds',
    ],
    [task({ Credentials: {} }), `${S}/Credentials`, `The field 'RoleArn' is required but was missing`],
    [{ Type: 'Wait' }, S, 'This object should have only one of the following fields: [Seconds, Timestamp]'],
    [
      { Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z' },
      S,
      'There should only be one of the following fields: [Seconds, Timestamp]',
    ],
    [{ Type: 'Wait', Seconds: -1 }, `${S}/Seconds`, 'Minimum value is 0'],
    [{ Type: 'Wait', Timestamp: '2026-01-01' }, `${S}/Timestamp`, 'String does not match RFC3339 timestamp'],
    [{ Type: 'Choice' }, S, 'These fields are required: [Choices]'],
    [{ Type: 'Choice', Choices: [] }, `${S}/Choices`, 'Value cannot be empty'],
    [{ Type: 'Choice', Choices: [1] }, `${S}/Choices[0]`, 'Expected value of type [OBJECT]'],
    [
      { Type: 'Choice', Choices: [{ Condition: true }] },
      `${S}/Choices[0]`,
      'These fields are required: [Next]',
    ],
    [
      { Type: 'Choice', Choices: [{ Next: 'S' }] },
      `${S}/Choices[0]`,
      'These fields are required: [Condition]',
    ],
    [
      { Type: 'Choice', Choices: [{ Condition: 'true', Next: 'S' }] },
      `${S}/Choices[0]/Condition`,
      'Expected value of type [BOOLEAN]',
    ],
    [
      { Type: 'Choice', Choices: [{ Variable: '$.a', Condition: true, Next: 'S' }] },
      `${S}/Choices[0]`,
      `Field 'Variable' is not supported`,
    ],
    [{ Type: 'Parallel' }, S, 'These fields are required: [Branches]'],
    [{ Type: 'Parallel', Branches: [] }, `${S}/Branches`, 'Value cannot be empty'],
    [
      { Type: 'Parallel', Branches: [{}] },
      `${S}/Branches[0]`,
      'These fields are required: [States, StartAt]',
    ],
    [
      { Type: 'Parallel', Branches: [{ ...branch({ A: pass() }), QueryLanguage: 'JSONata' }] },
      `${S}/Branches[0]`,
      `Field 'QueryLanguage' is not supported`,
    ],
  ])('%j is refused at %s', (state, path, message) => {
    expect(findings(one(state))).toContain(schema(path, message));
  });

  test('has a name of at most 80 characters, once in the whole machine', () => {
    expect(findings(machine({ ['x'.repeat(80)]: pass() }))).toStrictEqual([]);
    expect(findings(machine({ ['x'.repeat(81)]: pass() }))[0]).toMatch(
      /^INVALID_STATE_NAME .*must have 1 to 80 characters, got 81$/,
    );
    const twice = machine({
      Par: { Type: 'Parallel', End: true, Branches: [branch({ A: pass() }), branch({ A: pass() })] },
    });
    expect(findings(twice)).toStrictEqual([
      'DUPLICATE_STATE_NAME /States/Par/Branches[1]/States/A: State name "A" is used already at /States/Par/Branches[0]/States/A',
    ]);
  });
});
