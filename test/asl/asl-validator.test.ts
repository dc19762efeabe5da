import aslValidator from 'asl-validator';
import { describe, expect, test } from 'vitest';
import { checkDefinition } from '../../lib/asl/check.ts';
import { branch, machine, one, pass, task } from './machines.ts';

/** The linter of the npm package; it writes into what it is given. */
function linterTakes(definition: unknown): boolean {
  const copy = structuredClone(definition);
  return aslValidator(copy).isValid;
}

function weTake(definition: unknown): boolean {
  return checkDefinition(definition).every(({ severity }) => severity !== 'refused');
}

const all = [{ ErrorEquals: ['States.ALL'] }];
const choice = (rule: object, more: object = {}) =>
  machine({
    S: {
      Type: 'Choice',
      Choices: [{ Condition: '{% $states.input.a %}', Next: 'E', ...rule }],
      Default: 'E',
      ...more,
    },
    E: pass(),
  });
const parallel = (...branches: object[]) => one({ Type: 'Parallel', Branches: branches });
const map = (more: object) => one({ Type: 'Map', Items: [1], ItemProcessor: branch({ A: pass() }), ...more });
const far = {
  ItemProcessor: {
    ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
    ...branch({ A: pass() }),
  },
};

describe('both take', () => {
  test.each<[string, unknown]>([
    [
      'a Task with all it can have',
      one(
        task({
          Arguments: { a: 1 },
          TimeoutSeconds: 2,
          HeartbeatSeconds: 1,
          Retry: all,
          Credentials: { RoleArn: 'r' },
          Output: { a: 1 },
          Assign: { x: 1 },
        }),
      ),
    ],
    [
      'a Catcher',
      machine({
        S: task({ Catch: [{ ErrorEquals: ['A'], Next: 'E', Output: 1, Assign: { x: 1 } }], Next: 'E' }),
        E: pass(),
      }),
    ],
    ['a Choice with an assigning rule', choice({ Assign: { x: 1 }, Output: 1 })],
    [
      'waits',
      machine({
        A: { Type: 'Wait', Seconds: 1, Next: 'B' },
        B: { Type: 'Wait', Timestamp: '{% $states.input.t %}', End: true },
      }),
    ],
    ['a Parallel', parallel(branch({ A: pass() }), branch({ B: { Type: 'Fail', Error: 'e' } }))],
    [
      'an inline Map',
      map({ MaxConcurrency: 3, ItemSelector: { i: '{% $states.context.Map.Item.Value %}' } }),
    ],
    [
      'a distributed Map',
      map({ ...far, ToleratedFailureCount: 1, Label: 'l', ItemBatcher: { MaxItemsPerBatch: 2 } }),
    ],
    ['JSONPath', { StartAt: 'A', States: { A: { Type: 'Pass', Result: 1, ResultPath: '$.a', End: true } } }],
  ])('%s', (_name, definition) => {
    expect([linterTakes(definition), weTake(definition)]).toStrictEqual([true, true]);
  });
});

describe('both refuse', () => {
  test.each<[string, unknown]>([
    ['no start', { QueryLanguage: 'JSONata', States: { S: pass() } }],
    ['an unknown type', one({ Type: 'Job' })],
    ['an unknown field', one(pass({ Timeout: 1 }))],
    ['a field of the other language', one(pass({ ResultPath: '$.a' }))],
    ['Next and End', machine({ S: { Type: 'Pass', Next: 'E', End: true }, E: pass() })],
    ['neither Next nor End', machine({ S: { Type: 'Pass' }, E: pass() })],
    ['a target that is not there', machine({ S: pass({ Next: 'X' }), E: pass() })],
    ['a Task without Resource', one({ Type: 'Task' })],
    ['no terminal state', machine({ S: pass({ Next: 'S' }) })],
    ['an unreachable state', machine({ S: pass(), E: pass() })],
    ['a Wait for nothing', one({ Type: 'Wait' })],
    ['a Wait for two things', one({ Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z' })],
    ['a Choice without rules', one({ Type: 'Choice', Choices: [] })],
    ['a state name used twice', parallel(branch({ A: pass() }), branch({ A: pass() }))],
    [
      'a way out of a branch',
      machine({
        P: { Type: 'Parallel', Branches: [branch({ A: pass({ Next: 'E' }) })], Next: 'E' },
        E: pass(),
      }),
    ],
    ['a Map without processor', one({ Type: 'Map', Items: [1] })],
    ['a negative retry', one(task({ Retry: [{ ErrorEquals: ['A'], MaxAttempts: -1 }] }))],
    ['JSONata that does not parse', one(pass({ Output: '{% 1 + %}' }))],
    ['a timeout of nothing', one(task({ TimeoutSeconds: 0 }))],
  ])('%s', (_name, definition) => {
    expect([linterTakes(definition), weTake(definition)]).toStrictEqual([false, false]);
  });
});

/** AWS refuses each; the texts are in the tests of the rules. */
describe('the linter misses', () => {
  test.each<[string, unknown]>([
    ['States.ALL before others', one(task({ Retry: [...all, { ErrorEquals: ['A'] }] }))],
    ['a name at the top level', one(pass({ Output: '{% phone %}' }))],
    ['a result where there is none', one(pass({ Output: '{% $states.result %}' }))],
    ['an error outside a Catcher', one(task({ Output: '{% $states.errorOutput %}' }))],
    ['a variable called states', one(pass({ Assign: { states: 1 } }))],
    [
      'a branch assigning an outer name',
      machine({
        A: pass({ Assign: { x: 1 }, Next: 'P' }),
        P: { Type: 'Parallel', End: true, Branches: [branch({ B: pass({ Assign: { x: 2 } }) })] },
      }),
    ],
    ['Credentials without a role', one(task({ Credentials: {} }))],
    ['JSONPath below JSONata', one(pass({ QueryLanguage: 'JSONPath' }))],
  ])('%s', (_name, definition) => {
    expect([linterTakes(definition), weTake(definition)]).toStrictEqual([true, false]);
  });
});

/** `Output` may be any JSON: recorded executions on AWS have texts there. */
test('the linter refuses an Output that is a number, and AWS does not', () => {
  const definition = one(task({ Output: 1 }));
  expect([linterTakes(definition), weTake(definition)]).toStrictEqual([false, true]);
});
