import { isObject } from '../../base/json.ts';
import type { HttpMethod, QueryValue } from '../../model/context.ts';
import { type HttpRequest, httpClient, refused } from '../../runtime/http-client.ts';
import { httpTarget } from '../context/fn-context.ts';
import type { LocalEngine } from './local-engine.ts';

/** Sends one request for real: `{ status, headers, body }`; a status of 400 and above fails as `Http.<status>`. */
export const request: LocalEngine = async ({ args, connection = '', context, place }) => {
  const target = { ...httpTarget(place, connection), signal: context.signal };
  const method = (typeof args['method'] === 'string' ? args['method'] : 'GET') as HttpMethod;
  const path = typeof args['path'] === 'string' ? args['path'] : '';
  const sent: HttpRequest = {
    query: record<QueryValue>(args['query']),
    headers: record<string>(args['headers']),
    ...(args['body'] === undefined ? {} : { body: args['body'] }),
  };
  const { status, headers, body } = await httpClient(target).request(method, path, sent);
  if (status >= 400) throw refused(target, { ...sent, method, path }, { status, headers, body });
  return { status, headers, body };
};

function record<T>(value: unknown): Readonly<Record<string, T>> {
  return isObject(value) ? (value as Readonly<Record<string, T>>) : {};
}
