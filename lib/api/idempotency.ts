/** Answers of writes that are given once: the same key and request get the same answer. */
import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../base/json.ts';
import type { World } from '../orchestrator/ports.ts';
import { ProblemError } from './problem.ts';

/** How long an answer is kept. */
const KEPT_MS = 86_400_000;
/** How long a request may take; one that died holds its key no longer. */
const RUNNING_MS = 60_000;

export interface Answer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

export interface KeyedRequest {
  readonly key: string;
  /** Who, and what is asked for: another one may use the same key. */
  readonly scope: string;
  /** What makes two requests the same: path, query, body. */
  readonly content: string;
}

/**
 * What `work` answers, or what it answered to the same request before; `replayed` tells which.
 *
 * @throws {ProblemError} `idempotency-key-reused` where the request is another one, `idempotency-key-in-use` where
 * the first is not yet answered
 */
export async function answeredOnce(
  { store, clock }: World,
  { key, scope, content }: KeyedRequest,
  work: () => Promise<Answer>,
): Promise<Answer & { readonly replayed: boolean }> {
  const name = `api:${digest(`${scope}\n${key}`)}`;
  const request = digest(content);
  const now = clock.now();
  const before = await store.leases.once(name, { request, state: 'running' }, now + RUNNING_MS, now);
  if (before !== undefined) return { ...replayOf(isObject(before) ? before : {}, request), replayed: true };
  try {
    const { status, body } = await work();
    await store.leases.settle(name, { request, state: 'done', status, body }, clock.now() + KEPT_MS);
    return { status, body, replayed: false };
  } catch (error) {
    // Nothing was answered: the same key may be tried again.
    await store.leases.settle(name, { request, state: 'failed' }, now);
    throw error;
  }
}

function replayOf(before: JsonObject, request: string): Answer {
  if (before['request'] !== request)
    throw new ProblemError(
      'idempotency-key-reused',
      'request › idempotency-key: must be new for another request, got one that was used; make a key for each request',
    );
  const { status, body } = before;
  if (typeof status === 'number' && typeof body === 'string') return { status, body };
  throw new ProblemError(
    'idempotency-key-in-use',
    'request › idempotency-key: must not be in use, got that of a request which is not yet answered; ask again in a moment',
  );
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
