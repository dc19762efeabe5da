/** `http.request`: one request of a task, wherever it runs. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { HttpClient, HttpMethod, QueryValue } from '../model/context.ts';
import type { HttpConnectionConfig } from '../model/environment.ts';
import { type HttpRequest, refused } from './http-client.ts';

export interface HttpCall {
  readonly client: HttpClient;
  readonly config: HttpConnectionConfig;
  readonly args: JsonObject;
  /** Sent where the author gives no header of this name. @default {} */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Gives `{ status, headers, body }`. @throws {HttpError} for a status of 400 and above */
export async function httpRequest({ client, config, args, headers = {} }: HttpCall): Promise<Json> {
  const method = methodOf(args);
  const path = typeof args['path'] === 'string' ? args['path'] : '';
  const sent: HttpRequest = {
    query: record<QueryValue>(args['query']),
    headers: { ...headers, ...record<string>(args['headers']) },
    ...(args['body'] === undefined ? {} : { body: args['body'] }),
  };
  const answer = await client.request(method, path, sent);
  if (answer.status >= 400) throw refused({ config }, { ...sent, method, path }, answer);
  return { status: answer.status, headers: answer.headers, body: answer.body };
}

/** @default 'GET' */
export function methodOf({ method }: JsonObject): HttpMethod {
  return (typeof method === 'string' ? method : 'GET') as HttpMethod;
}

function record<T>(value: unknown): Readonly<Record<string, T>> {
  return isObject(value) ? (value as Readonly<Record<string, T>>) : {};
}
