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
import type { Retrier } from '../asl/states.ts';
import type { JsonObject } from '../base/json.ts';
import { INPUT } from './conditions.ts';

export const RUN = '$states.context.Execution.Input.run';

export const UPDATE = 'arn:aws:states:::aws-sdk:dynamodb:updateItem';

export const FAILED_CONDITION = 'DynamoDb.ConditionalCheckFailedException';

/** Key in the state data of what a latch state hands to the next: never seen by a task. */
export const HAND = '@';

/** Waiters on one item; a token has up to 2,048 characters and ALL_NEW must stay below 256 KiB. */
export const WAITERS_PER_ITEM = 64;

export const CALL_SECONDS = 60;

/** From 1 s, doubling (Step Functions' defaults) to 2 minutes: four minutes in all. */
export const NETWORK: Retrier = { ErrorEquals: ['States.ALL'], MaxAttempts: 8 };

/** Sort key of a latch or early join: `L#<attempt>#<producer>`, `J#<attempt>#<consumer>`. */
export interface ItemKey {
  readonly dagId: string;
  /** Latch, early join. */
  readonly kind: 'L' | 'J';
  readonly name: string;
  /** Counters of the modules around, as JSONata text to append: ` & "#" & $string($n_g)`; none: empty. */
  readonly at: string;
}

/** `L`, 64 or more waiters: each 64 have an item of their own. */
export function shardOf(key: ItemKey, shard: number): ItemKey {
  return shard === 0 ? key : { ...key, name: `${key.name}#${shard}` };
}

export function keyOf(key: ItemKey): JsonObject {
  return { pk: { S: expr(partition(key.dagId)) }, sk: { S: expr(sortKey(key, literal(key.name))) } };
}

/** Sort key of an item of this kind and place; `name` is JSONata text. */
export function sortKey({ kind, at }: Omit<ItemKey, 'name'>, name: string): string {
  return `${prefix(kind)} & ${name}${at}`;
}

export function partition(dagId: string): string {
  return `${literal(`RUN#${dagId}#`)} & ${RUN}.id`;
}

function prefix(kind: ItemKey['kind']): string {
  return `${literal(`${kind}#`)} & ${RUN}.attempt & "#"`;
}

export function ttl(): JsonObject {
  return { N: expr(`${RUN}.expires`) };
}

/** State data as tasks and gates know it, after a latch handed something over. */
export function withoutHand(): string {
  return without(HAND);
}

export function without(key: string): string {
  return `$merge([$sift(${INPUT}, function($v, $k) { $k != ${literal(key)} })])`;
}
