/** An engine of nothing but `submit`, `poll` and `cancel`, over a service of nothing else. */

import type { CalledEngine } from '../../../lib/aws/engines/called.ts';
import { engineError } from '../../../lib/aws/engines/errors.ts';
import { isObject } from '../../../lib/base/json.ts';
import type { Contract } from './contract.ts';
import { JobService, serve, submitted } from './job-service.ts';

export const PLAIN: Contract = {
  lost: 'Engine.Busy',
  async subject() {
    const service = new JobService();
    const { url, stop } = await serve(async ({ method = '', url: path = '', headers }, body) => {
      const id = path.slice(1);
      if (method === 'DELETE') {
        service.cancel(id);
        return { status: 200, body: '{}' };
      }
      if (method === 'GET') {
        if (service.faults.throttledPolls-- > 0) return { status: 429, body: '{}' };
        return { status: 200, body: JSON.stringify(service.look(id)) };
      }
      const done = await submitted(service, String(headers['x-token']), body);
      if (done === 'throttled') return { status: 429, body: '{}' };
      return done.isLost ? undefined : { status: 200, body: JSON.stringify({ id: done.job.id }) };
    });
    const options = {
      engine: { open: () => plainEngine(url) },
      call: { engine: 'plain.run' },
      args: { rows: 3 },
    };
    return { service, stop, options };
  },
};

function plainEngine(url: string): CalledEngine {
  const ask = async (path: string, init: RequestInit) => {
    const answer = await fetch(`${url}/${path}`, init).catch((cause: unknown) => {
      throw engineError('Engine.Busy', 'no answer', { cause });
    });
    if (answer.status === 429) throw engineError('Engine.Busy', 'throttled');
    const body: unknown = await answer.json();
    return isObject(body) ? body : {};
  };
  return {
    async submit(args, token) {
      const { id } = await ask('', {
        method: 'POST',
        headers: { 'x-token': token },
        body: JSON.stringify(args),
      });
      return { id: String(id) };
    },
    async poll(id) {
      const { state, text } = await ask(id, { method: 'GET' });
      if (state === 'running') return { state };
      if (state === 'done') return { state, output: { text: String(text) } };
      return { state: 'failed', error: 'Engine.JobFailed', cause: `${id}: ${String(state)}` };
    },
    async cancel(id) {
      await ask(id, { method: 'DELETE' });
    },
  };
}
