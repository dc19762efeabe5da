import type { HttpAnswer, HttpClient, HttpMethod, HttpOptions } from '../model/context.ts';
import type { HttpConnectionConfig } from '../model/environment.ts';
import { HttpError } from '../model/task-errors.ts';
import { isNamed, namedError } from './named-error.ts';

export interface HttpTarget {
  readonly config: HttpConnectionConfig;
  /** The bearer token, where the connection names a secret. */
  readonly token?: string | (() => Promise<string>);
  readonly signal: AbortSignal;
}

/** One request: `body` is sent as it is where it is text or bytes, else as JSON. */
export type HttpRequest = HttpOptions & { readonly body?: unknown };

/** What clients have for each method, over what sends one and gives the body of its answer. */
export function verbs(
  call: <T>(method: HttpMethod, path: string, request?: HttpRequest) => Promise<T>,
): Omit<HttpClient, 'request'> {
  return {
    get: (path, options) => call('GET', path, options),
    post: (path, body, options) => call('POST', path, { ...options, body }),
    put: (path, body, options) => call('PUT', path, { ...options, body }),
    patch: (path, body, options) => call('PATCH', path, { ...options, body }),
    delete: (path, options) => call('DELETE', path, options),
  };
}

/** A client of one connection. */
export function httpClient(target: HttpTarget): HttpClient {
  const call = async <T>(method: HttpMethod, path: string, request: HttpRequest = {}): Promise<T> => {
    const answer = await send<T>(target, { ...request, method, path });
    if (answer.status >= 400) throw refused(target, { method, path, ...request }, answer);
    return answer.body;
  };
  return {
    ...verbs(call),
    request: (method, path, options) => send(target, { ...options, method, path }),
  };
}

export type Sent = HttpRequest & { readonly method: HttpMethod; readonly path: string };

/** Sends one request; gives the answer whatever its status. @throws {Error} `Http.Network`, `Http.BadBody` */
async function send<T>(target: HttpTarget, request: Sent): Promise<HttpAnswer<T>> {
  const url = urlOf(target.config, request);
  const { body, type } = contentOf(request.body);
  const headers = new Headers(target.config.headers);
  if (type !== undefined) headers.set('content-type', type);
  const { token } = target;
  if (token !== undefined)
    headers.set('authorization', `Bearer ${typeof token === 'string' ? token : await token()}`);
  for (const [name, value] of Object.entries(request.headers ?? {})) headers.set(name, value);
  try {
    const response = await fetch(url, {
      method: request.method,
      headers,
      body: body ?? null,
      signal: target.signal,
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers),
      body: parsed(text, response, `${request.method} ${url}`),
    };
  } catch (error) {
    if (target.signal.aborted) throw target.signal.reason;
    if (isNamed(error, 'Http.BadBody')) throw error;
    throw namedError('Http.Network', `${request.method} ${url}: ${networkText(error)}`, { cause: error });
  }
}

/** @throws {Error} `Http.BadPath` for a path that leads to another host: the connection's secret would go there */
function urlOf({ baseUrl }: HttpConnectionConfig, { path, query = {} }: Sent): URL {
  const base = new URL(baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  const url = new URL(path.replace(/^\/+/, ''), base);
  if (url.origin !== base.origin) {
    throw namedError('Http.BadPath', `http › path: must be relative to ${base.origin}, got "${path}"`);
  }
  for (const [name, value] of Object.entries(query)) {
    const values = Array.isArray(value) ? value : [value];
    for (const each of values) if (each !== undefined) url.searchParams.append(name, String(each));
  }
  return url;
}

function contentOf(body: unknown): {
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly type?: string;
} {
  if (body === undefined) return {};
  if (typeof body === 'string') return { body, type: 'text/plain; charset=utf-8' };
  if (body instanceof Uint8Array) return { body: new Uint8Array(body), type: 'application/octet-stream' };
  return { body: JSON.stringify(body), type: 'application/json' };
}

/** JSON where the answer says it is, else text; an error page that is no JSON stays text. */
function parsed(text: string, response: Response, what: string) {
  const json = /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  if (!json || text === '') return text;
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (!response.ok) return text;
    throw namedError('Http.BadBody', `${what}: must answer JSON, got "${text.slice(0, 200)}"`, { cause });
  }
}

/** The error of an answer of 400 and above. */
export function refused(
  { config }: Pick<HttpTarget, 'config'>,
  request: Sent,
  { status, body }: HttpAnswer<unknown>,
): HttpError {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const said = text === '' ? '' : `: ${text.slice(0, 500)}`;
  return new HttpError(status, `${request.method} ${urlOf(config, request)}: answered ${status}${said}`, {
    body,
  });
}

function networkText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && cause.message !== ''
    ? `${error.message}, ${cause.message}`
    : error.message;
}
