import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { runDag } from '../../../lib/local/run.ts';
import { fact, output, temporaryFolder, testDag } from '../dag.ts';

/** Answers 503 so many times, then what it was asked. */
async function shop(faults: number): Promise<string> {
  let left = faults;
  const server = createServer((request, response) => {
    left -= 1;
    response.writeHead(left >= 0 ? 503 : 200, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify({ url: request.url, method: request.method }));
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

test('http.request asks for real, retries by status and gives the parsed body', async () => {
  const seen: unknown[] = [];
  const baseUrl = await shop(1);
  const args = { method: 'POST', path: '/orders', query: { day: fact('interval', 'date') }, body: { n: 1 } };
  const dag = testDag(
    {
      ask: {
        call: { kind: 'engine', engine: 'http.request', connection: 'shop', args: args as never },
        retries: [{ on: ['Http.503'], attempts: 2, delay: 1 }],
      },
      read: {
        inputs: { body: output('ask', 'body'), status: output('ask', 'status') },
        body: (inputs) => void seen.push(inputs),
      },
    },
    { connections: [{ name: 'shop', kind: 'http' }] },
  );
  const outcome = await runDag(dag, {
    root: temporaryFolder(),
    logicalDate: '2026-01-05',
    environment: { name: 'local', connections: { shop: { kind: 'http', baseUrl } } },
  });
  expect(outcome.tasks[0]?.tries.map(({ state, error }) => [state, error])).toEqual([
    ['failed', 'Http.503'],
    ['success', undefined],
  ]);
  expect(seen).toEqual([{ body: { url: '/orders?day=2026-01-05', method: 'POST' }, status: 200 }]);
});
