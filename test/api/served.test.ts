/** The same API over HTTP on this machine, with a store in a file. */
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { apiHandler } from '../../lib/api/handle.ts';
import { systemClock } from '../../lib/local/clock.ts';
import { type LocalServer, serveHere } from '../../lib/local/serve.ts';
import { openSqliteStore } from '../../lib/local/sqlite/store.ts';
import { dateOf } from '../store/build.ts';
import { type Place, seeded } from './seed.ts';

let folder: string;
let place: Place;
let server: LocalServer;
const end = new AbortController();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tutti-api-'));
  place = await seeded(openSqliteStore(join(folder, 'store.sqlite')));
  const world = { ...place.world, clock: systemClock };
  server = await serveHere({ port: 0, answer: apiHandler(world, { signal: end.signal }) });
});

afterAll(async () => {
  end.abort();
  await server.close();
  await place.world.store.close();
  rmSync(folder, { recursive: true });
});

interface Raw {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** As it is written: `fetch` would tidy the path, and sets the host itself. */
function raw(
  path: string,
  options: {
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
  } = {},
): Promise<Raw> {
  const { body, ...rest } = options;
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: server.port, path, ...rest }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: text, headers: response.headers }),
      );
    });
    asked.on('error', reject).end(body);
  });
}

const JSON_TYPE = { 'content-type': 'application/json' };

describe('the API on this machine', () => {
  test('answers from a store in a file', async () => {
    const dags = await raw('/api/v1/dags');
    expect(dags.status).toBe(200);
    expect(JSON.parse(dags.body)).toMatchObject({
      items: [{ id: 'other' }, { id: 'sales', runs: 'sssssqsssfr' }],
    });
    const run = await raw(`/api/v1/dags/sales/runs/${dateOf(9)}`, { headers: { 'if-none-match': 'x' } });
    expect(JSON.parse(run.body)).toMatchObject({
      run: { state: 'failed' },
      tasks: [{}, { task: 'load', tries: 3 }, {}],
    });
    const again = await raw(`/api/v1/dags/sales/runs/${dateOf(9)}`, {
      headers: { 'if-none-match': String(run.headers['etag']) },
    });
    expect(again).toMatchObject({ status: 304, body: '' });
  });

  test('takes writes once for a key, also over another connection', async () => {
    const options = {
      method: 'POST',
      headers: { ...JSON_TYPE, 'idempotency-key': 'one' },
      body: '{"logicalDate":"2026-01-03"}',
    };
    const [first, second] = [
      await raw('/api/v1/dags/sales/runs', options),
      await raw('/api/v1/dags/sales/runs', options),
    ];
    expect(first.status).toBe(200);
    expect(second.body).toBe(first.body);
    const { items } = await place.world.store.runs.list({ dagId: 'sales', types: ['manual'] });
    expect(items).toHaveLength(2);
  });

  test.each([
    ['/api/v1/../../../etc/passwd', 404],
    ['/api/v1/dags/..%2f..%2fetc%2fpasswd', 404],
    ['/api/v1/dags/%00', 400],
    ['/api/v1/dags/%', 404],
    ['//api/v1/dags', 404],
  ])('%s: %s', async (path, status) => {
    expect((await raw(path)).status).toBe(status);
  });

  test('takes no id as long as a page', async () => {
    expect((await raw(`/api/v1/dags/${'a'.repeat(20_000)}`)).status).toBe(431);
  });

  test('refuses other hosts, other sites, forms and large bodies', async () => {
    const post = (headers: Readonly<Record<string, string>>, body = '{}') =>
      raw('/api/v1/dags/sales:pause', { method: 'POST', headers, body });
    expect((await raw('/api/v1/dags', { headers: { host: 'example.com' } })).status).toBe(421);
    expect((await post({ ...JSON_TYPE, origin: 'https://example.com' })).status).toBe(403);
    expect((await post({ 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(JSON_TYPE, `{"a":"${'a'.repeat(300_000)}"}`)).status).toBe(413);
    expect(
      (await post({ ...JSON_TYPE, 'transfer-encoding': 'chunked' }, `{"a":"${'a'.repeat(300_000)}"}`)).status,
    ).toBe(413);
    expect((await place.world.store.dags.head('sales'))?.paused).toBe(false);
  });

  test('pushes changes, and forgets who hung up', async () => {
    const told = await new Promise<string>((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: server.port,
        path: '/api/v1/changes',
        headers: { accept: 'text/event-stream' },
      };
      const asked = request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          const isFirst = !text.includes('"cursor"');
          text += chunk;
          if (isFirst && text.includes('"cursor"'))
            place.world.store.runs
              .update({ dagId: 'sales', runId: dateOf(8) }, { states: ['success'] }, { note: 'seen' })
              .catch(reject);
          if (!text.includes(`"note":"seen"`)) return;
          asked.destroy();
          resolve(text);
        });
      });
      asked.on('error', reject).end();
    });
    expect(told.match(/^id: .+$/gm)?.length).toBe(2);
  });
});
