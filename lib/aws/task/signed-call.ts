/**
 * Requests to AWS, signed, without an SDK: what nearly every try needs is a handful of calls, and a client of the SDK costs
 * each cold start 300 KB and 80 ms before its first request.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { isObject, type Json } from '../../base/json.ts';
import { namedError } from '../../runtime/named-error.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export type CalledService = 'dynamodb' | 's3' | 'secretsmanager';

/** Whom requests are signed for, and where they go. */
export interface AwsAccess {
  readonly region: string;
  /** Asked at every request: Lambda may replace them. */
  readonly credentials: () => Credentials;
  /** Where a service answers, of an emulator. @default the region's address of it */
  readonly endpoint?: (service: CalledService) => string | undefined;
}

export interface SignedRequest {
  readonly service: CalledService;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
}

/** What a service answered, read to its end. */
export interface Answer {
  readonly status: number;
  readonly body: Uint8Array;
}

/** Requests, the first included, where a service is busy or the network fails; all of ours may be sent twice. */
const TRIES = 6;
const FIRST_PAUSE_MS = 50;

/**
 * Longest one request may take, milliseconds, but of objects, whose size nobody knows. A connection that was frozen with the
 * function may be dead without knowing.
 */
const REQUEST_MS = 5_000;

/**
 * Sends a request until it is answered; what the service refuses is answered, too.
 *
 * @throws {Error} `DynamoDB.Network`, `S3.Network`, `SecretsManager.Network`
 */
export async function signedCall(access: AwsAccess, request: SignedRequest): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const { answer, failure } = await sent(access, request).then(
      (answer) => ({ answer, failure: undefined }),
      (failure: unknown) => ({ answer: undefined, failure }),
    );
    request.signal.throwIfAborted();
    const isLast = tries === TRIES;
    if (answer !== undefined && (isLast || !isBusy(answer))) return answer;
    if (answer === undefined && isLast) throw unreachable(request, failure);
    const atMostMs = FIRST_PAUSE_MS * 2 ** tries;
    await sleep(Math.random() * atMostMs, undefined, { signal: request.signal });
  }
}

/** The body of an answer as JSON, or what the service says of its refusal as an error. */
export function jsonOf(service: CalledService, { status, body }: Answer): Json {
  const text = textOf(body);
  if (status < 300) return text === '' ? null : (JSON.parse(text) as Json);
  const said = parsed(text);
  const { __type: type, message, Message } = isObject(said) ? said : {};
  const code = typeof type === 'string' ? (type.split('#').at(-1) ?? type) : `${status}`;
  throw refusal(service, code, String(message ?? Message ?? text.slice(0, 300)));
}

export function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

/** What a service refused, as retry rules know it: `S3.AccessDenied`. */
export function refusal(service: CalledService, code: string, message: string): Error {
  return namedError(`${NAMES[service]}.${code}`, message === '' ? code : message);
}

const NAMES = { dynamodb: 'DynamoDB', s3: 'S3', secretsmanager: 'SecretsManager' } as const;

/** Where a service answers. */
export function endpointOf({ region, endpoint }: AwsAccess, service: CalledService): string {
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  return endpoint?.(service) ?? `https://${service}.${region}.${domain}`;
}

async function sent(access: AwsAccess, request: SignedRequest): Promise<Answer> {
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
  const limit = service === 's3' ? [] : [AbortSignal.timeout(REQUEST_MS)];
  const signal = AbortSignal.any([request.signal, ...limit]);
  const answer = await fetch(url, { ...init, headers: signed.headers, signal });
  return { status: answer.status, body: new Uint8Array(await answer.arrayBuffer()) };
}

/** Errors of requests that were not served for now, with status 400. */
const BUSY = /ThrottlingException|ProvisionedThroughputExceeded|RequestLimitExceeded|TransactionInProgress/;

function isBusy({ status, body }: Answer): boolean {
  if (status >= 500 || status === 429) return true;
  return status === 400 && BUSY.test(textOf(body));
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
