/** Items as the SDK integration spells them: every value carries its type, `{ "S": "done" }`. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { TaskError } from '../../interpreter/resource.ts';

export type Item = Readonly<Record<string, Attribute>>;

/** `{ S }`, `{ N }`, `{ BOOL }`, `{ NULL }`, `{ L }`, `{ M }`. */
export type Attribute = JsonObject;

/** Largest item, bytes. @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items */
export const MAX_ITEM_BYTES = 409_600;

/** A request DynamoDB does not understand: its error is not modelled, so Step Functions names it after the service. */
export function malformed(text: string): TaskError {
  return new TaskError(
    'DynamoDb.DynamoDbException',
    `${text} (Service: DynamoDb, Status Code: 400, Request ID: local)`,
  );
}

/** Reads `value` as an item. @throws {TaskError} where a value has no type or an unknown one */
export function itemFrom(value: Json | undefined): Item {
  if (!isObject(value)) throw malformed(`1 validation error detected: an item must be an object`);
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, attributeFrom(name, each)]));
}

/** Reads `value` as a typed value, numbers in DynamoDB's normal form. */
export function attributeFrom(name: string, value: Json | undefined): Attribute {
  const entries = isObject(value) ? Object.entries(value) : [];
  const [type, content] = entries[0] ?? [];
  const given = JSON.stringify(value);
  if (entries.length !== 1 || type === undefined || !TYPES.has(type)) {
    throw malformed(
      `Supplied AttributeValue of ${name} must contain exactly one of the supported datatypes, got ${given}`,
    );
  }
  if (type === 'S' && typeof content !== 'string')
    throw malformed(`${name}: an S must be text, got ${given}`);
  return type === 'N' ? { N: normalNumber(name, content) } : { [type]: content };
}

/** `[type, content]` of a typed value. */
export function typed(value: Attribute): readonly [string, Json | undefined] {
  for (const type in value) return [type, value[type]];
  return ['NULL', true];
}

/** Equal as DynamoDB compares: same type and same content. */
export function sameAttribute(a: Attribute, b: Attribute): boolean {
  const [[typeA, x], [typeB, y]] = [typed(a), typed(b)];
  return typeA === typeB && (x === y || JSON.stringify(x) === JSON.stringify(y));
}

/** Negative, 0 or positive; `undefined` where the two have no order (other types, or different ones). */
export function compareAttributes(a: Attribute, b: Attribute): number | undefined {
  const [[typeA, x], [typeB, y]] = [typed(a), typed(b)];
  if (typeA !== typeB) return undefined;
  if (typeA === 'N') return Number(x) - Number(y);
  return typeA === 'S' ? Buffer.compare(Buffer.from(String(x)), Buffer.from(String(y))) : undefined;
}

/** @throws {TaskError} when the item is larger than DynamoDB keeps */
export function checkSize(item: Item): Item {
  let bytes = 0;
  for (const name in item) {
    const [, content] = typed(item[name] ?? {});
    bytes +=
      name.length + (typeof content === 'string' ? content.length : JSON.stringify(content ?? null).length);
  }
  // UTF-8 is at most three bytes a UTF-16 unit: only large items are measured exactly.
  if (bytes * 3 > MAX_ITEM_BYTES && Buffer.byteLength(JSON.stringify(item)) > MAX_ITEM_BYTES) {
    throw malformed('Item size has exceeded the maximum allowed size');
  }
  return item;
}

const TYPES = new Set(['S', 'N', 'B', 'BOOL', 'NULL', 'L', 'M', 'SS', 'NS', 'BS']);

function normalNumber(name: string, content: Json | undefined): string {
  const number = typeof content === 'string' && content.trim() !== '' ? Number(content) : Number.NaN;
  if (!Number.isFinite(number)) {
    throw malformed(`${name}: an N must be a number written as text, got ${JSON.stringify(content)}`);
  }
  return String(number);
}
