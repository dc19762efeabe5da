import { createServer } from 'node:http';
import type { Order } from './sales.ts';

export interface Shop {
  readonly url: string;
  /** Days asked for, in order; those that were refused, too. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

/** A real server; `isDown` says whether it answers 503. */
export async function startShop(isDown: () => boolean): Promise<Shop> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const day = new URL(request.url ?? '/', 'http://shop').searchParams.get('day') ?? '';
    asked.push(day);
    response.writeHead(isDown() ? 503 : 200, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(isDown() ? { error: 'down' } : ordersOf(day)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The same for a day whenever it is asked. */
function ordersOf(day: string): readonly Order[] {
  const number = Number(day.slice(-2));
  return Array.from({ length: 5 + (number % 4) }, (_, index) => ({
    id: `${day}/${index}`,
    amount: number * 10 + index,
    refund: index % 3 === 2,
  }));
}
