import { describe, expect, test } from 'vitest';
import { localGuard } from '../../lib/api/local-guard.ts';

const PORT = 4310;

async function verdict(
  headers: Readonly<Record<string, string>>,
  method = 'POST',
  path = '/api/v1/dags',
): Promise<string> {
  const request = new Request(`http://127.0.0.1:${PORT}${path}`, { method, headers });
  const refused = localGuard(request, PORT);
  return refused === undefined
    ? 'taken'
    : `${refused.status} ${((await refused.json()) as { code: string }).code}`;
}

describe('the guard of a server on this machine', () => {
  test.each(['127.0.0.1:4310', 'localhost:4310', '[::1]:4310', 'LOCALHOST:4310'])(
    'takes host %s',
    async (host) => {
      expect(await verdict({ host })).toBe('taken');
    },
  );

  test.each([
    'example.com',
    'example.com:4310',
    '127.0.0.1',
    '127.0.0.1:80',
    'localhost.example.com:4310',
    '127.0.0.1.nip.io:4310',
    '127.0.0.1:4310@example.com',
    'user@127.0.0.1:4310',
    '[::1]',
    '0.0.0.0:4310',
  ])('refuses host %s', async (host) => {
    expect(await verdict({ host }, 'GET')).toBe('421 wrong-host');
  });

  test.each([
    ['http://127.0.0.1:4310', 'taken'],
    ['http://localhost:4310', 'taken'],
    ['http://localhost:9999', '403 cross-site'],
    ['https://127.0.0.1:4310', '403 cross-site'],
    ['https://example.com', '403 cross-site'],
    ['null', '403 cross-site'],
  ])('of a page of %s: %s', async (origin, expected) => {
    expect(await verdict({ host: '127.0.0.1:4310', origin })).toBe(expected);
  });

  test('takes what its own page or a person asks, and opens pages from links', async () => {
    const host = '127.0.0.1:4310';
    expect(await verdict({ host, 'sec-fetch-site': 'same-origin' })).toBe('taken');
    expect(await verdict({ host, 'sec-fetch-site': 'none' })).toBe('taken');
    expect(await verdict({ host })).toBe('taken');
    const link = { host, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect(await verdict(link, 'GET', '/dags/sales')).toBe('taken');
  });

  test('refuses what another site sends or reads', async () => {
    const host = '127.0.0.1:4310';
    for (const site of ['cross-site', 'same-site']) {
      const headers = { host, 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' };
      expect(await verdict(headers)).toBe('403 cross-site');
      expect(await verdict(headers, 'GET')).toBe('403 cross-site');
      expect(await verdict({ ...headers, 'sec-fetch-mode': 'navigate' }, 'POST')).toBe('403 cross-site');
      expect(await verdict({ ...headers, 'sec-fetch-mode': 'navigate' }, 'GET')).toBe('403 cross-site');
    }
  });
});
