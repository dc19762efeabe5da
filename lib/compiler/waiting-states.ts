/** The waiting side of latches and early joins: check, read, sleep, fetch. */
import { expr, literal, member } from '../asl/jsonata.ts';
import type { TaskState } from '../asl/states.ts';
import type { JsonObject } from '../base/json.ts';
import { INPUT } from './conditions.ts';
import {
  CALL_SECONDS,
  FAILED_CONDITION,
  type ItemKey,
  keyOf,
  NETWORK,
  partition,
  RUN,
  sortKey,
  ttl,
  UPDATE,
  without,
} from './latch-item.ts';

/**
 * A lost wake-up is noticed after this long: the waiter registers again, or finds the producer done. Each time doubles,
 * so that whoever waits for days does not fill the history.
 */
export const RENEWAL = { seconds: 3600, factor: 2, longestSeconds: 3600 * 2 ** 7 } as const;

/** Time of a try of a wait, from the number of tries before. */
export const WAIT_TIMEOUT = expr(
  `$min([${RENEWAL.seconds} * $power(${RENEWAL.factor}, $states.context.State.RetryCount), ${RENEWAL.longestSeconds}])`,
);

/**
 * Sleeps until an item is done; passes at once by its Catch where it already is. The item is the one that
 * a reader found missing, or `first`. `slot` names the waiter's token in the item.
 */
export function waitState(
  first: ItemKey,
  slot: string,
  next: { readonly woken: string; readonly passed: string },
): TaskState {
  const missing = member(INPUT, MISSING);
  const name = `($exists(${missing}) ? ${missing} : ${literal(first.name)})`;
  const Key = { pk: { S: expr(partition(first.dagId)) }, sk: { S: expr(sortKey(first, name)) } };
  const data = without(MISSING);
  return {
    ...sleep(
      Key,
      slot,
      { condition: 'attribute_not_exists(done)', names: {} },
      { data, passed: next.passed },
    ),
    Output: expr(`$merge([${data}, $states.result])`),
    Next: next.woken,
  };
}

/** Sleeps until every upstream of an early join is in, whatever the verdict; the state data stays. */
export function waitForAllState(key: ItemKey, slot: string, count: number, next: string): TaskState {
  const indices = [...Array(count).keys()];
  const asked = {
    condition: indices.map((index) => `attribute_not_exists(#u${index})`).join(' OR '),
    names: Object.fromEntries(indices.map((index) => [`#u${index}`, `u${index}`])),
  };
  return {
    ...sleep(keyOf(key), slot, asked, { data: INPUT, passed: next }),
    Output: expr(INPUT),
    Next: next,
  };
}

function sleep(
  Key: JsonObject,
  slot: string,
  asked: { readonly condition: string; readonly names: JsonObject },
  fallThrough: { readonly data: string; readonly passed: string },
): TaskState {
  return {
    Type: 'Task',
    Resource: `${UPDATE}.waitForTaskToken`,
    Arguments: {
      TableName: expr(`${RUN}.table`),
      Key,
      UpdateExpression: 'SET #t = :t, w = :x, #x = if_not_exists(#x, :x)',
      ConditionExpression: asked.condition,
      ExpressionAttributeNames: { '#t': slot, ...asked.names, '#x': 'ttl' },
      ExpressionAttributeValues: { ':t': { S: expr('$states.context.Task.Token') }, ':x': ttl() },
    },
    TimeoutSeconds: WAIT_TIMEOUT,
    Retry: [
      { ErrorEquals: [FAILED_CONDITION, 'States.QueryEvaluationError'], MaxAttempts: 0 },
      { ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 99_999_999, BackoffRate: 1 },
      NETWORK,
    ],
    Catch: [{ ErrorEquals: [FAILED_CONDITION], Output: expr(fallThrough.data), Next: fallThrough.passed }],
  };
}

/** For lists of keys that are never empty. */
const NO_KEY: ItemKey = { dagId: '', kind: 'L', name: '', at: '' };

/** How many items one read takes. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const ITEMS_PER_READ = 100;

/** Key in the state data of the first item that was read and is not done yet: its sort key. */
export const MISSING = '?';

/** Reads items at once and merges the statuses they hold; notes the first of `keys` that is not done yet. */
export function readState(keys: readonly ItemKey[], next: string): TaskState {
  const [first = NO_KEY] = keys;
  const names = literal(keys.map((key) => key.name));
  const Keys = `[${names}.{"pk": {"S": ${partition(first.dagId)}}, "sk": {"S": ${sortKey(first, '$')}}}]`;
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:batchGetItem',
    Arguments: { RequestItems: expr(`{${RUN}.table: {"ConsistentRead": true, "Keys": ${Keys}}}`) },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
    Output: expr(
      `($d := $states.result.Responses.*[$exists(done)]; ` +
        `$m := ${names}[$not((${sortKey(first, '$')}) in $d.sk.S)][0]; ` +
        `$merge([${INPUT}, $d.done.S.$parse($), $exists($m) ? {${literal(MISSING)}: $m}]))`,
    ),
    Next: next,
  };
}

/** Passes when every item is done and brought nothing bad; anything else is looked into by reading. */
export function checkState(keys: readonly ItemKey[], next: string, otherwise: string): TaskState {
  const [first = NO_KEY] = keys;
  const names = literal(keys.map((key) => key.name));
  const check =
    `{"ConditionCheck": {"TableName": ${RUN}.table, ` +
    `"Key": {"pk": {"S": ${partition(first.dagId)}}, "sk": {"S": ${sortKey(first, '$')}}}, ` +
    `"ConditionExpression": "done = :s", "ExpressionAttributeValues": {":s": {"S": "{}"}}}}`;
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:transactWriteItems',
    Arguments: { TransactItems: expr(`[${names}.${check}]`) },
    TimeoutSeconds: CALL_SECONDS,
    Catch: [{ ErrorEquals: ['States.ALL'], Output: expr(INPUT), Next: otherwise }],
    Output: expr(INPUT),
    Next: next,
  };
}

/** A task's recorded output, and the variable that takes it; `at` as in {@link ItemKey}. */
export interface Fetched {
  readonly task: string;
  readonly at: string;
  readonly variable: string;
}

/** Reads recorded outputs into variables: `O#<task>` holds the fields that somebody wants, as JSON text. */
export function fetchState(dagId: string, outputs: readonly Fetched[], next: string): TaskState {
  const pk = `{"S": ${partition(dagId)}}`;
  const Keys = outputs.map((output) => `{"pk": ${pk}, "sk": {"S": ${outputKey(output)}}}`);
  const found = (output: Fetched) => `$states.result.Responses.*[sk.S = (${outputKey(output)})].out.S`;
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:batchGetItem',
    Arguments: {
      RequestItems: expr(`{${RUN}.table: {"ConsistentRead": true, "Keys": [${Keys.join(', ')}]}}`),
    },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
    Assign: Object.fromEntries(
      outputs.map((output) => [
        output.variable,
        expr(`($o := ${found(output)}; $exists($o) ? $parse($o) : {})`),
      ]),
    ),
    Output: expr(INPUT),
    Next: next,
  };
}

/** Records what a module's tasks gave, as a task's handler records its own output. `key`, `value`: JSONata texts. */
export function recordState(dagId: string, key: string, value: string): TaskState {
  return {
    Type: 'Task',
    Resource: UPDATE,
    Arguments: {
      TableName: expr(`${RUN}.table`),
      Key: { pk: { S: expr(partition(dagId)) }, sk: { S: expr(key) } },
      UpdateExpression: 'SET #o = :o, #x = if_not_exists(#x, :x)',
      ExpressionAttributeNames: { '#o': 'out', '#x': 'ttl' },
      ExpressionAttributeValues: { ':o': { S: expr(`$string(${value})`) }, ':x': ttl() },
    },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
  };
}

/** Sort key of a recorded output, as JSONata text. */
export function outputKey({ task, at }: Omit<Fetched, 'variable'>): string {
  return `${literal(`O#${task}`)}${at}`;
}
