import { httpClient } from '../../runtime/http-client.ts';
import { httpRequest } from '../../runtime/http-request.ts';
import { httpTarget } from '../context/fn-context.ts';
import type { LocalEngine } from './local-engine.ts';

/** Sends one request for real: `{ status, headers, body }`; a status of 400 and above fails as `Http.<status>`. */
export const request: LocalEngine = async ({ args, connection = '', context, place }) => {
  const target = { ...httpTarget(place, connection), signal: context.signal };
  return httpRequest({ client: httpClient(target), config: target.config, args });
};
