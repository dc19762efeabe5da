/**
 * Latches and early joins as states around one DynamoDB item, without a Lambda.
 *
 * Producer and waiter write the same item, so DynamoDB orders them: either the producer sees the
 * waiter's token, or the waiter sees that the producer is done. No wake-up can be lost, and every
 * write may be repeated.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
 */
import { expr, literal } from '../asl/jsonata.ts';
import type { MapState, Retrier, TaskState } from '../asl/states.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { INPUT } from './conditions.ts';
import { auxiliary } from './names.ts';

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

/** Items are dropped after 30 days. */
const TTL_SECONDS = 2_592_000;

const NETWORK: Retrier = {
  ErrorEquals: ['States.ALL'],
  IntervalSeconds: 1,
  MaxAttempts: 10,
  BackoffRate: 2,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
};

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
  return {
    pk: { S: expr(`${literal(`RUN#${dagId}#`)} & ${RUN}.id`) },
    sk: { S: expr(`${literal(`${kind}#`)} & ${RUN}.attempt & ${literal(`#${name}`)}`) },
  };
}

function ttl(): JsonObject {
  return {
    N: expr(`$string($floor($toMillis($states.context.Execution.StartTime) / 1000) + ${TTL_SECONDS})`),
  };
}

/**
 * Sleeps until the item is done; passes at once by its Catch where it already is.
 * `slot` names the waiter's token in the item.
 */
export function waitState(
  key: ItemKey,
  slot: string,
  next: { readonly woken: string; readonly passed: string },
): TaskState {
  const asked = { condition: 'attribute_not_exists(#d)', names: { '#d': 'done' } };
  return { ...sleep(key, slot, asked, next.passed), Output: expr(`$merge([${INPUT}, $states.result])`), Next: next.woken };
}

/** Sleeps until every upstream of an early join is in, whatever the verdict; the state data stays. */
export function waitForAllState(key: ItemKey, slot: string, count: number, next: string): TaskState {
  const indices = [...Array(count).keys()];
  const asked = {
    condition: indices.map((index) => `attribute_not_exists(#u${index})`).join(' OR '),
    names: Object.fromEntries(indices.map((index) => [`#u${index}`, `u${index}`])),
  };
  return { ...sleep(key, slot, asked, next), Output: expr(INPUT), Next: next };
}

function sleep(
  key: ItemKey,
  slot: string,
  asked: { readonly condition: string; readonly names: JsonObject },
  passed: string,
): TaskState {
  return {
    Type: 'Task',
    Resource: `${UPDATE}.waitForTaskToken`,
    Arguments: {
      TableName: expr(`${RUN}.table`),
      Key: keyOf(key),
      UpdateExpression: 'SET #t = :t, #x = if_not_exists(#x, :x)',
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
    Catch: [{ ErrorEquals: [FAILED_CONDITION], Output: expr(INPUT), Next: passed }],
  };
}

/** How many items one read takes. @see https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
export const ITEMS_PER_READ = 100;

/** Key in the state data while some of the items that were read are not done. */
export const MISSING = '?';

/** Reads items at once and merges the statuses they hold; marks the data where one is not done yet. */
export function readState(keys: readonly ItemKey[], next: string): TaskState {
  const items = `${RUN}.table`;
  const Keys = keys.map((key) => {
    const { pk, sk } = keyOf(key);
    return `{"pk": ${attribute(pk)}, "sk": ${attribute(sk)}}`;
  });
  const done = '$states.result.Responses.*[$exists(done)]';
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:batchGetItem',
    Arguments: {
      RequestItems: expr(`{${items}: {"ConsistentRead": true, "Keys": [${Keys.join(', ')}]}}`),
    },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
    Output: expr(
      `($d := ${done}; $merge([${INPUT}, $d.st.S.$parse($), $count($d) < ${keys.length} ? {${literal(MISSING)}: true}]))`,
    ),
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

/** `{ S: "{% text %}" }` → JSONata text. */
function attribute(value: Json | undefined): string {
  const text = (value as { readonly S: string }).S;
  return `{"S": ${text.slice(3, -3)}}`;
}

/** Sets a latch, with the statuses known so far, and hands the sleepers' tokens to the wake state. */
export function signalState(key: ItemKey, next: string): TaskState {
  return markDone(key, `$string(${INPUT})`, next);
}

/** Records the verdict that a tell state handed over, and hands the sleepers' tokens to the wake state. */
export function verdictState(key: ItemKey, next: string): TaskState {
  return markDone(key, `$string(${INPUT}.\`${HAND}\`)`, next);
}

/** The first status stays; the tokens found and that status go to the wake state, as `@` in the state data. */
function markDone(key: ItemKey, status: string, next: string): TaskState {
  const seen = '$states.result.Attributes';
  const tokens = `[$each(${seen}, function($v, $k) { $substring($k, 0, 2) = "t_" ? $v.S })]`;
  return {
    Type: 'Task',
    Resource: UPDATE,
    Arguments: {
      TableName: expr(`${RUN}.table`),
      Key: keyOf(key),
      UpdateExpression: 'SET #d = :one, #s = if_not_exists(#s, :s), #x = if_not_exists(#x, :x)',
      ExpressionAttributeNames: { '#d': 'done', '#s': 'st', '#x': 'ttl' },
      ExpressionAttributeValues: { ':one': { N: '1' }, ':s': { S: expr(status) }, ':x': ttl() },
      ReturnValues: 'ALL_NEW',
    },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
    Output: expr(`$merge([${INPUT}, {${literal(HAND)}: {"tokens": ${tokens}, "told": ${seen}.st.S}}])`),
    Next: next,
  };
}

/** Wakes every sleeper; one that is gone is none of the producer's business. */
export function wakeState(name: string): MapState {
  const hand = `${INPUT}.\`${HAND}\``;
  const gone = auxiliary(name, 'gone');
  return {
    Type: 'Map',
    Items: expr(`${hand}.tokens`),
    ItemSelector: {
      TaskToken: expr('$states.context.Map.Item.Value'),
      Output: expr(`${hand}.told`),
    },
    ItemProcessor: {
      ProcessorConfig: { Mode: 'INLINE' },
      StartAt: auxiliary(name, 'send'),
      States: {
        [auxiliary(name, 'send')]: {
          Type: 'Task',
          Resource: 'arn:aws:states:::aws-sdk:sfn:sendTaskSuccess',
          Arguments: expr(INPUT),
          TimeoutSeconds: CALL_SECONDS,
          Retry: [
            {
              ErrorEquals: [
                'Sfn.TaskTimedOutException',
                'Sfn.InvalidTokenException',
                'Sfn.TaskDoesNotExistException',
              ],
              MaxAttempts: 0,
            },
            NETWORK,
          ],
          Catch: [{ ErrorEquals: ['States.ALL'], Next: gone }],
          End: true,
        },
        [gone]: { Type: 'Succeed' },
      },
    },
    Output: expr(withoutHand()),
  };
}

/** State data as tasks and gates know it. */
export function withoutHand(): string {
  return `$merge([$sift(${INPUT}, function($v, $k) { $not($k in [${literal(HAND)}, ${literal(MISSING)}]) })])`;
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
