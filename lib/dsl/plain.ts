import type { Json } from '../base/json.ts';
import { type Expression, isRef } from '../model/ref.ts';
import { isHandle, kindOf } from './kind-of.ts';

/** Who hears of what is found in a value on the way. */
export interface Reader {
  /** The value at `path` (`''`: the whole) may not stand there. */
  refuse(path: string, message: string, remedy: string): void;
  /** A Ref stands at `path`, or is an operand of one; false where it may not. */
  ref?(expression: Expression, path: string): boolean;
}

/** Deeper than any argument: what is, contains itself. */
const MAX_DEPTH = 64;

/**
 * What the author gave as plain, frozen JSON: Refs become `{ $ref }`, fields that are `undefined` are left out.
 * What is no JSON is refused and becomes `null`.
 */
export function plain(value: unknown, reader: Reader, path = '', depth = 0): Json {
  if (isRef(value)) return plainRef(value.$ref, reader, path);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (depth > MAX_DEPTH)
    return no(reader, path.slice(0, 40), 'a value that contains itself', 'a value that ends');
  if (Array.isArray(value)) {
    return Object.freeze(
      value.map((item: unknown, index) => plain(item, reader, join(path, index), depth + 1)),
    );
  }
  if (typeof value === 'object' && isPlain(value)) return plainObject(value, reader, path, depth + 1);
  return no(reader, path, kindOf(value), remedyFor(value));
}

function plainRef(expression: Expression, reader: Reader, path: string): Json {
  if (reader.ref?.(expression, path) === false) return null;
  // Frozen plain data, but for Refs among the operands of an expression.
  const entries = Object.entries(expression).map(([key, item]): [string, Json] => [
    key,
    plain(item, reader, path),
  ]);
  return Object.freeze({ $ref: Object.freeze(Object.fromEntries(entries)) });
}

function plainObject(value: object, reader: Reader, path: string, depth: number): Json {
  const entries: [string, Json][] = [];
  for (const [key, item] of Object.entries(value)) {
    if (item === undefined) continue;
    const where = join(path, key);
    if (key.startsWith('$'))
      reader.refuse(where, 'must not begin with "$", which marks Refs', 'rename the field');
    else entries.push([key, plain(item, reader, where, depth)]);
  }
  return Object.freeze(Object.fromEntries(entries));
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === null || prototype === Object.prototype) && !isHandle(value);
}

function no(reader: Reader, path: string, got: string, remedy: string): null {
  reader.refuse(path, `must be JSON or a Ref, got ${got}`, `give ${remedy}`);
  return null;
}

function remedyFor(value: unknown): string {
  if (value instanceof Date) return 'its toISOString()';
  if (typeof value === 'bigint') return 'a number or text';
  if (typeof value === 'number') return 'a finite number';
  if (isHandle(value)) return 'its .output';
  return 'text, a number, a boolean, null, a list or an object of these';
}

function join(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}
