import { describe, expect, test } from 'vitest';
import type { Json } from '../../lib/base/json.ts';
import { TaskError } from '../../lib/interpreter/resource.ts';
import { isTableCall, latchTable } from '../../lib/local/latch-table.ts';

const UPDATE = 'arn:aws:states:::aws-sdk:dynamodb:updateItem';
const GET = 'arn:aws:states:::aws-sdk:dynamodb:getItem';
const PUT = 'arn:aws:states:::aws-sdk:dynamodb:putItem';
const BATCH = 'arn:aws:states:::aws-sdk:dynamodb:batchGetItem';
const SUCCESS = 'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess';
const FAILURE = 'arn:aws:states:::aws-sdk:sfn:sendTaskFailure';
const KEY = { pk: { S: 'RUN#d#1' }, sk: { S: 'L#1#a' } };

function world() {
  const answers: Json[] = [];
  const table = latchTable({
    success: (token, output) => void answers.push({ token, output }),
    failure: (token, error, cause) => void answers.push({ token, error, cause }),
  });
  const call = (resource: string, args: Record<string, Json>) =>
    table.handle({ resource, arguments: { TableName: 't', ...args } });
  return {
    table,
    answers,
    call,
    update: (args: Record<string, Json>) => call(UPDATE, { Key: KEY, ...args }),
  };
}

function errorOf(run: () => unknown): { error: string; cause: string } {
  try {
    run();
  } catch (error) {
    if (error instanceof TaskError) return { error: error.error, cause: error.causeText };
    throw error;
  }
  throw new Error('nothing was thrown');
}

const REGISTER = {
  UpdateExpression: 'SET #t = :token',
  ConditionExpression: 'attribute_not_exists(done)',
  ExpressionAttributeNames: { '#t': 't_c' },
  ExpressionAttributeValues: { ':token': { S: 'tok-1' } },
} as const;
const SIGNAL = {
  UpdateExpression: 'SET done = :one, st = if_not_exists(st, :status)',
  ExpressionAttributeValues: { ':one': { N: '1' }, ':status': { S: 's' } },
  ReturnValues: 'ALL_NEW',
} as const;

describe('a latch', () => {
  test('gives the producer the tokens of those who came before', () => {
    const { update } = world();
    expect(update(REGISTER)).toEqual({});
    expect(update(SIGNAL)).toEqual({
      Attributes: { ...KEY, t_c: { S: 'tok-1' }, done: { N: '1' }, st: { S: 's' } },
    });
  });

  test('turns away who comes after the producer', () => {
    const { update, table } = world();
    update(SIGNAL);
    const { error, cause } = errorOf(() => update(REGISTER));
    expect(error).toBe('DynamoDb.ConditionalCheckFailedException');
    expect(cause).toMatch(/^The conditional request failed \(Service: DynamoDb, Status Code: 400/);
    expect(table.get({ table: 't', pk: 'RUN#d#1', sk: 'L#1#a' })).not.toHaveProperty('t_c');
  });

  test('keeps the first status when the signal is written twice', () => {
    const { update } = world();
    update(SIGNAL);
    const again = update({
      ...SIGNAL,
      ExpressionAttributeValues: { ':one': { N: '1' }, ':status': { S: 'f' } },
    });
    expect(again).toMatchObject({ Attributes: { st: { S: 's' } } });
  });

  test('names the failed condition after the optimised integration where that is called', () => {
    const { call, update } = world();
    update(SIGNAL);
    const { error } = errorOf(() => call('arn:aws:states:::dynamodb:updateItem', { Key: KEY, ...REGISTER }));
    expect(error).toBe('DynamoDB.ConditionalCheckFailedException');
  });
});

describe('updateItem', () => {
  test('adds, subtracts and removes, computing from the item as it was', () => {
    const { update } = world();
    update({ UpdateExpression: 'SET a = :n, b = :n', ExpressionAttributeValues: { ':n': { N: '5' } } });
    const result = update({
      UpdateExpression: 'SET a = a + :n, c = b - :n REMOVE b ADD d :n',
      ExpressionAttributeValues: { ':n': { N: '2.0' } },
      ReturnValues: 'ALL_NEW',
    });
    expect(result).toEqual({ Attributes: { ...KEY, a: { N: '7' }, c: { N: '3' }, d: { N: '2' } } });
  });

  test.each([
    ['a = :one AND b = :x', true],
    ['a = :x', false],
    ['a <> :x', true],
    ['missing <> :x', true],
    ['missing = :x', false],
    ['a < :two AND NOT a > :two', true],
    ['NOT (a = :one OR b = :x)', false],
    ['attribute_exists(a) AND (attribute_not_exists(z) OR z = :x)', true],
    ['b > :one', false],
    ['a BETWEEN :one AND :two', true],
    ['a IN (:two, :one)', true],
    ['begins_with(b, :x) and contains(b, :x)', true],
  ])('asks the condition %s', (condition, holds) => {
    const { update } = world();
    const values = { ':one': { N: '1' }, ':two': { N: '2' }, ':x': { S: 'x' } };
    update({
      UpdateExpression: 'SET a = :one, b = :x',
      ExpressionAttributeValues: { ':one': { N: '1' }, ':x': { S: 'x' } },
    });
    const used = Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(condition));
    const ask = () =>
      update({
        UpdateExpression: 'SET seen = a',
        ConditionExpression: condition,
        ...(used.length === 0 ? {} : { ExpressionAttributeValues: Object.fromEntries(used) }),
      });
    if (holds) expect(ask()).toEqual({});
    else expect(errorOf(ask).error).toBe('DynamoDb.ConditionalCheckFailedException');
  });

  test('returns what ReturnValues asks for', () => {
    const { update } = world();
    const set = { UpdateExpression: 'SET a = :n', ExpressionAttributeValues: { ':n': { N: '1' } } };
    expect(update({ ...set, ReturnValues: 'ALL_OLD' })).toEqual({});
    expect(update({ ...set, ReturnValues: 'UPDATED_NEW' })).toEqual({ Attributes: { a: { N: '1' } } });
    expect(update({ ...set, ReturnValues: 'ALL_OLD' })).toEqual({ Attributes: { ...KEY, a: { N: '1' } } });
  });

  test.each<[string, Record<string, Json>, RegExp]>([
    [
      'an unused value',
      { UpdateExpression: 'SET a = :n', ExpressionAttributeValues: { ':n': { N: '1' }, ':m': { N: '1' } } },
      /unused in expressions: keys: \{:m\}/,
    ],
    [
      'an undefined value',
      { UpdateExpression: 'SET a = :n' },
      /value used in expression is not defined; attribute value: :n/,
    ],
    [
      'an undefined name',
      { UpdateExpression: 'SET #a = b' },
      /not defined; attribute name: #a|does not exist/,
    ],
    [
      'a key attribute',
      { UpdateExpression: 'SET sk = :n', ExpressionAttributeValues: { ':n': { S: 'x' } } },
      /Cannot update attribute sk/,
    ],
    [
      'one attribute twice',
      { UpdateExpression: 'SET a = :n, a = :n', ExpressionAttributeValues: { ':n': { N: '1' } } },
      /Two document paths overlap/,
    ],
    ['a missing attribute', { UpdateExpression: 'SET a = b' }, /refers to an attribute that does not exist/],
    ['a syntax error', { UpdateExpression: 'SET a =' }, /Syntax error; unexpected end/],
    ['a foreign character', { UpdateExpression: 'SET a = ?' }, /Syntax error/],
    [
      'an untyped value',
      { UpdateExpression: 'SET a = :n', ExpressionAttributeValues: { ':n': 1 } },
      /exactly one of the supported datatypes/,
    ],
    [
      'a number that is none',
      { UpdateExpression: 'SET a = :n', ExpressionAttributeValues: { ':n': { N: 'x' } } },
      /must be a number/,
    ],
    [
      'an item above 400 KB',
      { UpdateExpression: 'SET a = :n', ExpressionAttributeValues: { ':n': { S: 'x'.repeat(410_000) } } },
      /maximum allowed size/,
    ],
    [
      'an empty key',
      { Key: { pk: { S: '' }, sk: { S: 'x' } }, UpdateExpression: 'REMOVE a' },
      /key element does not match/,
    ],
  ])('refuses %s and changes nothing', (_, args, message) => {
    const { update, table } = world();
    const { error, cause } = errorOf(() => update(args));
    expect(error).toBe('DynamoDb.DynamoDbException');
    expect(cause).toMatch(message);
    expect(table.dump()).toEqual({});
  });
});

describe('reading', () => {
  test('finds nothing as an empty answer', () => {
    expect(world().call(GET, { Key: KEY, ConsistentRead: true })).toEqual({});
  });

  test('projects the named attributes', () => {
    const { call } = world();
    call(PUT, { Item: { ...KEY, st: { S: 's' }, out: { S: '{}' } } });
    const asked = { Key: KEY, ProjectionExpression: '#s, missing', ExpressionAttributeNames: { '#s': 'st' } };
    expect(call(GET, asked)).toEqual({ Item: { st: { S: 's' } } });
  });

  test('batchGetItem answers those that exist, in an order of its own', () => {
    const { call } = world();
    const keys = ['a', 'b', 'c'].map((sk) => ({ pk: { S: 'p' }, sk: { S: sk } }));
    for (const key of [keys[0], keys[2]]) call(PUT, { Item: { ...key, st: { S: 's' } } });
    expect(call(BATCH, { RequestItems: { t: { Keys: keys, ProjectionExpression: 'sk' } } })).toEqual({
      Responses: { t: [{ sk: { S: 'c' } }, { sk: { S: 'a' } }] },
      UnprocessedKeys: {},
    });
    const twice = () => call(BATCH, { RequestItems: { t: { Keys: [KEY, KEY] } } });
    expect(errorOf(twice).cause).toMatch(/duplicates/);
  });

  test('tables are apart', () => {
    const { call, table } = world();
    call(PUT, { Item: { ...KEY } });
    expect(table.get({ table: 'other', pk: 'RUN#d#1', sk: 'L#1#a' })).toBeUndefined();
    expect(table.dump()).toEqual({ t: [KEY] });
  });
});

describe('transactWriteItems', () => {
  const TRANSACT = 'arn:aws:states:::aws-sdk:dynamodb:transactWriteItems';
  const check = (sk: string) => ({
    ConditionCheck: {
      TableName: 't',
      Key: { pk: { S: 'p' }, sk: { S: sk } },
      ConditionExpression: 'attribute_exists(done)',
    },
  });

  test('is done when every condition holds, and says which does not', () => {
    const { call } = world();
    call(PUT, { Item: { pk: { S: 'p' }, sk: { S: 'a' }, done: { N: '1' } } });
    expect(call(TRANSACT, { TransactItems: [check('a')] })).toEqual({});
    const { error, cause } = errorOf(() => call(TRANSACT, { TransactItems: [check('a'), check('b')] }));
    expect(error).toBe('DynamoDb.TransactionCanceledException');
    expect(cause).toMatch(/\[None, ConditionalCheckFailed\]$/);
  });
});

describe('answers to tokens', () => {
  test('reach the waiting task as JSON', () => {
    const { call, answers } = world();
    expect(call(SUCCESS, { TaskToken: 'tok', Output: '{"st":"s"}' })).toEqual({});
    expect(call(FAILURE, { TaskToken: 'tok', Error: 'E', Cause: 'c' })).toEqual({});
    expect(answers).toEqual([
      { token: 'tok', output: { st: 's' } },
      { token: 'tok', error: 'E', cause: 'c' },
    ]);
  });

  test('must be JSON', () => {
    const { call } = world();
    expect(errorOf(() => call(SUCCESS, { TaskToken: 'tok', Output: 'nope' })).error).toBe(
      'Sfn.InvalidOutputException',
    );
  });
});

test('other resources are not the table’s', () => {
  expect(isTableCall('arn:aws:states:::lambda:invoke')).toBe(false);
  expect(isTableCall(UPDATE)).toBe(true);
  expect(world().call('arn:aws:states:::lambda:invoke', {})).toBeUndefined();
});
