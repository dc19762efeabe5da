/** The producing side of latches and early joins: signal, wake, release, tell. */
import { expr, literal } from '../asl/jsonata.ts';
import { MAX_INLINE_CONCURRENCY } from '../asl/limits.ts';
import type { Catcher, MapState, TaskState } from '../asl/states.ts';
import type { JsonObject } from '../base/json.ts';
import { INPUT } from './conditions.ts';
import {
  CALL_SECONDS,
  FAILED_CONDITION,
  HAND,
  type ItemKey,
  keyOf,
  NETWORK,
  partition,
  RUN,
  sortKey,
  ttl,
  UPDATE,
} from './latch-item.ts';
import { inner } from './names.ts';

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
  return {
    Type: 'Task',
    Resource: UPDATE,
    TimeoutSeconds: CALL_SECONDS,
    Retry: [{ ErrorEquals: [FAILED_CONDITION], MaxAttempts: 0 }, NETWORK],
    Arguments: {
      ...doneArguments(keyOf(key), statuses),
      ReturnValues: 'NONE',
      ConditionExpression: 'attribute_not_exists(w)',
    },
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
    Arguments: { ...doneArguments(Key, status), ReturnValues: 'ALL_NEW' },
    TimeoutSeconds: CALL_SECONDS,
    Retry: [NETWORK],
  };
}

function doneArguments(Key: JsonObject, status: string): JsonObject {
  return {
    TableName: expr(`${RUN}.table`),
    Key,
    UpdateExpression: 'SET done = if_not_exists(done, :s), #x = if_not_exists(#x, :x)',
    ExpressionAttributeNames: { '#x': 'ttl' },
    ExpressionAttributeValues: { ':s': { S: status === NOTHING_BAD ? '{}' : expr(status) }, ':x': ttl() },
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

/**
 * Sets each of `keys` and wakes its sleepers; `statuses` is JSONata text of what each brings. More than run at once get
 * executions of their own: their events would fill the run's history.
 */
export function releaseState(keys: readonly ItemKey[], statuses: string, name: string): MapState {
  const [set, wake] = [inner('signal', name), inner('wake', name)];
  const [first] = keys;
  if (first === undefined) throw new Error('unreachable: no latch to set');
  const Key = {
    pk: { S: expr(partition(first.dagId)) },
    sk: { S: expr(sortKey({ ...first, at: '' }, `${INPUT}.name`)) },
  };
  const isMany = keys.length > MAX_INLINE_CONCURRENCY;
  return {
    Type: 'Map',
    Items: keys.map((key) => key.name),
    ItemSelector: {
      ...(isMany ? { run: expr(RUN) } : {}),
      name: expr(`$states.context.Map.Item.Value${first.at}`),
      status: expr(statuses),
    },
    ItemProcessor: {
      ...(isMany ? { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } } : {}),
      StartAt: set,
      States: {
        [set]: { ...doneUpdate(Key, `${INPUT}.status`), Output: expr(handed(WAITERS)), Next: wake },
        [wake]: { ...wakeState(wake, INPUT), End: true },
      },
    },
  };
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
