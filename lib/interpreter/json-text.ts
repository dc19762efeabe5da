import { isObject, type Json } from '../base/json.ts';

/** Texts of values seen before: a value passes many states and is written once. */
const texts = new WeakMap<object, string>();

/** Objects known to hold nothing but JSON, so that a value that passes many states is walked once. */
const plain = new WeakSet<object>();

/** Why a value cannot become JSON. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/** A value's JSON text. */
export function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  texts.set(value, text);
  return text;
}

/**
 * A value of somebody else's as our own: they may change theirs, and it may be anything.
 *
 * @throws {NotJson} when it cannot be written as JSON
 */
export function adopt(value: unknown): Json {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  const text = written(value);
  const copy: Json = JSON.parse(text);
  if (typeof copy === 'object' && copy !== null) texts.set(copy, text);
  return copy;
}

/** Bytes of a text in UTF-8. */
export function bytesOf(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}

/** True when a text has more bytes than `limit`; counts them only when it can matter. */
export function isLonger(text: string, limit: number): boolean {
  return text.length * 3 > limit && bytesOf(text) > limit;
}

/**
 * A value as JSON: members that are `undefined` are left out, JSONata's sequences become plain lists,
 * and what is JSON already is returned itself.
 *
 * @throws {NotJson} for a function, a bigint, a symbol or a number that is not finite
 */
export function toJson(value: unknown): Json {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new NotJson(`${value} is not a JSON number`);
    case 'object':
      return value === null ? null : objectToJson(value);
    case 'undefined':
      return null;
    default:
      throw new NotJson(`a ${typeof value} is not JSON`);
  }
}

function written(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (cause) {
    throw new NotJson(cause instanceof Error ? cause.message : String(cause), { cause });
  }
  if (text === undefined) throw new NotJson(`a ${typeof value} is not JSON`);
  return text;
}

function objectToJson(value: object): Json {
  if (Array.isArray(value)) return plain.has(value) ? value : listToJson(value);
  if ('_jsonata_lambda' in value || '_jsonata_function' in value) throw new NotJson('a function is not JSON');
  if ('toJSON' in value && typeof value.toJSON === 'function') return toJson(value.toJSON());
  if (isObject(value)) return plain.has(value) ? value : membersToJson(value);
  throw new NotJson('not a JSON value');
}

const MARKS = ['sequence', 'cons', 'keepSingleton'] as const;

function listToJson(list: readonly unknown[]): Json {
  // JSONata marks the lists it makes, and treats them otherwise later. Step Functions passes JSON on.
  let copy: Json[] | undefined = MARKS.some((mark) => mark in list) ? [] : undefined;
  for (let index = 0; index < list.length; index++) {
    const item = toJson(list[index]);
    if (copy === undefined && item !== list[index]) copy = list.slice(0, index) as Json[];
    copy?.push(item);
  }
  const result = copy ?? (list as readonly Json[]);
  plain.add(result);
  return result;
}

function membersToJson(value: { readonly [key: string]: unknown }): Json {
  const members: [string, Json][] = [];
  let changed = false;
  for (const key of Object.keys(value)) {
    const member = value[key];
    if (member === undefined) {
      changed = true;
      continue;
    }
    const item = toJson(member);
    changed ||= item !== member;
    members.push([key, item]);
  }
  const result: Json = changed ? Object.fromEntries(members) : (value as Json & object);
  plain.add(result);
  return result;
}
