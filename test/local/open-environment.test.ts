import { expect, test } from 'vitest';
import { openEnvironment } from '../../lib/local/open-environment.ts';

test('an environment without connections is none', async () => {
  expect(await openEnvironment('local', undefined)).toEqual({ name: 'local', connections: {} });
});

test('a base URL may be asked for as the run starts', async () => {
  const environment = await openEnvironment('local', {
    connections: {
      plain: { kind: 'http', baseUrl: 'https://x.y' },
      asked: { kind: 'http', baseUrl: async () => 'https://z', headers: { a: 'b' } },
      lake: { kind: 'sql' },
    },
  });
  expect(environment.connections).toEqual({
    plain: { kind: 'http', baseUrl: 'https://x.y' },
    asked: { kind: 'http', baseUrl: 'https://z', headers: { a: 'b' } },
    lake: { kind: 'sql' },
  });
});

test('a base URL that cannot be found out refuses the run', async () => {
  const baseUrl = () => Promise.reject(new Error('port in use'));
  await expect(
    openEnvironment('local', { connections: { shop: { kind: 'http', baseUrl } } }),
  ).rejects.toMatchObject({
    code: 'wrong-connection',
    message:
      'environment "local" › connections.shop.baseUrl: must give a URL, got an error: port in use; correct it in tutti.config.ts',
  });
});
