/** Items of one table by their keys, as far as tries of tasks read and write any. */
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { isNamed } from '../../runtime/named-error.ts';
import { type AwsAccess, endpointOf, jsonOf, signedCall } from '../signed/call.ts';
import { orNoTable } from '../signed/no-table.ts';

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** Attributes, texts and numbers. */
export type Fields = Readonly<Record<string, string | number>>;

export type FoundItem = ItemKey & Fields;

/** Of a number of an item, where it has it. */
export interface AtMost {
  readonly field: string;
  readonly is: number;
}

export interface RunTable {
  /** Those that are there, read consistently. */
  get(keys: readonly ItemKey[]): Promise<readonly FoundItem[]>;
  /** Replaces the item; false where it has a number that is above `atMost`, and stays. */
  put(item: FoundItem, atMost?: AtMost): Promise<boolean>;
  /** Adds 1 to a number of an item, which is made where it is not there; `set` are its other fields. */
  count(key: ItemKey, field: string, set: Fields): Promise<void>;
  delete(key: ItemKey): Promise<void>;
}

/** Keys in one BatchGetItem. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const BATCH = 100;

export function runTable(access: AwsAccess, table: string, signal: AbortSignal): RunTable {
  const call = callOf(access, signal);
  return {
    async get(keys) {
      const [only] = keys;
      if (only !== undefined && keys.length === 1) return one(call, table, only);
      const found: FoundItem[] = [];
      for (let from = 0; from < keys.length; from += BATCH)
        found.push(...(await batch(call, table, keys.slice(from, from + BATCH))));
      return found;
    },
    async put(item, atMost) {
      try {
        await call('PutItem', { TableName: table, Item: written(item), ...conditionOf(atMost) });
        return true;
      } catch (error) {
        if (isNamed(error, 'DynamoDB.ConditionalCheckFailedException')) return false;
        throw error;
      }
    },
    async count(key, field, set) {
      const names = Object.keys(set);
      await call('UpdateItem', {
        TableName: table,
        Key: written(keyOf(key)),
        UpdateExpression: `ADD #count :one SET ${names.map((_, n) => `#s${n} = :s${n}`).join(', ')}`,
        ExpressionAttributeNames: Object.fromEntries([
          ['#count', field],
          ...names.map((name, n) => [`#s${n}`, name]),
        ]),
        ExpressionAttributeValues: written(
          Object.fromEntries([[':one', 1], ...Object.values(set).map((value, n) => [`:s${n}`, value])]),
        ),
      });
    },
    async delete(key) {
      await call('DeleteItem', { TableName: table, Key: written(keyOf(key)) });
    },
  };
}

function conditionOf(atMost: AtMost | undefined): JsonObject {
  if (atMost === undefined) return {};
  return {
    ConditionExpression: 'attribute_not_exists(#f) OR #f <= :v',
    ExpressionAttributeNames: { '#f': atMost.field },
    ExpressionAttributeValues: written({ ':v': atMost.is }),
  };
}

/** Before what was not served is asked for again, milliseconds, times the rounds so far. */
const PAUSE_MS = 50;

type Call = (operation: string, request: JsonObject) => Promise<JsonObject>;

function callOf(access: AwsAccess, signal: AbortSignal): Call {
  const url = new URL(endpointOf(access, 'dynamodb'));
  return async (operation, request) => {
    const headers = {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
    };
    const body = JSON.stringify(request);
    const sent = { service: 'dynamodb', method: 'POST', url, headers, body, signal } as const;
    try {
      const answer = jsonOf('dynamodb', await signedCall(access, sent));
      return isObject(answer) ? answer : {};
    } catch (error) {
      throw orNoTable(error, request);
    }
  };
}

async function one(call: Call, table: string, key: ItemKey): Promise<readonly FoundItem[]> {
  const request = { TableName: table, Key: written(keyOf(key)), ConsistentRead: true };
  const { Item } = await call('GetItem', request);
  return isObject(Item) ? [read(Item)] : [];
}

/** At most 100 items; what was not served is asked for again. */
async function batch(call: Call, table: string, keys: readonly ItemKey[]): Promise<readonly FoundItem[]> {
  const found: FoundItem[] = [];
  let asked: Json = keys.map((key) => written(keyOf(key)));
  for (let round = 0; Array.isArray(asked) && asked.length > 0; round++) {
    if (round > 0) await sleep(PAUSE_MS * round);
    const request: JsonObject = { RequestItems: { [table]: { Keys: asked, ConsistentRead: true } } };
    const { Responses, UnprocessedKeys } = await call('BatchGetItem', request);
    const items = memberOf(Responses, table);
    if (Array.isArray(items)) found.push(...items.filter(isObject).map(read));
    asked = memberOf(memberOf(UnprocessedKeys, table), 'Keys');
  }
  return found;
}

function memberOf(value: Json | undefined, name: string): Json {
  return isObject(value) ? (value[name] ?? null) : null;
}

function keyOf({ pk, sk }: ItemKey): Fields {
  return { pk, sk };
}

function written(fields: Fields): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'number' ? { N: String(value) } : { S: value },
    ]),
  );
}

function read(item: JsonObject): FoundItem {
  const fields = Object.entries(item).flatMap(([name, value]): (readonly [string, string | number])[] => {
    if (!isObject(value)) return [];
    const { S, N } = value;
    if (typeof S === 'string') return [[name, S]];
    return typeof N === 'string' ? [[name, Number(N)]] : [];
  });
  return { pk: '', sk: '', ...Object.fromEntries(fields) };
}
