/**
 * Latches and early joins as states around one DynamoDB item, without a Lambda.
 *
 * Producer and waiter write the same item, so DynamoDB orders them: either the producer sees the
 * waiter's token, or the waiter sees that the producer is done. No wake-up can be lost, and every
 * write may be repeated.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
 */
import { expr, literal, member } from '../asl/jsonata.ts';
import type { Catcher, MapState, Retrier, TaskState } from '../asl/states.ts';
import type { JsonObject } from '../base/json.ts';
import { INPUT } from './conditions.ts';
import { inner } from './names.ts';

const RUN = '$states.context.Execution.Input.run';
const UPDATE = 'arn:aws:states:::aws-sdk:dynamodb:updateItem';
const FAILED_CONDITION = 'DynamoDb.ConditionalCheckFailedException';

/** Key in the state data of what a latch state hands to the next: never seen by a task. */
export const HAND = '@';

/** Waiters on one item; a token has up to 2,048 characters and ALL_NEW must stay below 256 KiB. */
export const WAITERS_PER_ITEM = 64;

/** A lost wake-up is noticed after this long: the waiter registers again, or finds the producer done. */
const WAIT_SECONDS = 3600;
const CALL_SECONDS = 60;

/** From 1 s, doubling (Step Functions' defaults) to 2 minutes: four minutes in all. */
const NETWORK: Retrier = { ErrorEquals: ['States.ALL'], MaxAttempts: 8 };

/** Sort key of a latch or early join: `L#<attempt>#<producer>`, `J#<attempt>#<consumer>`. */
export interface ItemKey {
  readonly dagId: string;
  /** Latch, early join. */
  readonly kind: 'L' | 'J';
  readonly name: string;
}

/** `L`, 64 or more waiters: each 64 have an item of their own. */
export function shardOf(key: ItemKey, shard: number): ItemKey {
  return shard === 0 ? key : { ...key, name: `${key.name}#${shard}` };
}

function keyOf({ dagId, kind, name }: ItemKey): JsonObject {
  return { pk: { S: expr(partition(dagId)) }, sk: { S: expr(`${prefix(kind)} & ${literal(name)}`) } };
}

function partition(dagId: string): string {
  return `${literal(`RUN#${dagId}#`)} & ${RUN}.id`;
}

function prefix(kind: ItemKey['kind']): string {
  return `${literal(`${kind}#`)} & ${RUN}.attempt & "#"`;
}

function ttl(): JsonObject {
  return { N: expr(`${RUN}.expires`) };
}

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
  const Key = { pk: { S: expr(partition(first.dagId)) }, sk: { S: expr(`${prefix(first.kind)} & ${name}`) } };
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
    TimeoutSeconds: WAIT_SECONDS,
    Retry: [
      { ErrorEquals: [FAILED_CONDITION, 'States.QueryEvaluationError'], MaxAttempts: 0 },
      { ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 99_999_999, BackoffRate: 1 },
      NETWORK,
    ],
    Catch: [{ ErrorEquals: [FAILED_CONDITION], Output: expr(fallThrough.data), Next: fallThrough.passed }],
  };
}

/** How many items one read takes. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const ITEMS_PER_READ = 100;

/** Key in the state data of the first item that was read and is not done yet: its sort key. */
export const MISSING = '?';

/** Reads items at once and merges the statuses they hold; notes the first of `keys` that is not done yet. */
export function readState(keys: readonly ItemKey[], next: string): TaskState {
  const [{ dagId, kind } = { dagId: '', kind: 'L' as const }] = keys;
  const names = literal(keys.map((key) => key.name));
  const Keys = `[${names}.{"pk": {"S": ${partition(dagId)}}, "sk": {"S": ${prefix(kind)} & $}}]`;
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:batchGetItem',
    Arguments: { RequestItems: expr(`{${RUN}.table: {"ConsistentRead": true, "Keys": ${Keys}}}`) },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
    Output: expr(
      `($d := $states.result.Responses.*[$exists(done)]; ` +
        `$m := ${names}[$not((${prefix(kind)} & $) in $d.sk.S)][0]; ` +
        `$merge([${INPUT}, $d.done.S.$parse($), $exists($m) ? {${literal(MISSING)}: $m}]))`,
    ),
    Next: next,
  };
}

/** Passes when every item is done and brought nothing bad; anything else is looked into by reading. */
export function checkState(keys: readonly ItemKey[], next: string, otherwise: string): TaskState {
  const [{ dagId, kind } = { dagId: '', kind: 'L' as const }] = keys;
  const names = literal(keys.map((key) => key.name));
  const check =
    `{"ConditionCheck": {"TableName": ${RUN}.table, ` +
    `"Key": {"pk": {"S": ${partition(dagId)}}, "sk": {"S": ${prefix(kind)} & $}}, ` +
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

/** Reads recorded outputs into variables: `O#<task>` holds the fields that somebody wants, as JSON text. */
export function fetchState(
  dagId: string,
  outputs: readonly { readonly task: string; readonly variable: string }[],
  next: string,
): TaskState {
  const pk = `{"S": ${literal(`RUN#${dagId}#`)} & ${RUN}.id}`;
  const Keys = outputs.map(({ task }) => `{"pk": ${pk}, "sk": {"S": ${literal(`O#${task}`)}}}`);
  const found = (task: string) => `$states.result.Responses.*[sk.S = ${literal(`O#${task}`)}].out.S`;
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:batchGetItem',
    Arguments: {
      RequestItems: expr(`{${RUN}.table: {"ConsistentRead": true, "Keys": [${Keys.join(', ')}]}}`),
    },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
    Assign: Object.fromEntries(
      outputs.map(({ task, variable }) => [
        variable,
        expr(`($o := ${found(task)}; $exists($o) ? $parse($o) : {})`),
      ]),
    ),
    Output: expr(INPUT),
    Next: next,
  };
}

/** Sets a latch, with the statuses its waiters ask for, and hands the sleepers' tokens to the wake state. */
export function signalState(key: ItemKey, statuses: string, next: string): TaskState {
  return markDone(key, statuses, next);
}

/**
 * Sets a latch on which nobody is expected to sleep: one state where that is so; else `sleepers` sets it and
 * wakes them.
 */
export function quietSignalState(
  key: ItemKey,
  statuses: string,
  next: { readonly done: object; readonly sleepers: string },
): TaskState {
  const { Arguments, ...state } = doneUpdate(keyOf(key), statuses);
  return {
    ...state,
    Arguments: {
      ...(Arguments as JsonObject),
      ConditionExpression: 'attribute_not_exists(w)',
      ReturnValues: 'NONE',
    },
    Retry: [{ ErrorEquals: [FAILED_CONDITION], MaxAttempts: 0 }, NETWORK],
    Catch: [{ ErrorEquals: [FAILED_CONDITION], Output: expr(INPUT), Next: next.sleepers }],
    ...next.done,
  };
}

/** JSONata text of those members of the state data that have one of these keys, as JSON text. */
export function statusesOf(keys: readonly string[]): string {
  return `$string($merge([$sift(${INPUT}, function($v, $k) { $k in ${literal(keys)} })]))`;
}

/**
 * Records the verdict that a tell state handed over, and hands the sleepers' tokens to the wake state: those who
 * wait for the rule, and, once all `count` upstream tasks are in, those who wait for all (`a_…`).
 */
export function verdictState(key: ItemKey, count: number, next: string): TaskState {
  const full = `$count([0..${count - 1}].$lookup($states.result.Attributes, "u" & $string($))) = ${count}`;
  const awake = `$substring($k, 0, 2) = "t_" or ($substring($k, 0, 2) = "a_" and ${full})`;
  return markDone(key, `$string(${INPUT}.\`${HAND}\`)`, next, awake);
}

/** The first status stays; the tokens found and that status go to the wake state, as `@` in the state data. */
function markDone(key: ItemKey, status: string, next: string, awake: string = WAITERS): TaskState {
  const hand = `$merge([${INPUT}, {${literal(HAND)}: ${handed(awake)}}])`;
  return { ...doneUpdate(keyOf(key), status), Output: expr(hand), Next: next };
}

/** Status of a producer all of whose tasks are known to have succeeded. */
export const NOTHING_BAD = '"{}"';

/** JSONata text over `$k`, an attribute: it is the token of somebody to wake. */
const WAITERS = '$substring($k, 0, 2) = "t_"';

/** What the wake state needs, read from the item as it is after the update. */
function handed(awake: string): string {
  const tokens = `[$each($states.result.Attributes, function($v, $k) { ${awake} ? $v.S })]`;
  return `{"tokens": ${tokens}, "told": $states.result.Attributes.done.S}`;
}

/** `status`: JSONata text; a constant one is written as it is. */
function doneUpdate(Key: JsonObject, status: string): TaskState {
  return {
    Type: 'Task',
    Resource: UPDATE,
    Arguments: {
      TableName: expr(`${RUN}.table`),
      Key,
      UpdateExpression: 'SET done = if_not_exists(done, :s), #x = if_not_exists(#x, :x)',
      ExpressionAttributeNames: { '#x': 'ttl' },
      ExpressionAttributeValues: { ':s': { S: status === NOTHING_BAD ? '{}' : expr(status) }, ':x': ttl() },
      ReturnValues: 'ALL_NEW',
    },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
  };
}

/** Wakes every sleeper; one that is gone is none of the producer's business. `hand`: JSONata text of tokens and what to tell. */
export function wakeState(name: string, hand: string): MapState {
  const [send, gone] = [inner('send', name), inner('gone', name)];
  return {
    Type: 'Map',
    Items: expr(`${hand}.tokens`),
    ItemSelector: { TaskToken: expr('$states.context.Map.Item.Value'), Output: expr(`${hand}.told`) },
    ItemProcessor: {
      StartAt: send,
      States: {
        [send]: {
          ...SEND,
          Arguments: expr(INPUT),
          Catch: [{ ErrorEquals: ['States.ALL'], Next: gone }],
          End: true,
        },
        [gone]: { Type: 'Succeed' },
      },
    },
  };
}

/** Condition under which the only waiter sleeps. */
export const SOMEBODY_SLEEPS = `$count(${INPUT}.\`${HAND}\`.tokens) > 0`;

/** Wakes the only sleeper there can be; `next` is entered whether it is still there or gone. */
export function sendState(
  next: { readonly Next?: string; readonly End?: true },
  gone: Omit<Catcher, 'ErrorEquals'>,
): TaskState {
  const hand = `${INPUT}.\`${HAND}\``;
  return {
    ...SEND,
    Arguments: { TaskToken: expr(`${hand}.tokens[0]`), Output: expr(`${hand}.told`) },
    Catch: [{ ErrorEquals: ['States.ALL'], ...gone }],
    ...next,
  };
}

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
const GONE = ['Sfn.TaskTimedOutException', 'Sfn.InvalidTokenException', 'Sfn.TaskDoesNotExistException'];

const SEND: Pick<TaskState, 'Type' | 'Resource' | 'TimeoutSeconds' | 'Retry'> = {
  Type: 'Task',
  Resource: 'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess',
  TimeoutSeconds: CALL_SECONDS,
  Retry: [{ ErrorEquals: GONE, MaxAttempts: 0 }, NETWORK],
};

/** Sets each of `keys` and wakes its sleepers; `statuses` is JSONata text of what each brings. */
export function releaseState(keys: readonly ItemKey[], statuses: string, name: string): MapState {
  const [{ dagId, kind } = { dagId: '', kind: 'L' as const }] = keys;
  const [set, wake] = [inner('signal', name), inner('wake', name)];
  const Key = {
    pk: { S: expr(partition(dagId)) },
    sk: { S: expr(`${prefix(kind)} & ${INPUT}.name`) },
  };
  return {
    Type: 'Map',
    Items: keys.map((key) => key.name),
    ItemSelector: { name: expr('$states.context.Map.Item.Value'), status: expr(statuses) },
    ItemProcessor: {
      StartAt: set,
      States: {
        [set]: { ...doneUpdate(Key, `${INPUT}.status`), Output: expr(handed(WAITERS)), Next: wake },
        [wake]: { ...wakeState(wake, INPUT), End: true },
      },
    },
  };
}

/** State data as tasks and gates know it, after a latch handed something over. */
export function withoutHand(): string {
  return without(HAND);
}

function without(key: string): string {
  return `$merge([$sift(${INPUT}, function($v, $k) { $k != ${literal(key)} })])`;
}

/** One upstream task's part in an early join. */
export interface Telling {
  readonly key: ItemKey;
  /** The upstream's number in the join, and how many there are. */
  readonly index: number;
  readonly count: number;
  /** JSONata text of the upstream's code. */
  readonly code: string;
  /** JSONata text over `$v`, the codes so far: the rule already runs. */
  readonly runs: string;
  /** JSONata text of the statuses to record: none where the rule runs, the consumer's where it does not. */
  readonly verdict: string;
  /** Somebody may wait for the last upstream even after the verdict. */
  readonly lastMatters: boolean;
}

/** Writes one upstream's code into the join; hands over a verdict (`@`) where this write decides it. */
export function tellState(telling: Telling, next: string): TaskState {
  const { key, index, count, code, runs, verdict, lastMatters } = telling;
  const seen = '$states.result.Attributes';
  const open = `$not($exists(${seen}.done))`;
  const full = `$count($v) = ${count}`;
  const decides = lastMatters ? `${full} or (${open} and ${runs})` : `${open} and (${full} or ${runs})`;
  return {
    Type: 'Task',
    Resource: UPDATE,
    Arguments: {
      TableName: expr(`${RUN}.table`),
      Key: keyOf(key),
      UpdateExpression: 'SET #u = if_not_exists(#u, :u), #x = if_not_exists(#x, :x)',
      ExpressionAttributeNames: { '#u': `u${index}`, '#x': 'ttl' },
      ExpressionAttributeValues: { ':u': { S: expr(code) }, ':x': ttl() },
      ReturnValues: 'ALL_NEW',
    },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
    Output: expr(
      `($v := [0..${count - 1}].$lookup(${seen}, "u" & $string($)).S; ` +
        `${decides} ? $merge([${INPUT}, {${literal(HAND)}: ${verdict}}]) : ${INPUT})`,
    ),
    Next: next,
  };
}
