/** What pages of all stores have in common: their limits, and cursors that say after which item a page begins. */
import { compareTexts } from '../base/compare.ts';
import { RefusedError } from '../base/errors.ts';
import type { Page } from './store.ts';

const MAX_LIMIT = 1_000;
const DEFAULT_LIMIT = 100;

/** How many items a page may have. @throws {RefusedError} `invalid-limit` */
export function limitOf(limit = DEFAULT_LIMIT, max = MAX_LIMIT): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= max) return limit;
  throw new RefusedError(
    'invalid-limit',
    `list › limit: must be a whole number from 1 to ${max}, got ${limit}`,
  );
}

/** Reads the part of a list that a cursor begins; without one, its first. */
type ReadPage<T> = (part: { readonly cursor?: string }) => Promise<Page<T>>;

/** Pages of a list to its end, each read when it is asked for. */
export async function* pagesOf<T>(read: ReadPage<T>): AsyncGenerator<readonly T[]> {
  let page = await read({});
  yield page.items;
  while (page.cursor !== undefined) {
    page = await read({ cursor: page.cursor });
    yield page.items;
  }
}

/** A whole list. */
export async function allOf<T>(read: ReadPage<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const items of pagesOf(read)) found.push(...items);
  return found;
}

/** By what items of a list are ordered; never the same for two of them. */
export type SortKey = readonly (string | number)[];

/** Order of sort keys of one list, part by part: for `sort`. */
export function compareKeys(a: SortKey, b: SortKey): number {
  const at = a.findIndex((part, index) => part !== b[index]);
  return at === -1 ? 0 : compareTexts(String(a[at]), String(b[at]));
}

/** Text for the place after an item; `list` names list and order, for a cursor of one means nothing in another. */
export function cursorAfter(list: string, key: SortKey): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString('base64url');
}

/**
 * The key that {@link cursorAfter} was given, of as many parts as `like`, and of their types.
 *
 * @throws {RefusedError} `invalid-cursor` where it is of another list, or of none
 */
export function keyOfCursor<K extends SortKey | []>(list: string, cursor: string, like: K): K {
  const [of, ...key] = parsed(cursor);
  const fits = key.length === like.length && like.every((part, index) => typeof key[index] === typeof part);
  if (of !== list || !fits) throw refusal(cursor);
  return key as unknown as K;
}

/** A page of what was found by asking for one item more than `limit`. */
export function pageOf<T>(found: readonly T[], limit: number, cursorOf: (item: T) => string): Page<T> {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return last === undefined ? { items } : { items, cursor: cursorOf(last) };
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(value)) return value;
  } catch (cause) {
    throw refusal(cursor, cause);
  }
  throw refusal(cursor);
}

function refusal(cursor: string, cause?: unknown): RefusedError {
  const got = cursor.length > 40 ? `${cursor.slice(0, 40)}…` : cursor;
  const text = `list › cursor: must be one that this list gave, got "${got}"; leave it out to begin anew`;
  return new RefusedError('invalid-cursor', text, { cause });
}
