/** Shapes that values from outside must have: every fault is told, with its place, what was got, and what to write. */
import { isObject } from '../base/json.ts';
import { nearest } from '../base/suggest.ts';

export interface Fault {
  /** Below the value looked at: `.aws.account`. */
  readonly field: string;
  readonly message: string;
  readonly remedy: string;
}

export type Shape = (value: unknown, field: string) => readonly Fault[];

/** A value for which something holds: `must …`. */
export function that(holds: (value: unknown) => boolean, must: string, remedy: string): Shape {
  return (value, field) =>
    holds(value) ? [] : [{ field, message: `must ${must}, got ${inWords(value)}`, remedy }];
}

/** A text, of this pattern. */
export function text(must: string, remedy: string, pattern = /./s): Shape {
  return that((value) => typeof value === 'string' && pattern.test(value), must, remedy);
}

export function wholeNumber(least: number, most: number, remedy: string): Shape {
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  const holds = (value: unknown) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most;
  return that(holds, `be a whole number ${range}`, remedy);
}

export function oneOf(values: readonly unknown[], remedy: string): Shape {
  const list = values.map((value) => JSON.stringify(value));
  return that((value) => values.includes(value), `be ${orList(list)}`, remedy);
}

export function optional(shape: Shape): Shape {
  return (value, field) => (value === undefined ? [] : shape(value, field));
}

export function listOf(shape: Shape, remedy: string): Shape {
  const isList = that(Array.isArray, 'be a list', remedy);
  return (value, field) =>
    Array.isArray(value) ? value.flatMap((item, at) => shape(item, `${field}.${at}`)) : isList(value, field);
}

/** An object of values by name; `shapeOf` is told the name. */
export function byName(shapeOf: (name: string) => Shape, remedy: string): Shape {
  const isRecord = that(isObject, 'be an object', remedy);
  return (value, field) =>
    isObject(value)
      ? Object.entries(value).flatMap(([name, item]) => shapeOf(name)(item, `${field}.${name}`))
      : isRecord(value, field);
}

/** An object of these fields, and no others. */
export function fields<Of extends object>(
  shapes: { readonly [Name in keyof Required<Of>]: Shape },
  remedy: string,
): Shape {
  const known: ReadonlyMap<string, Shape> = new Map(Object.entries(shapes));
  const isRecord = that(isObject, 'be an object', remedy);
  return (value, field) => {
    if (!isObject(value)) return isRecord(value, field);
    const faults = [...known].flatMap(([name, shape]) => shape(value[name], `${field}.${name}`));
    const others = Object.keys(value).filter((name) => !known.has(name));
    return [...faults, ...others.map((name) => unknownField(field, name, [...known.keys()]))];
  };
}

function unknownField(field: string, name: string, known: readonly string[]): Fault {
  const near = nearest(name, known);
  return {
    field: `${field}.${name}`,
    message: `must be ${orList(known)}, got ${JSON.stringify(name)}`,
    remedy: near === undefined ? 'leave it out' : `did you mean ${near}?`,
  };
}

/** An object whose `kind` says which others it has. */
export function byKind(shapes: Readonly<Record<string, Shape>>, remedy: string): Shape {
  const isRecord = that(isObject, 'be an object', remedy);
  const isKnown = oneOf(Object.keys(shapes), remedy);
  return (value, field) => {
    if (!isObject(value)) return isRecord(value, field);
    const { kind } = value;
    const shape = typeof kind === 'string' && Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
    return shape === undefined ? isKnown(kind, `${field}.kind`) : shape(value, field);
  };
}

function orList(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  return Array.isArray(value) ? 'a list' : JSON.stringify(value);
}
