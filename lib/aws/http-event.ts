/**
 * Requests as Lambda is given them (payload 2.0: Function URLs and HTTP APIs), and responses as it takes them.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import * as z from 'zod';
import { ProblemError, problemOf, problemResponse } from '../api/problem.ts';
import { lazy, type OutputOf } from '../api/schemas/lazy.ts';
import { checkedEvent } from './checked-event.ts';

const textsByName = () => z.record(z.string(), z.string());

const httpEvent = lazy(() =>
  z.object({
    version: z.literal('2.0'),
    rawPath: z.string().startsWith('/'),
    rawQueryString: z.string(),
    /** In small letters; several of one name are one text, with commas. */
    headers: textsByName(),
    cookies: z.array(z.string()).optional(),
    requestContext: z.object({
      domainName: z.string(),
      /** `$default` is not part of the path; another one is its beginning. */
      stage: z.string().optional(),
      http: z.object({ method: z.string() }),
      authorizer: z
        .object({
          iam: z.object({ userArn: z.string().nullish() }).nullish(),
          jwt: z.object({ claims: z.record(z.string(), z.unknown()) }).nullish(),
        })
        .nullish(),
    }),
    body: z.string().nullish(),
    isBase64Encoded: z.boolean().optional(),
  }),
);

export type HttpEvent = OutputOf<typeof httpEvent>;

export interface HttpResult {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
  readonly cookies?: readonly string[];
}

/** Whom a request says it is of: here only what was checked says so. */
const ACTOR = 'x-tutti-actor';
/** Most bytes of what a function answers, its JSON around it included. @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MAX_RESULT_BYTES = 6 * 1024 * 1024;
/** For status, headers and names of fields. */
const AROUND_BYTES = 16_384;

/**
 * Answers one event by a function of requests.
 *
 * @throws {RefusedError} `invalid-event` where it is none of payload 2.0
 */
export async function answerEvent(
  event: unknown,
  answer: (request: Request) => Promise<Response>,
): Promise<HttpResult> {
  const request = requestOf(eventOf(event));
  const response = await answer(request);
  const result = await resultOf(response);
  return bytesOf(result) <= MAX_RESULT_BYTES - AROUND_BYTES ? result : resultOf(tooLarge(request, result));
}

/** @throws {RefusedError} `invalid-event`, naming what is wrong with it */
function eventOf(event: unknown): HttpEvent {
  return checkedEvent(
    { name: 'api', remedy: 'call the function by its URL, which sends payload 2.0' },
    httpEvent(),
    event,
  );
}

/** Whoever asks is told by the caller's credentials, whatever the request says of itself. */
export function requestOf(event: HttpEvent): Request {
  const { headers, cookies, body, isBase64Encoded, rawQueryString, requestContext } = event;
  const { method } = requestContext.http;
  const given = new Headers(headers);
  if (cookies !== undefined && cookies.length > 0) given.set('cookie', cookies.join('; '));
  given.delete(ACTOR);
  const actor = actorOf(event);
  if (actor !== undefined) given.set(ACTOR, actor);
  const query = rawQueryString === '' ? '' : `?${rawQueryString}`;
  const hasBody = typeof body === 'string' && method !== 'GET' && method !== 'HEAD';
  const content = isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? '');
  return new Request(`https://${requestContext.domainName}${pathOf(event)}${query}`, {
    method,
    headers: given,
    ...(hasBody ? { body: content } : {}),
  });
}

/** HTTP APIs give paths decoded, Function URLs as they were sent: what is an escape already stays one. */
function pathOf({ rawPath, requestContext: { stage = '$default' } }: HttpEvent): string {
  const inner = rawPath.startsWith(`/${stage}/`) ? rawPath.slice(stage.length + 1) : rawPath;
  return inner.replace(/[^\w\-.~!$&'()*+,;=:@/%]+|%(?![0-9A-Fa-f]{2})/g, (text) =>
    encodeURIComponent(text.toWellFormed()),
  );
}

/**
 * The principal whose signature or token was checked: `user/ann`, `assumed-role/Operator/ann@example.com`, of a token its
 * e-mail or subject. `undefined`: nobody was.
 */
function actorOf({ requestContext: { authorizer } }: HttpEvent): string | undefined {
  const arn = authorizer?.iam?.userArn ?? undefined;
  const claims = authorizer?.jwt?.claims;
  const name = arn === undefined ? (claims?.['email'] ?? claims?.['sub']) : arn.split(':').slice(5).join(':');
  if (typeof name !== 'string' || name === '') return undefined;
  return name.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
}

const TEXT = /^(?:text\/|application\/(?:[\w.+-]+\+)?json\b)/;

async function resultOf(response: Response): Promise<HttpResult> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const isText = bytes.length === 0 || TEXT.test(response.headers.get('content-type') ?? '');
  const cookies = response.headers.getSetCookie();
  const headers = [...response.headers].filter(([name]) => name !== 'set-cookie');
  return {
    statusCode: response.status,
    headers: Object.fromEntries(headers),
    body: bytes.toString(isText ? 'utf8' : 'base64'),
    isBase64Encoded: !isText,
    ...(cookies.length === 0 ? {} : { cookies }),
  };
}

/** As JSON, which is how it leaves the function. */
function bytesOf({ body }: HttpResult): number {
  return body.length * 6 <= MAX_RESULT_BYTES - AROUND_BYTES
    ? body.length
    : Buffer.byteLength(JSON.stringify(body));
}

function tooLarge(request: Request, result: HttpResult): Response {
  const error = new ProblemError(
    'reply-too-large',
    `request › reply: must be at most ${MAX_RESULT_BYTES} bytes, got ${bytesOf(result)}; ask for a part of it with limit`,
  );
  return problemResponse(problemOf(error, new URL(request.url).pathname));
}
