/** Secrets: read where they are kept, and told to nobody. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { fnContext } from '../../../lib/local/context/fn-context.ts';
import type { FnContext, Log } from '../../../lib/model/context.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { testDag } from '../../local/dag.ts';
import { Cloud } from './cloud.ts';
import { eventOf, type RigOptions, rig, runInput } from './rig.ts';

const cloud = new Cloud();
// Nothing here reads or writes items.
const table = { name: 'none', url: 'http://127.0.0.1:9' };

/** Answers with the `authorization` it got, or with the status asked for. */
const shop = createServer((request, response) => {
  const [, status = '200'] = /\/status\/(\d+)/.exec(request.url ?? '') ?? [];
  response.writeHead(Number(status), { 'content-type': 'application/json' });
  response.end(JSON.stringify({ got: request.headers.authorization ?? null }));
});

beforeAll(async () => {
  await cloud.start();
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
});
afterAll(() => {
  cloud.stop();
  shop.close();
});
beforeEach(() => {
  cloud.requests.length = 0;
});

const TOKEN = 'sk-very/secret "quoted" token';

test('a secret is asked for once in five minutes', async () => {
  cloud.secrets.set('key', 'first value');
  let now = Date.UTC(2026, 0, 2);
  const dag = testDag({ work: { body: ({ secret }: FnContext) => secret('key') } });
  const { call } = made(dag, { nowMs: () => now });
  const read = () => call(eventOf('work', input(dag), { want: [''] }));
  expect(await read()).toEqual({ out: { '': 'first value' } });
  cloud.secrets.set('key', 'second value');
  now += 299_000;
  expect(await read()).toEqual({ out: { '': 'first value' } });
  now += 2_000;
  expect(await read()).toEqual({ out: { '': 'second value' } });
  expect(cloud.requests).toEqual(['GetSecretValue key', 'GetSecretValue key']);
});

test('a secret that is not there is refused with what to do', async () => {
  const dag = testDag({ work: { body: ({ secret }: FnContext) => secret('nobody') } });
  await expect(made(dag).call(eventOf('work', input(dag)))).rejects.toMatchObject({
    name: 'Dag.UnknownSecret',
    message:
      'secret "nobody": must be in Secrets Manager of this account and region, got none; aws secretsmanager create-secret --name nobody',
  });
});

test('a secret that the function may not read is refused with where to allow it', async () => {
  const body = JSON.stringify({ __type: 'AccessDeniedException', Message: 'not authorized' });
  cloud.faults.push({ on: /^GetSecretValue mine$/, times: 1, status: 400, body });
  const dag = testDag({ work: { body: ({ secret }: FnContext) => secret('mine') } });
  await expect(made(dag).call(eventOf('work', input(dag)))).rejects.toMatchObject({
    name: 'SecretsManager.AccessDeniedException',
    message: 'secret "mine": may not be read; deploy the DAG again, with it in secrets of its options',
  });
});

test('what was read is in no line and no error, whatever form it takes', async () => {
  cloud.secrets.set('token', TOKEN);
  cloud.secrets.set('db', JSON.stringify({ user: 'app', password: 'correct-horse', port: 5432 }));
  cloud.secrets.set('pin', '42');
  const dag = testDag({
    work: {
      body: async ({ secret, log }: FnContext) => {
        const [token, db] = [await secret('token'), JSON.parse(await secret('db'))];
        const pin = await secret('pin');
        log.info(`token is ${token}`, { token, list: [db.password], [db.password]: 1, pin: Number(pin) });
        log.warn(JSON.stringify({ token }));
        const { console } = globalThis;
        console.error('as query %s', encodeURIComponent(token), { db });
        console.log(Buffer.from(token).toString('base64'), pin);
        console.log(pin);
        throw new Error(`refused: ${token} of ${db.user} on ${db.port}`);
      },
    },
  });
  const { call, written, lines } = made(dag);
  const error: Error = await call(eventOf('work', input(dag))).then(
    () => new Error('it did not fail'),
    (thrown) => thrown,
  );
  expect(error.message).toBe('refused: *** of app on 5432');
  const told = [...written, error.stack, JSON.stringify(error)].join('\n');
  for (const form of [TOKEN, JSON.stringify(TOKEN).slice(1, -1), encodeURIComponent(TOKEN), 'correct-horse'])
    expect(told).not.toContain(form);
  expect(told).not.toContain(Buffer.from(TOKEN).toString('base64'));
  expect(lines().slice(0, 2)).toMatchObject([
    { message: 'token is ***', fields: { token: '***', list: ['***'], '***': 1, pin: '***' } },
    { level: 'warn', message: '{"token":"***"}' },
  ]);
  expect(lines()[4]).toMatchObject({ message: '***' });
  expect(lines().at(-1)).toMatchObject({ level: 'error', message: 'Error: refused: *** of app on 5432' });
});

test('an HTTP connection sends its token, and tells it to nobody', async () => {
  cloud.secrets.set('shop-token', TOKEN.replaceAll('"', ''));
  const dag = testDag({
    get: { body: ({ http }: FnContext) => http({ name: 'shop', kind: 'http' }).get('/orders') },
    none: { body: ({ http }: FnContext) => http({ name: 'other', kind: 'http' }).get('/orders') },
    refused: { body: ({ http }: FnContext) => http({ name: 'shop', kind: 'http' }).get('/status/401') },
  });
  const { port } = shop.address() as AddressInfo;
  const connection = { kind: 'http', baseUrl: `http://127.0.0.1:${port}`, secret: 'shop-token' } as const;
  const { call, written } = made(dag, { connections: { shop: connection } });
  const got = `Bearer ${TOKEN.replaceAll('"', '')}`;
  expect(await call(eventOf('get', input(dag), { want: ['got'] }))).toEqual({ out: { got } });
  await expect(call(eventOf('none', input(dag)))).rejects.toMatchObject({ name: 'Dag.UndeclaredConnection' });
  await expect(call(eventOf('refused', input(dag)))).rejects.toMatchObject({
    name: 'Http.401',
    message: `GET http://127.0.0.1:${port}/status/401: answered 401: {"got":"Bearer ***"}`,
  });
  expect(written.join('\n')).not.toContain('sk-very');
  // What was refused was perhaps changed: the next try asks for it again.
  await call(eventOf('get', input(dag)));
  expect(cloud.requests).toEqual(['GetSecretValue shop-token', 'GetSecretValue shop-token']);
});

test('a body that asks what its DAG does not name is refused there as here, before anybody is asked', async () => {
  const asks = { connections: ['shop'], secrets: ['sales/*', 'key'] };
  const bodies: readonly (readonly [string, (context: FnContext) => unknown])[] = [
    [
      'dag "test" › connections: must have every HTTP connection that its functions ask, got "payroll" asked for; write connections: [shop, payroll] in its options',
      ({ http }) => http({ name: 'payroll', kind: 'http' }).get('/'),
    ],
    [
      `dag "test" › secrets: must have every secret that its functions read, got "sale" asked for; write secrets: ['sales/*', 'key', 'sale'] in its options`,
      ({ secret }) => secret('sale'),
    ],
  ];
  for (const [message, body] of bodies) {
    const dag = testDag({ work: { body } });
    const file = { environment: 'test', bucket: cloud.bucket, connections: {}, asks };
    await expect(made(dag, { file }).call(eventOf('work', input(dag)))).rejects.toMatchObject({ message });
    const facts = {
      task: 'work',
      try: 1,
      input: input(dag),
      log: log(),
      signal: new AbortController().signal,
    };
    const environment = { name: 'local', connections: {} };
    const place = { root: '.', filesFolder: '.', environment, secret: () => 'value', variables: () => ({}) };
    const here = async () => body(fnContext(place, { ...facts, asks }));
    await expect(here()).rejects.toMatchObject({ causeText: message });
  }
  expect(cloud.requests).toEqual([]);
});

function made(dag: DagNode, options: Partial<RigOptions> = {}) {
  const one = rig(dag, { cloud, table, ...options });
  onTestFinished(one.close);
  return one;
}

function input(dag: DagNode) {
  return runInput({ table }, dag.id);
}

function log(): Log {
  const ignore = () => undefined;
  return { debug: ignore, info: ignore, warn: ignore, error: ignore };
}
