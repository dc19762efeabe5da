/** An engine of nothing but `submit`, `poll` and `cancel`, over a service of nothing else. */
import type { IncomingMessage } from 'node:http';

import type { CalledEngine } from '../../../lib/aws/engines/called.ts';
import { engineError } from '../../../lib/aws/engines/errors.ts';
import { isObject } from '../../../lib/base/json.ts';
import type { Contract } from './contract.ts';
import { type Answer, JobService, serve, submitted } from './job-service.ts';

export const PLAIN: Contract = {
  lost: 'Engine.Busy',
  async subject() {
    const service = new JobService();
    const { url, stop } = await serve((request, body) => answerOf(service, request, body));
    const options = {
      engine: { open: () => plainEngine(url) },
      call: { engine: 'plain.run' },
      args: { rows: 3 },
    };
    return { service, stop, options };
  },
};

async function answerOf(
  service: JobService,
  { method = '', url: path = '', headers }: IncomingMessage,
  body: string,
): Promise<Answer | undefined> {
  const { faults } = service;
  const id = path.slice(1);
  if (method === 'DELETE') {
    if (faults.throttledCancels-- > 0) return THROTTLED;
    service.cancel(id);
    return { status: 200, body: '{}' };
  }
  if (method === 'GET') {
    return faults.throttledPolls-- > 0 ? THROTTLED : { status: 200, body: JSON.stringify(service.look(id)) };
  }
  const done = await submitted(service, String(headers['x-token']), body);
  if (done === 'throttled') return THROTTLED;
  return done.isLost ? undefined : { status: 200, body: JSON.stringify({ id: done.job.id }) };
}

const THROTTLED: Answer = { status: 429, body: '{}' };

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
