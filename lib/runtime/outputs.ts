/** What a task gives to others: plain JSON, small, only the fields that somebody reads. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { TaskError } from '../base/task-error.ts';
import { MAX_CARRIED_BYTES, MAX_INLINE_BYTES, type TaskEvent } from '../model/run-input.ts';
import type { FileReference, LargeField, LargeValue } from './large-values.ts';

/** Largest output of one try, bytes: a Lambda function's reply. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const MAX_OUTPUT_BYTES = 6_291_456;

/**
 * What the function of `task` returned, as JSON; `undefined` is no output, `null`.
 *
 * @throws {TaskError} `Dag.BadOutput`, `Dag.OutputTooLarge`
 */
export function outputOf(task: string, value: unknown): Json {
  const bad = badPart(value, '', []);
  if (bad !== undefined) {
    throw new TaskError(
      'Dag.BadOutput',
      `task "${task}" › output${bad.path}: must be JSON, got ${bad.got}; ${bad.remedy}`,
    );
  }
  const text = JSON.stringify(value ?? null);
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_OUTPUT_BYTES) throw tooLarge(task, 'output', bytes, MAX_OUTPUT_BYTES);
  return JSON.parse(text) as Json;
}

/** What of an output is wanted, and how it may travel; a `TaskEvent` is one. */
export type Wanted = Pick<TaskEvent, 'task' | 'instance' | 'want' | 'inline'>;

/** The wanted fields of an output as they travel, and those that are to be kept elsewhere first. */
export interface Carried {
  readonly out: JsonObject;
  readonly kept: readonly LargeValue[];
}

/**
 * The fields of an output that somebody reads, by their names; those without a value are left out. Where they are
 * together too much for the machine to carry, the largest that it does not evaluate itself are replaced by what `refer`
 * gives for them. @default refer: such an output fails
 *
 * @throws {TaskError} `Dag.OutputTooLarge`
 */
export function carriedOf(
  event: Wanted,
  output: Json,
  refer?: (field: LargeField) => FileReference,
): Carried {
  const { task, want = [], inline = [] } = event;
  const fields = want.flatMap((name, index): readonly Field[] => {
    const value = fieldOf(output, name);
    return value === undefined ? [] : [{ name, index, value, bytes: bytesOf(value) }];
  });
  const out = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
  const kept: LargeValue[] = [];
  if (fields.length === 0 || bytesOf(out) <= MAX_CARRIED_BYTES) return { out, kept };
  const isMovable = ({ name, bytes }: Field) => !inline.includes(name) && bytes > REFERENCE_BYTES;
  const movable = refer === undefined ? [] : fields.filter(isMovable);
  for (const { name, index, value } of largestFirst(movable)) {
    const reference = refer?.({ ...event, index });
    if (reference === undefined) continue;
    kept.push({ reference, value });
    out[name] = reference;
    if (bytesOf(out) <= MAX_CARRIED_BYTES) return { out, kept };
  }
  if (bytesOf(out) <= MAX_INLINE_BYTES) return { out, kept };
  const [largest] = largestFirst(fields.filter((field) => !movable.includes(field)));
  const what = largest?.name === '' ? 'output' : `output.${largest?.name}`;
  throw tooLarge(task, what, bytesOf(out), MAX_INLINE_BYTES);
}

/** About as many as a reference to a file has: nothing smaller is worth one. */
const REFERENCE_BYTES = 100;

interface Field {
  readonly name: string;
  /** In `want`. */
  readonly index: number;
  readonly value: Json;
  readonly bytes: number;
}

function largestFirst(fields: readonly Field[]): readonly Field[] {
  return fields.toSorted((a, b) => b.bytes - a.bytes);
}

function bytesOf(value: Json): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/** `a.b.0` of a value; the value itself for `''`. */
export function fieldOf(value: Json, name: string): Json | undefined {
  if (name === '') return value;
  let found: Json | undefined = value;
  for (const key of name.split('.')) {
    if (Array.isArray(found)) found = found[Number(key)] as Json | undefined;
    else found = isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  }
  return found;
}

function tooLarge(task: string, what: string, bytes: number, limit: number): TaskError {
  return new TaskError(
    'Dag.OutputTooLarge',
    `task "${task}" › ${what}: must be at most ${limit} bytes, got ${bytes}; write it with files.write and return its path`,
  );
}

interface BadPart {
  readonly path: string;
  readonly got: string;
  readonly remedy: string;
}

/** The first part that JSON would drop, change or choke on. */
function badPart(value: unknown, path: string, above: readonly object[]): BadPart | undefined {
  if (typeof value === 'object' && value !== null) return badObject(value, path, above);
  const remedy = REMEDIES[typeof value];
  if (remedy !== undefined) return { path, got: `a ${typeof value}`, remedy };
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return { path, got: String(value), remedy: 'return a finite number or null' };
  }
  return undefined;
}

const REMEDIES: Readonly<Record<string, string | undefined>> = {
  function: 'return its result, or nothing',
  symbol: 'return its description',
  bigint: 'return Number(…) where it is safe, or String(…)',
};

function badObject(value: object, path: string, above: readonly object[]): BadPart | undefined {
  if (above.includes(value))
    return { path, got: 'a cycle', remedy: 'return only the fields that are needed' };
  const kind = KINDS.find(([is]) => is(value));
  if (kind !== undefined) return { path, got: kind[1], remedy: kind[2] };
  if ('toJSON' in value && typeof value.toJSON === 'function') return badPart(value.toJSON(), path, above);
  const inside = [...above, value];
  const list = Array.isArray(value);
  for (const [key, each] of Object.entries(value)) {
    const bad = badPart(each, list ? `${path}[${key}]` : `${path}.${key}`, inside);
    if (bad !== undefined) return bad;
  }
  return undefined;
}

/** Objects that JSON silently writes as `{}`, or as a list of bytes. */
const KINDS: readonly (readonly [is: (value: object) => boolean, got: string, remedy: string])[] = [
  [(value) => value instanceof Map, 'a Map', 'return Object.fromEntries(…)'],
  [(value) => value instanceof Set, 'a Set', 'return a list: [...set]'],
  [ArrayBuffer.isView, 'bytes', 'write them with files.write and return the path'],
  [(value) => value instanceof ArrayBuffer, 'bytes', 'write them with files.write and return the path'],
  [(value) => value instanceof Promise, 'a Promise', 'await it'],
];
