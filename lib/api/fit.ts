/** Replies stay below a megabyte: what is longer is paged or cut. */
import { isObject, type Json } from '../base/json.ts';
import { cursorOf } from './cursor.ts';

/** Most bytes of any reply. */
export const MAX_REPLY_BYTES = 1_000_000;
/** For the items of one page: the rest is for what stands beside them. */
export const PAGE_BYTES = 800_000;
/** For what a write did: it is kept, to be given again for the same key. */
export const KEPT_BYTES = 40_000;

/** What of a list fits, and the cursor of the rest. Always at least one item. */
export function pageOf<T>(
  of: string,
  items: readonly T[],
  {
    from,
    limit,
    bytes = PAGE_BYTES,
  }: { readonly from: number; readonly limit: number; readonly bytes?: number },
): { readonly items: readonly T[]; readonly cursor?: string } {
  let end = from;
  let left = bytes;
  while (end < items.length && end - from < limit) {
    left -= bytesOf(items[end]) + 1;
    if (left < 0 && end > from) break;
    end += 1;
  }
  const page = items.slice(from, end);
  return end < items.length ? { items: page, cursor: cursorOf(of, end) } : { items: page };
}

export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}

/** What of a text is at most `max` bytes of JSON; `…` tells that it was cut. */
export function cut(text: string, max: number): string {
  // The longest character is six bytes: a control character, written as an escape.
  if (text.length * 6 + 2 <= max) return text;
  if (text.length <= max * 2 && bytesOf(text) <= max) return text;
  let short = text.slice(0, max);
  for (let bytes = bytesOf(short) + 4; bytes > max; bytes = bytesOf(short) + 4)
    short = short.slice(0, Math.min(short.length - 1, Math.floor((short.length * max) / bytes)));
  return `${short.toWellFormed().replace(/\uFFFD$/, '')}…`;
}

export function cutIf(text: string | undefined, max: number): string | undefined {
  return text === undefined ? undefined : cut(text, max);
}

/**
 * The last resort for what no page divides: shorter texts and lists, down to what fits. `cut` tells it.
 */
export function shrunk(value: Json, max: number): Json {
  for (const keep of [2_000, 400, 100, 20, 4]) {
    const smaller = shorter(value, keep);
    const told = isObject(smaller) ? { ...smaller, cut: true } : smaller;
    if (bytesOf(told) <= max) return told;
  }
  return { cut: true };
}

function shorter(value: Json, keep: number): Json {
  if (typeof value === 'string') return cut(value, Math.max(keep, 40));
  if (Array.isArray(value)) return value.slice(0, keep).map((item: Json) => shorter(item, keep));
  if (!isObject(value)) return value;
  const fields = Object.entries(value).slice(0, Math.max(keep, 60));
  return Object.fromEntries(
    fields.map(([name, field]) => [name, field === undefined ? undefined : shorter(field, keep)]),
  );
}
