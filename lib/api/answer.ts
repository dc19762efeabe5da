/** From a request to a response: what is asked is checked, what is answered is bounded and has an ETag. */

import type { Json } from '../base/json.ts';
import type { Actor } from '../orchestrator/ports.ts';
import { MAX_REPLY_BYTES, shrunk } from './fit.ts';
import { type Answer, answeredOnce, digest } from './idempotency.ts';
import type { Reply } from './memo.ts';
import { ProblemError, problemOf, problemResponse } from './problem.ts';
import type { Api, Call, Route } from './route.ts';
import { bodyOf, checked, queryOf } from './validate.ts';

const HEADERS = {
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
} as const;

/** Never rejects. */
export async function respond(
  api: Api,
  route: Route,
  request: Request,
  raw: Readonly<Record<string, string>>,
): Promise<Response> {
  const url = new URL(request.url);
  try {
    return route.method === 'GET'
      ? await respondToRead(api, route, { request, url, raw })
      : await respondToWrite(api, route, { request, url, raw });
  } catch (error) {
    const problem = problemOf(error, url.pathname);
    if (problem.status >= 500 && !(error instanceof ProblemError)) api.options.onError?.(error, request);
    return problemResponse(problem);
  }
}

interface Asked {
  readonly request: Request;
  readonly url: URL;
  readonly raw: Readonly<Record<string, string>>;
}

async function respondToRead(api: Api, route: Route, asked: Asked): Promise<Response> {
  const call = callOf(api, route, asked, undefined);
  if (route.memo) {
    const key = `${asked.url.pathname}${asked.url.search}`;
    return sent(await api.memo.of(key, async () => replyOf(await route.answer(call))), route, asked);
  }
  const reply = await route.answer(call);
  return reply instanceof Response ? reply : sent(replyOf(reply), route, asked);
}

function replyOf(reply: unknown): Reply {
  const body = textOf(reply);
  return { body, etag: `"${digest(body).slice(0, 22)}"` };
}

function sent({ body, etag }: Reply, route: Route, { request }: Asked): Response {
  const headers = {
    etag,
    'cache-control': route.immutable ? 'private, max-age=31536000, immutable' : 'private, no-cache',
  };
  if (matches(request.headers.get('if-none-match'), etag))
    return new Response(null, { status: 304, headers });
  return new Response(body, { status: route.status, headers: { ...HEADERS, ...headers } });
}

async function respondToWrite(api: Api, route: Route, asked: Asked): Promise<Response> {
  const { request, url } = asked;
  if (api.options.readOnly === true)
    throw new ProblemError('read-only', 'request › method: must be GET, for this server only reads');
  const key = keyOf(request);
  const { text, value } = await bodyOf(request);
  const call = { ...callOf(api, route, asked, value), key };
  const work = () => answerOf(route, call, url);
  // A dry run changes nothing: it may be asked for again.
  const isDry = (call.query as { readonly dryRun?: boolean }).dryRun === true;
  const keyed = key === undefined || isDry ? undefined : key;
  const answer =
    keyed === undefined
      ? await work()
      : await answeredOnce(
          api.world,
          {
            key: keyed,
            scope: call.actor.name,
            content: `${url.pathname}${url.search}\n${text}`,
          },
          work,
        );
  return responseOf(answer);
}

/** A refusal is an answer, too: it is kept for its key. A failure is none. */
async function answerOf(route: Route, call: Call, url: URL): Promise<Answer> {
  try {
    return { status: route.status, body: textOf(await route.answer(call)) };
  } catch (error) {
    const problem = problemOf(error, url.pathname);
    if (problem.status >= 500) throw error;
    return { status: problem.status, body: JSON.stringify(problem) };
  }
}

function responseOf({ status, body, replayed }: Answer & { readonly replayed?: boolean }): Response {
  return new Response(body, {
    status,
    headers: {
      ...HEADERS,
      ...(status >= 400 ? { 'content-type': 'application/problem+json' } : {}),
      'cache-control': 'no-store',
      ...(replayed === true ? { 'idempotency-replayed': 'true' } : {}),
    },
  });
}

function callOf(api: Api, route: Route, { request, url, raw }: Asked, body: unknown): Call {
  return {
    api,
    params: checked(route.params(), paramsOf(route, raw), 'path'),
    query: checked(route.query(), queryOf(url), 'query'),
    body: route.body === undefined ? undefined : checked(route.body(), body, 'body'),
    actor: actorOf(api, request),
    request,
  };
}

/** Of `…:pause` what stands before the action. */
function paramsOf({ path }: Route, raw: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [, name, action] = /\{(\w+)\}(:[\w-]+)$/.exec(path) ?? [];
  if (name === undefined || action === undefined) return raw;
  return { ...raw, [name]: (raw[name] ?? '').slice(0, -action.length) };
}

const ACTOR = /^[\x20-\x7e]{1,100}$/;

function actorOf({ options }: Api, request: Request): Actor {
  const { actor = 'api', via = 'api' } = options;
  const name = request.headers.get('x-tutti-actor') ?? actor;
  if (ACTOR.test(name)) return { name, via };
  throw headerError('x-tutti-actor', 'must be 1 to 100 characters of ASCII', name);
}

function keyOf(request: Request): string | undefined {
  const key = request.headers.get('idempotency-key');
  if (key === null || /^[\x21-\x7e]{1,200}$/.test(key)) return key ?? undefined;
  throw headerError('idempotency-key', 'must be 1 to 200 characters of ASCII without spaces', key);
}

function headerError(name: string, rule: string, got: string): ProblemError {
  const value = JSON.stringify(got.slice(0, 100));
  return new ProblemError('invalid-request', `request › ${name}: ${rule}, got ${value}`, [
    { field: `header.${name}`, rule, value },
  ]);
}

function textOf(reply: unknown): string {
  const text = JSON.stringify(reply);
  if (text.length * 3 < MAX_REPLY_BYTES || Buffer.byteLength(text) < MAX_REPLY_BYTES) return text;
  return JSON.stringify(shrunk(JSON.parse(text) as Json, MAX_REPLY_BYTES - 1));
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match */
function matches(given: string | null, etag: string): boolean {
  if (given === null) return false;
  return given.split(',').some((each) => ['*', etag].includes(each.trim().replace(/^W\//, '')));
}
