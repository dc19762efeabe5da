import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderFiles } from '../../../lib/local/context/files.ts';
import { fnContext } from '../../../lib/local/context/fn-context.ts';
import { fileState } from '../../../lib/local/context/task-state.ts';
import { runInput } from '../../../lib/local/run-input.ts';
import type { LogLine } from '../../../lib/model/log-line.ts';
import { lineText, taskLog } from '../../../lib/runtime/task-log.ts';
import { temporaryFolder, testDag } from '../dag.ts';

describe('files', () => {
  test('are written whole and read back', async () => {
    const folder = temporaryFolder();
    const files = folderFiles(folder);
    expect(await files.write('raw/date=2026-01-01/a.json', [{ n: 1 }])).toBe('raw/date=2026-01-01/a.json');
    await files.write('raw/b.txt', 'text');
    await files.write('raw/c.bin', new Uint8Array([1, 2]));
    expect(await files.json('raw/date=2026-01-01/a.json')).toEqual([{ n: 1 }]);
    expect(await files.text('raw/b.txt')).toBe('text');
    expect([...(await files.read('raw/c.bin'))]).toEqual([1, 2]);
    expect(await files.list('raw/')).toEqual(['raw/b.txt', 'raw/c.bin', 'raw/date=2026-01-01/a.json']);
    expect(await files.list('raw/date=')).toEqual(['raw/date=2026-01-01/a.json']);
    expect(await files.list('none/')).toEqual([]);
    await files.remove('raw/b.txt');
    await files.remove('raw/b.txt');
    expect(await files.exists('raw/b.txt')).toBe(false);
    expect(await files.exists('raw/c.bin')).toBe(true);
    expect(files.path('raw/c.bin')).toBe(join(folder, 'raw/c.bin'));
    expect(readdirSync(join(folder, 'raw')).sort()).toEqual(['c.bin', 'date=2026-01-01']);
  });

  test.each(['../up', 'a/../../up', '/etc/passwd', 'C:\\x', 'a\\..\\..\\b', '', 'a\0b'])(
    '%j is refused',
    async (path) => {
      const files = folderFiles(temporaryFolder());
      await expect(files.write(path, 'x')).rejects.toMatchObject({ name: 'Files.BadPath' });
      await expect(files.read(path)).rejects.toMatchObject({ name: 'Files.BadPath' });
      expect(() => files.path(path)).toThrow('must be relative and stay inside the folder');
    },
  );

  test('that are missing or no JSON say so', async () => {
    const files = folderFiles(temporaryFolder());
    await expect(files.json('a.json')).rejects.toMatchObject({
      name: 'Files.NotFound',
      message: 'files › "a.json": there is no such file',
    });
    await files.write('a.json', '{');
    await expect(files.json('a.json')).rejects.toMatchObject({ name: 'Files.NotJson' });
  });

  test('are seen old or new by who reads meanwhile, never in part', async () => {
    const files = folderFiles(temporaryFolder());
    const contents = ['a', 'b'].map((letter) => letter.repeat(300_000));
    await files.write('x', contents[0] ?? '');
    const writing = Promise.all(
      Array.from({ length: 20 }, (_, index) => files.write('x', contents[index % 2] ?? '')),
    );
    for (let reads = 0; reads < 20; reads++) expect(contents).toContain(await files.text('x'));
    await writing;
  });
});

describe('state', () => {
  test('is kept from run to run, changes one after the other', async () => {
    const file = join(temporaryFolder(), 'state', 'dag', 'task.json');
    expect(await fileState(file).get('a')).toBeUndefined();
    await Promise.all(Array.from({ length: 20 }, (_, index) => fileState(file).set(`k${index}`, { index })));
    await fileState(file).delete('k0');
    expect(await fileState(file).get('k0')).toBeUndefined();
    expect(await fileState(file).get('k19')).toEqual({ index: 19 });
    expect(await fileState(file).get('toString')).toBeUndefined();
  });
});

describe('log', () => {
  test('writes what is no JSON as text', () => {
    const lines: LogLine[] = [];
    const log = taskLog(
      () => 0,
      (line) => lines.push(line),
    );
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    log.warn('odd', { n: 1n, error: new Error('x') });
    log.info('cycle', cycle);
    expect(lines.map(lineText)).toEqual([
      '{"at":"1970-01-01T00:00:00.000Z","level":"warn","message":"odd","fields":{"n":"1","error":{"name":"Error","message":"x"}}}',
      '{"at":"1970-01-01T00:00:00.000Z","level":"info","message":"cycle","fields":{"text":"[object Object]"}}',
    ]);
  });
});

describe('http', () => {
  let server: Server;
  let baseUrl = '';
  beforeAll(async () => {
    server = createServer((request, response) => void answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    baseUrl = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/api`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Echoes the request; the path says how else to answer. */
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = '', method, headers } = request;
    const body = await text(request);
    if (path === '/api/slow') return;
    const [, status = '200'] = /status=(\d+)/.exec(path) ?? [];
    const type = path.includes('text') ? 'text/plain' : 'application/json';
    response.writeHead(Number(status), { 'content-type': type });
    response.end(path.includes('broken') ? '{' : JSON.stringify({ method, path, headers, body }));
  }

  function client(signal = new AbortController().signal) {
    const shop = { kind: 'http' as const, baseUrl, headers: { 'x-app': 'tutti' }, secret: 'TOKEN' };
    const dag = testDag({});
    const context = fnContext(
      {
        root: '/nowhere',
        filesFolder: '/nowhere',
        environment: {
          name: 'local',
          connections: { shop, gone: { kind: 'http', baseUrl: 'http://127.0.0.1:1' } },
        },
        secret: (name) => (name === 'TOKEN' ? 'hidden' : undefined),
        variables: () => ({}),
      },
      {
        task: 't',
        try: 1,
        input: runInput(dag, { id: 'r', interval: { startMs: 0, endMs: 0 }, params: {}, startMs: 0 }),
        log: taskLog(
          () => 0,
          () => undefined,
        ),
        signal,
      },
    );
    return { context, shop: context.http({ name: 'shop', kind: 'http' }) };
  }

  test('sends the connection’s headers and secret, the query and the body', async () => {
    const { shop } = client();
    const got = await shop.get('/orders', { query: { day: '2026-01-01', tag: ['a', 'b'], none: undefined } });
    expect(got).toMatchObject({ method: 'GET', path: '/api/orders?day=2026-01-01&tag=a&tag=b' });
    expect(got.headers).toMatchObject({ 'x-app': 'tutti', authorization: 'Bearer hidden' });
    const posted = await shop.post('orders', { n: 1 }, { headers: { 'x-app': 'mine' } });
    expect(posted).toMatchObject({ method: 'POST', path: '/api/orders', body: '{"n":1}' });
    expect(posted.headers).toMatchObject({ 'x-app': 'mine', 'content-type': 'application/json' });
    expect(await shop.get('/text')).toContain('"method":"GET"');
  });

  test('throws for a status of 400 and above, by its name', async () => {
    const { shop } = client();
    await expect(shop.get('/x?status=503')).rejects.toMatchObject({
      name: 'Http.503',
      status: 503,
      body: { method: 'GET' },
    });
    expect(await shop.request('GET', '/x?status=404')).toMatchObject({
      status: 404,
      headers: { 'content-type': 'application/json' },
    });
  });

  test('names what else goes wrong', async () => {
    const { context, shop } = client();
    await expect(context.http({ name: 'gone', kind: 'http' }).get('/')).rejects.toMatchObject({
      name: 'Http.Network',
    });
    await expect(shop.get('/broken')).rejects.toMatchObject({ name: 'Http.BadBody' });
    await expect(shop.get('/broken?status=500')).rejects.toMatchObject({ name: 'Http.500', body: '{' });
    await expect(shop.get('http://evil.example/')).rejects.toMatchObject({ name: 'Http.BadPath' });
    expect(() => context.http({ name: 'nope', kind: 'http' })).toThrow(
      'connections.nope: must be an http connection, got none',
    );
    await expect(context.secret('NOPE')).rejects.toThrow(
      'must be an environment variable here, got none; export NOPE=…',
    );
    expect(await context.secret('TOKEN')).toBe('hidden');
  });

  test('ends with its signal', async () => {
    const stop = new AbortController();
    const asking = client(stop.signal).shop.get('/slow');
    stop.abort(new Error('stopped'));
    await expect(asking).rejects.toThrow('stopped');
  });
});

test('a folder of drafts is not listed', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'a'));
  writeFileSync(join(folder, 'a', '.123-4.tmp'), 'half');
  expect(await folderFiles(folder).list('')).toEqual([]);
  expect(existsSync(join(folder, 'a', '.123-4.tmp'))).toBe(true);
});
