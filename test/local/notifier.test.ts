import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { environmentNotifier } from '../../lib/local/notifier.ts';
import type { EnvironmentConfig } from '../../lib/model/environment.ts';
import type { Message } from '../../lib/orchestrator/ports.ts';

interface Taken {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A webhook that answers with these statuses, one after the other. */
async function webhook(...statuses: readonly number[]) {
  const taken: Taken[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    taken.push({ headers: request.headers, body: JSON.parse(body) });
    response.writeHead(statuses[taken.length - 1] ?? 204, { location: '/elsewhere' }).end();
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, taken };
}

const message = (...to: readonly string[]): Message => ({
  kind: 'failed',
  to,
  dagId: 'sales',
  runId: '2026-01-05T01:00:00Z',
  at: '2026-01-06T02:00:00Z',
  subject: 'sales failed',
  text: 'Task "load" failed',
});

function notifierOf(
  notifiers: EnvironmentConfig['notifiers'],
  secrets: Readonly<Record<string, string>> = {},
) {
  const shown: Message[] = [];
  const notifier = environmentNotifier({
    notifiers: () => notifiers,
    console: { notify: async (one) => void shown.push(one) },
    secret: (name) => secrets[name],
  });
  return { notifier, shown };
}

test('a message goes to those it names, as JSON', async () => {
  const hook = await webhook();
  const config = { kind: 'webhook', url: hook.url, headers: { 'x-team': 'sales' }, secret: 'HOOK' } as const;
  const { notifier, shown } = notifierOf({ oncall: config, here: { kind: 'console' } }, { HOOK: 't0ken' });
  await notifier.notify(message('oncall'));
  expect(shown).toEqual([]);
  expect(hook.taken).toMatchObject([
    {
      headers: { 'content-type': 'application/json', authorization: 'Bearer t0ken', 'x-team': 'sales' },
      body: message('oncall'),
    },
  ]);
  await notifier.notify(message('here', 'oncall'));
  expect(shown).toHaveLength(1);
  expect(hook.taken).toHaveLength(2);
});

test('of one that names nobody the default is told, else the console; so of one that is not there', async () => {
  const hook = await webhook();
  const withDefault = notifierOf({ default: { kind: 'webhook', url: hook.url } });
  await withDefault.notifier.notify(message());
  expect([hook.taken.length, withDefault.shown.length]).toEqual([1, 0]);
  const without = notifierOf(undefined);
  await without.notifier.notify(message());
  await without.notifier.notify(message('toString'));
  expect(without.shown).toHaveLength(2);
});

test('what is not taken is a failure, so that it is sent again, and nothing is shown twice', async () => {
  const hook = await webhook(503, 302);
  const config = { kind: 'webhook', url: hook.url } as const;
  const { notifier, shown } = notifierOf({ oncall: config, here: { kind: 'console' } });
  await expect(notifier.notify(message('here', 'oncall'))).rejects.toThrow(
    'webhook: must answer 2xx, got 503',
  );
  await expect(notifier.notify(message('oncall'))).rejects.toThrow('fetch failed');
  expect(shown).toEqual([]);
  const secret = notifierOf({ oncall: { ...config, secret: 'HOOK' } });
  await expect(secret.notifier.notify(message('oncall'))).rejects.toThrow('HOOK must be set');
  expect(hook.taken).toHaveLength(2);
});
