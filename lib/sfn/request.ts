/** Reads the parameters of a call, with AWS's words for what does not fit. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { SfnError, validation } from './errors.ts';

interface Length {
  /** @default 0 */
  readonly min?: number;
  /** @default 1,048,576: the longest text that any call takes */
  readonly max?: number;
}

/** A text that must be there. @throws {SfnError} `ValidationException`, or `SerializationException` for another type */
export function text(input: JsonObject, name: string, length: Length = {}): string {
  const value = optionalText(input, name, length);
  if (value === undefined) throw violated('null', name, 'Member must not be null');
  return value;
}

/** Like {@link text}, for a parameter that may be left out or null. */
export function optionalText(input: JsonObject, name: string, length: Length = {}): string | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'string') throw unexpected(name, 'a string', value);
  const { min = 0, max = 1_048_576 } = length;
  const size = value.length > max / 4 ? Buffer.byteLength(value) : value.length;
  if (size < min)
    throw violated(`'${value}'`, name, `Member must have length greater than or equal to ${min}`);
  if (size > max) throw violated(shown(value), name, `Member must have length less than or equal to ${max}`);
  return value;
}

/** One of the words. */
export function word<W extends string>(input: JsonObject, name: string, words: readonly W[]): W | undefined {
  const value = optionalText(input, name);
  if (value === undefined) return undefined;
  const known = words.find((each) => each === value);
  if (known !== undefined) return known;
  throw violated(shown(value), name, `Member must satisfy enum value set: [${words.join(', ')}]`);
}

/** @default false */
export function flag(input: JsonObject, name: string, otherwise = false): boolean {
  const value = input[name] ?? otherwise;
  if (typeof value !== 'boolean') throw unexpected(name, 'a boolean', value);
  return value;
}

/** A whole number from 0 to `max`; `undefined` when left out. */
export function count(input: JsonObject, name: string, max: number): number | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw unexpected(name, 'an integer', value);
  if (value < 0) throw violated(`'${value}'`, name, 'Member must have value greater than or equal to 0');
  if (value > max) throw violated(`'${value}'`, name, `Member must have value less than or equal to ${max}`);
  return value;
}

/** An object; `undefined` when left out. */
export function optionalObject(input: JsonObject, name: string): JsonObject | undefined {
  const value = input[name] ?? undefined;
  if (value === undefined) return undefined;
  if (!isObject(value)) throw unexpected(name, 'an object', value);
  return value;
}

/** A list of objects; `[]` when left out. */
export function objects(input: JsonObject, name: string): readonly JsonObject[] {
  const value = input[name] ?? [];
  if (!Array.isArray(value)) throw unexpected(name, 'a list', value);
  return value.map((item: Json) => {
    if (isObject(item)) return item;
    throw unexpected(name, 'a list of objects', item);
  });
}

/** JSON in a text. @throws what `refuse` makes of the parser's message */
export function parsed(source: string, refuse: (why: string) => SfnError): Json {
  try {
    return JSON.parse(source);
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause));
  }
}

function violated(value: string, name: string, constraint: string): SfnError {
  return validation(
    `1 validation error detected: Value ${value} at '${name}' failed to satisfy constraint: ${constraint}`,
  );
}

function unexpected(name: string, wanted: string, value: unknown): SfnError {
  return new SfnError(
    'SerializationException',
    `${name}: must be ${wanted}, got ${shown(JSON.stringify(value))}`,
  );
}

function shown(value: string): string {
  return `'${value.length > 100 ? `${value.slice(0, 100)}…` : value}'`;
}
