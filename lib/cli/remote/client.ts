/** The API of an environment, as the command line asks it. */
import { randomUUID } from 'node:crypto';
import type { SignedFetch } from '../../aws/signed-fetch.ts';
import type { Clock } from '../../base/clock.ts';
import { serviceOf, type Urls } from './place.ts';
import { refusalOf } from './refusal.ts';

/** Fields that have no value are left out; several values are one text, with commas. */
export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Connection {
  readonly environment: string;
  readonly urls: Urls;
  readonly send: SignedFetch;
  readonly clock: Clock;
}

const BASE = '/api/v1';
/** Waits before another try, in milliseconds. */
const RETRY_MS = [200, 600, 1_800];
/** What may be otherwise in a moment: throttled, or a function that is just being replaced. */
const PASSING: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** Asks; what is read again and has not changed is not sent again. */
export class ApiClient {
  readonly #connection: Connection;
  /** By path and query. */
  readonly #known = new Map<string, { readonly etag: string; readonly value: unknown }>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * What a route answers. Its shape is the route's schema, which a test of the API holds.
   *
   * @throws {RefusedError} as the API does, and those of {@link refusalOf}
   */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    const target = `${path}${queryText(query)}`;
    const known = this.#known.get(target);
    const headers: Readonly<Record<string, string>> =
      known === undefined ? {} : { 'if-none-match': known.etag };
    const response = await this.#ask({ url: this.#connection.urls.readUrl, target, headers, reads: true });
    if (response.status === 304 && known !== undefined) return known.value as T;
    const value: unknown = await response.json();
    const etag = response.headers.get('etag');
    if (etag !== null) this.#known.set(target, { etag, value });
    return value as T;
  }

  /** Every item of a list, or the first `most`, and the cursor of what follows. */
  async pages<T>(
    path: string,
    query: Query,
    most = Number.POSITIVE_INFINITY,
  ): Promise<{ readonly items: readonly T[]; readonly cursor?: string }> {
    const items: T[] = [];
    let cursor = query['cursor'];
    do {
      const limit = Math.min(PAGE, most - items.length);
      const page = await this.get<{ readonly items: readonly T[]; readonly cursor?: string }>(path, {
        ...query,
        limit,
        cursor,
      });
      items.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined && items.length < most);
    return typeof cursor === 'string' ? { items, cursor } : { items };
  }

  /** One change. Its key lets it be asked for again where the answer was lost. @throws {RefusedError} as {@link get} */
  async post<T>(path: string, body: unknown, query: Query = {}): Promise<T> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const response = await this.#ask({
      url: this.#connection.urls.writeUrl,
      target: `${path}${queryText(query)}`,
      headers,
      reads: false,
      body: JSON.stringify(body),
    });
    return (await response.json()) as T;
  }

  async #ask({ url, target, reads, ...rest }: Asked): Promise<Response> {
    const { send, clock, environment } = this.#connection;
    for (const waitMs of [...RETRY_MS, undefined]) {
      const method = reads ? 'GET' : 'POST';
      const response = await send({
        ...rest,
        method,
        url: `${url}${BASE}${target}`,
        service: serviceOf(url),
      });
      if (response.ok || response.status === 304) return response;
      const text = await response.text();
      if (waitMs === undefined || !PASSING.has(response.status)) {
        const what = `lambda:InvokeFunctionUrl of tutti-${environment}-${reads ? 'api-read' : 'api-write'}`;
        throw refusalOf(response, text, { environment, reads, what });
      }
      await clock.until(clock.now() + waitMs);
    }
    throw new Error('unreachable: the last try is answered or refused');
  }
}

/** Items of one reply. */
const PAGE = 500;

interface Asked {
  readonly url: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly reads: boolean;
  readonly body?: string;
}

function queryText(query: Query): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query))
    if (value !== undefined && value !== false) given.set(name, value === true ? '1' : String(value));
  return given.size === 0 ? '' : `?${given}`;
}

/** `/dags/a/runs/b%7E1`: each part as it may stand in a path. */
export function pathTo(...parts: readonly string[]): string {
  return parts.map((part) => `/${encodeURIComponent(part)}`).join('');
}
