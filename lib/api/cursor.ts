/** Cursors are opaque to clients: what they hold may change with every version. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { ProblemError } from './problem.ts';

/** `of` names the list, so that a cursor of another one is refused. */
export function cursorOf(of: string, value: Json): string {
  return Buffer.from(JSON.stringify({ of, at: value })).toString('base64url');
}

/** @throws {ProblemError} `invalid-cursor` */
function read(of: string, cursor: string): Json {
  const got = parsed(cursor);
  if (got?.['of'] === of && got['at'] !== undefined) return got['at'];
  throw new ProblemError(
    'invalid-cursor',
    `request › cursor: must be one that this list gave, got ${JSON.stringify(cursor.slice(0, 80))}; begin without one`,
  );
}

function parsed(cursor: string): JsonObject | undefined {
  try {
    const value = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown;
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Where a list that is read as a whole goes on; 0 without a cursor.
 *
 * @throws {ProblemError} `invalid-cursor`
 */
export function indexOf(of: string, cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const at = read(of, cursor);
  return typeof at === 'number' && Number.isSafeInteger(at) && at >= 0 ? at : Number(read('', cursor));
}

/**
 * The text a cursor holds: a store's own cursor, or an id.
 *
 * @throws {ProblemError} `invalid-cursor`
 */
export function textOfCursor(of: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const at = read(of, cursor);
  return typeof at === 'string' ? at : String(read('', cursor));
}
