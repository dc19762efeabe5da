import { randomBytes } from 'node:crypto';
import type { Json, JsonObject } from '../../base/json.ts';
import type { LeaseStore } from '../../store/store.ts';
import { docOf, keyItem, sameText, textIn, valueIn } from './item.ts';
import type { Expression, Item, ItemKey } from './requests.ts';
import type { Table } from './table.ts';

export function dynamoLeases(table: Table): LeaseStore {
  return {
    async acquire(name, holder, untilMs, nowMs) {
      const item = {
        ...keyItem(lockKey(name)),
        holder: { S: holder.id },
        ...lasting(untilMs),
        ...docOf(holder),
      };
      const { done, old } = await table.put(item, freeFor(holder.id, nowMs));
      return done || old === undefined ? undefined : valueIn<JsonObject>(old);
    },
    async release(name, holderId) {
      await table.remove(lockKey(name), sameText('holder', holderId));
    },
    async holder(name, nowMs) {
      const item = await table.get(lockKey(name));
      return item === undefined || untilOf(item) <= nowMs ? undefined : valueIn<JsonObject>(item);
    },
    async once(key, value, untilMs, nowMs) {
      const token = randomBytes(9).toString('base64url');
      const item = { ...answerItem(key, value, untilMs), w: { S: token } };
      const { done, old } = await table.put(item, isOver(nowMs));
      // Refused by what it had itself written, and was not told so.
      if (done || old === undefined || textIn(old, 'w') === token) return undefined;
      return valueIn<Json>(old);
    },
    async settle(key, value, untilMs) {
      await table.put(answerItem(key, value, untilMs));
    },
  };
}

/** Items go some time after they mean nothing any more. */
const DAY_S = 86_400;

function answerItem(key: string, value: Json, untilMs: number): Item {
  return { ...keyItem({ pk: `IDEM#${key}`, sk: '-' }), ...lasting(untilMs), ...docOf(value) };
}

function lasting(untilMs: number): Item {
  return { until: { N: String(untilMs) }, ttl: { N: String(Math.ceil(untilMs / 1000) + DAY_S) } };
}

function freeFor(holder: string, nowMs: number): Expression {
  const over = isOver(nowMs);
  return {
    text: `${over.text} or #holder = :holder`,
    names: { ...over.names, '#holder': 'holder' },
    values: { ...over.values, ':holder': { S: holder } },
  };
}

/** Nothing is there, or what is has expired. */
function isOver(nowMs: number): Expression {
  return {
    text: 'attribute_not_exists(pk) or #until <= :now',
    names: { '#until': 'until' },
    values: { ':now': { N: String(nowMs) } },
  };
}

function untilOf(item: Item): number {
  return Number(item['until']?.N ?? 0);
}

function lockKey(name: string): ItemKey {
  return { pk: `LOCK#${name}`, sk: '-' };
}
