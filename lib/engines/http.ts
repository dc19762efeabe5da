import type { JsonObject } from '../base/json.ts';
import type { HttpAnswer, HttpBinding, HttpMethod, Untyped } from '../model/context.ts';
import type { Value } from '../model/ref.ts';
import type { ArgumentProblem, Call, Engine } from './engine.ts';

export interface RequestArgs {
  /** The service: `connection.http('shop')`. */
  readonly connection: HttpBinding;
  /** @default 'GET' */
  readonly method?: HttpMethod;
  /** Relative to the connection's base URL: `/orders`. */
  readonly path: Value<string>;
  /** @default {} */
  readonly query?: Readonly<Record<string, Value<string | number | boolean | undefined>>>;
  /** Override the connection's; secrets belong into the connection. @default {} */
  readonly headers?: Readonly<Record<string, Value<string>>>;
  /** Sent as JSON; text as it is. @default none */
  readonly body?: unknown;
}

const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Sends one request and gives `{ status, headers, body }`, the body parsed where it is JSON. A status of
 * 400 and above fails the task as `Http.<status>`: `retries: { on: 'Http.503', attempts: 5 }`.
 */
export function request<Body = Untyped>({ connection, ...args }: RequestArgs): Call<HttpAnswer<Body>> {
  return { engine: httpRequest.name, connection, args: { method: 'GET', ...args } as JsonObject };
}

export const httpRequest: Engine = {
  name: 'http.request',
  connection: 'http',
  timeoutSeconds: 60,
  local: 'built-in',
  check: ({ method, path }) => [...methodProblems(method), ...pathProblems(path)],
};

function methodProblems(method: unknown): readonly ArgumentProblem[] {
  if (typeof method === 'string' && METHODS.includes(method)) return [];
  const remedy = `write one of ${METHODS.join(', ')}`;
  return [{ path: 'method', message: `must be an HTTP method, got ${JSON.stringify(method)}`, remedy }];
}

function pathProblems(path: unknown): readonly ArgumentProblem[] {
  if (typeof path === 'object' && path !== null) return [];
  if (typeof path !== 'string') {
    return [
      { path: 'path', message: `must be text, got ${JSON.stringify(path)}`, remedy: "write '/orders'" },
    ];
  }
  if (!/^[a-z]+:/i.test(path)) return [];
  const remedy = "write the path alone, '/orders'; the base URL is the connection's";
  return [{ path: 'path', message: `must be relative to the connection's base URL, got "${path}"`, remedy }];
}
