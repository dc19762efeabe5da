/** `http.request` on AWS: a job that has ended when its reply is there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { request } from '../../../lib/aws/engines/http.ts';
import { describeEngine } from './contract.ts';
import { JobService, serve, submitted } from './job-service.ts';
import { Rig } from './rig.ts';
import { type LocalTable, localTable } from './table.ts';

const SECRET = 'correct-horse-battery';

describeEngine('http.request', {
  isImmediate: true,
  failure: 'Http.500',
  lost: 'Http.Network',
  // A service that refuses has said so: the author's rules decide.
  throttled: 'Http.429',
  subject,
});

async function subject() {
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

let table: LocalTable;
beforeAll(async () => {
  table = await localTable();
});
afterAll(() => table?.stop());

test('a secret is in no error, no log and no ledger, where the service tells it back', async () => {
  const { options, stop } = await subject();
  const rig = new Rig(table, 'secrets', options);
  try {
    const error = await rig
      .call({ args: { method: 'POST', path: '/echo' } })
      .catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'Http.401' });
    const told = JSON.stringify([(error as Error).message, rig.lines, await rig.items()]);
    expect(told).toContain('Bearer ***');
    expect(told).not.toContain(SECRET);
  } finally {
    await stop();
  }
});

test('gives status, headers and body; a look keeps no ledger', async () => {
  const { options, service, stop } = await subject();
  const rig = new Rig(table, 'looks', options);
  try {
    const poke = { timeout: 60, softFail: false };
    const output = await rig.call({ poke, args: { method: 'GET', path: '/orders' } });
    expect(output).toMatchObject({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { id: 'job-1' },
    });
    // Reading is no change: it needs no key.
    expect(service.jobs[0]?.token).toBe('undefined');
    expect(await rig.items()).toEqual([]);
  } finally {
    await stop();
  }
});
