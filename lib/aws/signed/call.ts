/**
 * Requests to AWS, signed, without an SDK: what nearly every try needs is a handful of calls, and a client of the SDK costs
 * each cold start 300 KB and 80 ms before its first request.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { isObject, type Json } from '../../base/json.ts';
import { domainOf } from '../../deployment/names.ts';
import { namedError } from '../../runtime/named-error.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type CalledService = 'athena' | 'dynamodb' | 'events' | 'lambda' | 's3' | 'secretsmanager' | 'states';

/** Whom requests are signed for, and where they go. */
export interface AwsAccess {
  readonly region: string;
  /** Asked at every request: Lambda may replace them. */
  readonly credentials: () => Credentials;
  /** Where a service answers, of an emulator. @default the region's address of it */
  readonly endpoint?: (service: CalledService) => string | undefined;
  /** Requests, the first included, where a service is busy or the network fails. @default 6 */
  readonly tries?: number;
  /** Of whoever waits for the answer: nothing is asked again that it would not live to see. @default they have time */
  readonly remainingMs?: () => number;
}

export interface SignedRequest {
  readonly service: CalledService;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal?: AbortSignal | undefined;
  /** Not sent again where the service perhaps has taken it. @default false */
  readonly once?: boolean;
}

/** What a service answered, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Requests of ours may be sent twice, but those that say otherwise. */
const TRIES = 6;
const FIRST_PAUSE_MS = 50;
const MOST_PAUSE_MS = 20_000;
/** Left of the time when the last answer is taken: what is wrong is told in it. */
const SPARE_MS = 2_000;

/**
 * Longest one request may take, milliseconds, but of objects, whose size nobody knows, and of functions. A connection that
 * was frozen with the function may be dead without knowing.
 */
const REQUEST_MS: Readonly<Partial<Record<CalledService, number>>> = {
  athena: 10_000,
  dynamodb: 5_000,
  events: 5_000,
  secretsmanager: 5_000,
  // A page of a history may be megabytes.
  states: 15_000,
};

/**
 * Sends a request until it is answered; what the service refuses is answered, too.
 *
 * @throws {Error} `DynamoDB.Network`, `S3.Network` …
 */
export function signedCall(access: AwsAccess, request: SignedRequest): Promise<Answer> {
  return answered(access, request, async () => {
    const response = await sent(access, request);
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, body };
  });
}

/** The same, its body not yet read where it is there: it may be larger than memory. */
export async function signedStream(
  access: AwsAccess,
  request: SignedRequest,
): Promise<Answer | (Omit<Answer, 'body'> & { readonly stream: ReadableStream })> {
  return answered(access, request, async () => {
    const response = await sent(access, request);
    const { status, headers, body: stream } = response;
    if (response.ok && stream !== null) return { status, headers, stream };
    return { status, headers, body: new Uint8Array(await response.arrayBuffer()) };
  });
}

async function answered<A extends { readonly status: number }>(
  { tries: most = TRIES, remainingMs = () => Infinity }: AwsAccess,
  request: SignedRequest,
  send: () => Promise<A>,
): Promise<A> {
  for (let tries = 1; ; tries++) {
    const { answer, failure } = await send().then(
      (answer) => ({ answer, failure: undefined }),
      (failure: unknown) => ({ answer: undefined, failure }),
    );
    request.signal?.throwIfAborted();
    const isLast = tries >= most;
    const atMostMs = Math.min(FIRST_PAUSE_MS * 2 ** tries, MOST_PAUSE_MS);
    const isOver = isLast || remainingMs() < atMostMs + SPARE_MS;
    if (answer !== undefined && (isOver || !isBusy(answer, request))) return answer;
    if (answer === undefined && (isOver || request.once === true)) throw unreachable(request, failure);
    await sleep(Math.random() * atMostMs, undefined, { signal: request.signal });
  }
}

/** The body of an answer as JSON, or what the service says of its refusal as an error. */
export function jsonOf(service: CalledService, { status, headers, body }: Answer): Json {
  const text = textOf(body);
  if (status < 300) return text === '' ? null : (JSON.parse(text) as Json);
  const said = parsed(text);
  const { __type: type, message, Message } = isObject(said) ? said : {};
  // In a header where the service speaks REST, as Lambda does: `TooManyRequestsException:http://…`.
  const named = typeof type === 'string' ? type : headers.get('x-amzn-errortype');
  const code = named?.split('#').at(-1)?.split(':', 1)[0] ?? `${status}`;
  throw refusal(service, code, String(message ?? Message ?? text.slice(0, 300)));
}

export function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

/** What a service refused, as retry rules know it: `S3.AccessDenied`. */
export function refusal(service: CalledService, code: string, message: string): Error {
  return namedError(`${NAMES[service]}.${code}`, message === '' ? code : message);
}

const NAMES = {
  athena: 'Athena',
  dynamodb: 'DynamoDB',
  events: 'EventBridge',
  lambda: 'Lambda',
  s3: 'S3',
  secretsmanager: 'SecretsManager',
  states: 'StepFunctions',
} as const;

/** Where a service answers. */
export function endpointOf({ region, endpoint }: AwsAccess, service: CalledService): string {
  return endpoint?.(service) ?? `https://${service}.${region}.${domainOf(region)}`;
}

async function sent(access: AwsAccess, request: SignedRequest): Promise<Response> {
  const { service, method, url, body, headers = {} } = request;
  const init = { method, headers: { ...headers }, ...(body === undefined ? {} : { body }) };
  const signer = new AwsV4Signer({
    ...init,
    ...access.credentials(),
    url: url.href,
    service,
    region: access.region,
  });
  const signed = await signer.sign();
  const limitMs = REQUEST_MS[service];
  const limits = limitMs === undefined ? [] : [AbortSignal.timeout(limitMs)];
  const signals = request.signal === undefined ? limits : [request.signal, ...limits];
  return fetch(url, { ...init, headers: signed.headers, signal: AbortSignal.any(signals) });
}

/**
 * Errors of requests that were not served for now, with status 400, as JSON services and S3 name them.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const BUSY =
  /(?:"__type"\s*:\s*"[^"]*|<Code>)(?:Throttl|ProvisionedThroughputExceeded|RequestLimitExceeded|TransactionInProgress|TooManyRequests|RequestThrottled|RequestTimeout|SlowDown|PriorRequestNotComplete)/;

function isBusy(
  { status, body }: { readonly status: number; readonly body?: Uint8Array },
  { once = false }: SignedRequest,
): boolean {
  // What a service that is not well has done of it is not known.
  if (status === 429 || status >= 500) return status === 429 || !once;
  return status === 400 && body !== undefined && BUSY.test(textOf(body));
}

function unreachable({ service, method, url }: SignedRequest, cause: unknown): Error {
  const why =
    cause instanceof Error ? [cause, cause.cause].map(messageOf).filter(Boolean).join(', ') : String(cause);
  return namedError(`${NAMES[service]}.Network`, `${method} ${url.origin}: ${why}`, { cause });
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
