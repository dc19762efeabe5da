/**
 * Values that may be larger than the 400 KB of an item: packed, the first part in the item itself, others in items beside
 * it, which are written before and go after it was replaced.
 */
import { randomBytes } from 'node:crypto';
import { keyIn, keyItem, numberIn, packed, sameText, textIn, unpacked } from './item.ts';
import type { Expression, Item, ItemKey } from './requests.ts';
import type { Table } from './table.ts';

/** Bytes of a part. */
const PART = 350_000;

/** Which write a part is of; also what tells one write from another. */
export function tokenIn(item: Item | undefined): string | undefined {
  return textIn(item, 'w');
}

/** Nobody wrote since. */
export function sameToken(token: string): Expression {
  return sameText('w', token);
}

/** False where `when` does not hold; true also where it did as this was first asked, and the reply was lost. */
export async function putLarge(
  table: Table,
  key: ItemKey,
  value: unknown,
  { when, more = {} }: { readonly when?: Expression; readonly more?: Item } = {},
): Promise<boolean> {
  const token = randomBytes(6).toString('base64url');
  const bytes = packed(JSON.stringify(value));
  const parts = Array.from({ length: Math.ceil(bytes.length / PART) }, (_, index) =>
    bytes.subarray(index * PART, (index + 1) * PART),
  );
  const [first = bytes, ...others] = parts;
  const ttl: Item = more['ttl'] === undefined ? {} : { ttl: more['ttl'] };
  await inOrder(others, async (part, index) => {
    await table.put({ ...keyItem(partKey(key, token, index)), z: { B: part }, ...ttl });
  });
  const count: Item = others.length === 0 ? {} : { parts: { N: String(others.length) } };
  const item = { ...keyItem(key), ...more, w: { S: token }, z: { B: first }, ...count };
  const { done, old } = await table.put(item, when);
  const isOurs = done || tokenIn(old) === token;
  if (done && old !== undefined && tokenIn(old) !== token) await dropParts(table, old);
  if (!isOurs) await dropParts(table, item);
  return isOurs;
}

/** The value of an item. `undefined` where somebody replaced it while it was read. */
export async function largeIn<T>(table: Table, item: Item): Promise<T | undefined> {
  const keys = partKeys(item);
  const parts = await table.getAll(keys);
  if (parts.length < keys.length) return undefined;
  const bySortKey = new Map(parts.map((part) => [textIn(part, 'sk'), part['z']?.B ?? new Uint8Array()]));
  const bytes = [
    item['z']?.B ?? new Uint8Array(),
    ...keys.map(({ sk }) => bySortKey.get(sk) ?? new Uint8Array()),
  ];
  return unpacked(Buffer.concat(bytes));
}

/** The value under a key. */
export async function getLarge<T>(table: Table, key: ItemKey): Promise<T | undefined> {
  for (;;) {
    const item = await table.get(key);
    if (item === undefined) return undefined;
    const value = await largeIn<T>(table, item);
    if (value !== undefined) return value;
    // It was replaced in between: what is there now has other parts.
  }
}

/** False for a part of a value, which stands beside it. */
export function isWhole(item: Item): boolean {
  return item['w'] !== undefined;
}

async function dropParts(table: Table, item: Item): Promise<void> {
  const remove = partKeys(item);
  if (remove.length > 0) await table.writeAll({ remove });
}

function partKeys(item: Item): readonly ItemKey[] {
  const token = tokenIn(item) ?? '';
  return Array.from({ length: numberIn(item, 'parts') ?? 0 }, (_, index) =>
    partKey(keyIn(item), token, index),
  );
}

function partKey({ pk, sk }: ItemKey, token: string, index: number): ItemKey {
  return { pk, sk: `${sk}|${token}|${index}` };
}

async function inOrder<T>(list: readonly T[], work: (one: T, index: number) => Promise<void>): Promise<void> {
  for (const [index, one] of list.entries()) await work(one, index);
}
