/** The status API as Lambda calls it, over DynamoDB: every route that reads, what changes, who asks, what is no request. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROUTES } from '../../lib/api/routes.ts';
import { apiFunction } from '../../lib/aws/api.ts';
import { openDynamoStore } from '../../lib/aws/dynamodb/store.ts';
import { CORE_FILE } from '../../lib/deployment/files.ts';
import type { Store } from '../../lib/store/store.ts';
import { EXAMPLES } from '../api/examples.ts';
import type { Asking } from '../api/seed.ts';
import { seeded } from '../api/seed.ts';
import { dateOf } from '../store/build.ts';
import { eventOf, responseOf } from './http-call.ts';
import { hasTables, newTable, tablesUrl } from './tables.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:tutti-unit-api-read';
const CONTEXT = { invokedFunctionArn: ARN, getRemainingTimeInMillis: () => 30_000 };
const ANN = 'arn:aws:sts::123456789012:assumed-role/Operator/ann@example.com';
/** What AWS is asked of these is not DynamoDB's: logs, histories. */
const ELSEWHERE = new Set(['getLogs']);

describe.runIf(hasTables)('the status API over DynamoDB', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-api-'));
  const lines: string[] = [];
  let store: Store;
  let hash: string;
  const options = { variables: process.env, folder, write: (line: string) => void lines.push(line) };
  const [read, write] = [apiFunction(options, { readOnly: true }), apiFunction(options, { readOnly: false })];

  beforeAll(async () => {
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: tablesUrl(),
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    const file = { environment: 'unit', bucket: 'none', notifiers: {}, retention: {} };
    writeFileSync(join(folder, CORE_FILE), JSON.stringify(file));
    const { client, name } = await newTable('tutti-unit');
    store = openDynamoStore({ client, table: name });
    await seeded(store);
    hash = (await store.dags.head('sales'))?.version ?? '';
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  async function ask(handler: typeof read, path: string, { method, body, headers = {} }: Asking = {}) {
    const request = new Request(`https://x.lambda-url.us-east-1.on.aws/api/v1${path}`, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return responseOf(await handler(await eventOf(request, ANN), CONTEXT));
  }

  const reading = ROUTES.filter(({ method, id }) => method === 'GET' && !ELSEWHERE.has(id));

  test.each(reading.map(({ id }) => [id]))('%s answers as its document says', async (id) => {
    const route = ROUTES.find((each) => each.id === id);
    const example = EXAMPLES[id]?.(hash);
    if (route === undefined || example === undefined) throw new Error(`no example of ${id}`);
    const response = await ask(read, example.path);
    const reply = await response.json();
    expect({ status: response.status, reply, lines }).toMatchObject({ status: route.status, lines: [] });
    expect(route.reply().parse(reply)).toEqual(reply);
    const etag = response.headers.get('etag');
    if (etag === null || id === 'getHealth') return;
    const again = await ask(read, example.path, { headers: { 'if-none-match': etag } });
    // What follows from the time may have changed since.
    expect([200, 304]).toContain(again.status);
  });

  test('what has not changed is not sent again', async () => {
    const path = `/dags/sales/runs/${dateOf(9)}`;
    const etag = (await ask(read, path)).headers.get('etag') ?? '';
    expect((await ask(read, path, { headers: { 'if-none-match': etag } })).status).toBe(304);
  });

  test('says what it cannot do', async () => {
    expect(await (await ask(read, '/capabilities')).json()).toMatchObject({
      environment: 'unit',
      writes: false,
      live: 'poll',
      logs: true,
      approvals: true,
    });
    const events = await ask(read, '/changes', { headers: { accept: 'text/event-stream' } });
    expect(events.status).toBe(503);
  });

  test('reading changes nothing, writing does, once for a key, by who signed', async () => {
    const headers = { 'idempotency-key': 'k1', 'x-tutti-actor': 'root' };
    const refused = await ask(read, '/dags/sales:pause', { body: {}, headers });
    expect([refused.status, await refused.json()]).toMatchObject([403, { code: 'read-only' }]);
    expect((await store.dags.head('sales'))?.paused).toBe(false);
    const [first, second] = [
      await ask(write, '/dags/sales:pause', { body: {}, headers }),
      await ask(write, '/dags/sales:pause', { body: {}, headers }),
    ];
    expect([first.status, second.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
    expect(await store.dags.head('sales')).toMatchObject({
      paused: true,
      pausedBy: 'assumed-role/Operator/ann@example.com',
    });
  });

  test('an event that is no request is refused, and logged', async () => {
    await expect(read({ Records: [] }, CONTEXT)).rejects.toThrow(
      'api › event.rawPath: must be given, got nothing',
    );
    expect(JSON.parse(lines.at(-1) ?? '{}')).toMatchObject({ level: 'ERROR' });
  });
});
