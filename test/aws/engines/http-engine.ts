/** `http.request` on AWS: a job that has ended when its reply is there. */
import { request } from '../../../lib/aws/engines/http.ts';
import type { Contract } from './contract.ts';
import { JobService, serve, submitted } from './job-service.ts';

export const SECRET = 'correct-horse-battery';

export const HTTP: Contract = {
  isImmediate: true,
  failure: 'Http.500',
  lost: 'Http.Network',
  // A service that refuses has said so: the author's rules decide.
  throttled: 'Http.429',
  subject: httpSubject,
};

export async function httpSubject() {
  const service = new JobService();
  const { url, stop } = await serve(async ({ headers, url: path = '' }, body) => {
    if (path.startsWith('/api/echo')) return { status: 401, body: JSON.stringify(headers) };
    const done = await submitted(service, String(headers['idempotency-key']), body);
    if (done === 'throttled') return { status: 429, body: '' };
    const { state, id } = service.look(done.job.id) ?? done.job;
    if (done.isLost) return undefined;
    const json = { 'content-type': 'application/json' };
    return { status: state === 'failed' ? 500 : 200, headers: json, body: JSON.stringify({ id }) };
  });
  const options = {
    engine: request,
    call: { engine: 'http.request', connection: 'shop' },
    args: { method: 'POST', path: '/orders', body: { rows: 3 } },
    connections: { shop: { kind: 'http', baseUrl: `${url}/api`, secret: 'shop-token' } },
    secrets: { 'shop-token': SECRET },
  } as const;
  return { service, stop, options };
}
