/** Reads requests by their schemas; every mistake is told, with its field, its rule and its value. */
import type * as z from 'zod';
import { nearest } from '../base/suggest.ts';
import { type FieldError, ProblemError } from './problem.ts';

/** Most bytes of a body. */
export const MAX_BODY_BYTES = 262_144;
/** Most objects and lists of a body in one another. */
const MAX_DEPTH = 64;

/**
 * @param where `body`, `query`, `path`
 * @throws {ProblemError} `invalid-request`
 */
export function checked<S extends z.ZodType>(schema: S, value: unknown, where: string): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const errors = result.error.issues.flatMap((issue) => errorsOf(issue, value, where, schema));
  const [first] = errors;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const got = first?.value === undefined ? 'nothing' : first.value;
  throw new ProblemError(
    'invalid-request',
    `request › ${first?.field}: ${first?.rule}, got ${got}${more}`,
    errors,
  );
}

function errorsOf(
  issue: z.core.$ZodIssue,
  value: unknown,
  where: string,
  schema: z.ZodType,
): readonly FieldError[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const known = fieldsOf(schema);
    const there = valueAt(value, issue.path);
    return issue.keys.map((key) => {
      const near = path.length === 0 ? nearest(key.slice(0, 100), known) : undefined;
      return {
        field: cutText([where, ...path, key].join('.')),
        rule: `must be a known field${near === undefined ? '' : `, such as ${near}`}`,
        ...shown(valueAt(there, [key])),
      };
    });
  }
  const got = valueAt(value, issue.path);
  return [{ field: cutText([where, ...path].join('.')), rule: ruleOf(issue, got), ...shown(got) }];
}

function ruleOf(issue: z.core.$ZodIssue, got: unknown): string {
  if (got === undefined) return 'must be given';
  switch (issue.code) {
    case 'invalid_type':
      return `must be of type ${issue.expected}`;
    case 'too_big':
      return `must be at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_small':
      return `must be at least ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`;
    default:
      return issue.message;
  }
}

function fieldsOf(schema: z.ZodType): readonly string[] {
  const { shape } = schema as { readonly shape?: object };
  return shape === undefined ? [] : Object.keys(shape);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let at = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = Object.getOwnPropertyDescriptor(at, key)?.value;
  }
  return at;
}

function shown(value: unknown): { readonly value?: string } {
  if (value === undefined) return {};
  // What is long is cut before it is written: a body may hold megabytes.
  const short = typeof value === 'string' ? value.slice(0, 200) : value;
  return { value: cutText(JSON.stringify(short) ?? String(short)) };
}

function cutText(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

/**
 * The query of a URL by name.
 *
 * @throws {ProblemError} `invalid-request` where a field comes twice
 */
export function queryOf(url: URL): Readonly<Record<string, string>> {
  const fields = new Map<string, string>();
  for (const [name, value] of url.searchParams) {
    if (fields.has(name)) {
      const error = { field: cutText(`query.${name}`), rule: 'must be given once', ...shown(value) };
      throw new ProblemError('invalid-request', `request › ${error.field}: must be given once`, [error]);
    }
    fields.set(name, value);
  }
  return Object.fromEntries(fields);
}

/**
 * The JSON of a body, and its text.
 *
 * @throws {ProblemError} `content-type`, `body-too-large`, `malformed-request`
 */
export async function bodyOf(request: Request): Promise<{ readonly text: string; readonly value: unknown }> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    const got = type === '' ? 'nothing' : JSON.stringify(cutText(type));
    throw new ProblemError('content-type', `request › content-type: must be application/json, got ${got}`);
  }
  const text = await textOf(request);
  // An action without fields may be asked for without a body.
  const value = text === '' ? {} : parsed(text);
  if (isDeeper(value, MAX_DEPTH))
    throw malformed(`must be nested at most ${MAX_DEPTH} levels deep, got more`);
  return { text, value };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = cutText(error instanceof Error ? error.message : String(error));
    throw malformed(`must be JSON, got text that is none: ${reason}`, error);
  }
}

/** Level by level: what is written, compared or checked by recursion must not be too deep for that. */
function isDeeper(value: unknown, depth: number): boolean {
  let level: readonly unknown[] = [value];
  for (let at = 0; at <= depth && level.length > 0; at++)
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
  return level.length > 0;
}

/** Stops reading where it becomes too much: what a header says of the length need not be so. */
async function textOf(request: Request): Promise<string> {
  const tooLarge = (got: string) =>
    new ProblemError('body-too-large', `request › body: must be at most ${MAX_BODY_BYTES} bytes, got ${got}`);
  const said = Number(request.headers.get('content-length') ?? 0);
  if (said > MAX_BODY_BYTES) throw tooLarge(String(said));
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw tooLarge('more');
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch (error) {
    throw malformed('must be UTF-8, got other bytes', error);
  }
}

function malformed(what: string, cause?: unknown): ProblemError {
  return new ProblemError('malformed-request', `request › body: ${what}`, [], { cause });
}
