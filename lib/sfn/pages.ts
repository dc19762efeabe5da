/** Lists in pages. */
import type { JsonObject } from '../base/json.ts';
import { invalidToken } from './errors.ts';
import { count, optionalText } from './request.ts';

/** @see https://docs.aws.amazon.com/step-functions/latest/apireference/API_ListExecutions.html */
const DEFAULT_RESULTS = 100;
const MAX_RESULTS = 1_000;

/** What is asked of a list: how many, and after which item. */
interface Page {
  readonly size: number;
  /** The key of the last item given; `undefined` for the first page. */
  readonly after: string | undefined;
}

/**
 * One page of `items`, each known by a key that stays what it is while items come and go. `list` names the
 * list, so that a token of another one is refused.
 *
 * @throws {SfnError} `InvalidToken`, `ValidationException`
 */
export function page<T>(
  input: JsonObject,
  list: string,
  items: readonly T[],
  keyOf: (item: T) => string,
): { readonly items: readonly T[]; readonly nextToken: string | undefined } {
  const { size, after } = asked(input, list);
  const at = after === undefined ? -1 : items.findIndex((item) => keyOf(item) === after);
  if (after !== undefined && at < 0) throw invalidToken();
  const found = items.slice(at + 1, at + 1 + size);
  const last = found.at(-1);
  const isMore = at + 1 + size < items.length;
  return { items: found, nextToken: isMore && last !== undefined ? token(list, keyOf(last)) : undefined };
}

function asked(input: JsonObject, list: string): Page {
  const size = count(input, 'maxResults', MAX_RESULTS) || DEFAULT_RESULTS;
  const given = optionalText(input, 'nextToken', { min: 1, max: 3_096 });
  if (given === undefined) return { size, after: undefined };
  const [ofList, after] = Buffer.from(given, 'base64url').toString().split('\n');
  if (ofList !== list || after === undefined) throw invalidToken();
  return { size, after };
}

function token(list: string, key: string): string {
  return Buffer.from(`${list}\n${key}`).toString('base64url');
}
