/** `http.request`: a job that has ended when it is submitted. */
import { HttpError } from '../../model/task-errors.ts';
import { httpRequest, methodOf } from '../../runtime/http-request.ts';
import type { EngineContext } from '../task/engine-call.ts';
import type { CalledEngine } from './called.ts';
import { connectionOf, type EngineHere, type EnginePlace } from './place.ts';

/** Of services that take it: the same key is the same request, however often it is sent. @see https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/ */
const KEY_HEADER = 'idempotency-key';

export const request: EngineHere = {
  open: httpJob,
  look: (place) => httpRequest(callOf(place)),
};

function httpJob(place: EnginePlace): CalledEngine {
  return {
    async submit(args, token) {
      const changes = !['GET', 'HEAD'].includes(methodOf(args));
      const output = await httpRequest({
        ...callOf(place),
        ...(changes ? { headers: { [KEY_HEADER]: token } } : {}),
      });
      return { id: `request ${token.slice(0, 12)}`, ended: { state: 'done', output } };
    },
    // A request that was interrupted is sent again, with its key: there is nothing to look at, nor to end.
    poll: async () => ({ state: 'failed', error: 'Http.Network', cause: 'http: the answer was lost' }),
    cancel: async () => undefined,
    isUndecided: (error) => !(error instanceof HttpError) && error.name === 'Http.Network',
  };
}

function callOf(place: Pick<EngineContext, 'call' | 'file' | 'args'> & Pick<EnginePlace, 'context'>) {
  const config = connectionOf(place, 'http');
  const { connection: name = '' } = place.call;
  const client = place.context?.http({ name, kind: 'http' });
  if (client === undefined) throw new Error('unreachable: who cancels sends no request');
  return { client, config, args: place.args };
}
