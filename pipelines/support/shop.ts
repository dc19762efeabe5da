/** The HTTP API that the sample pipelines read from: a small server on this machine, with real rows. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { csvRows } from './datasets.ts';
import { ordersOf } from './orders.ts';

const DAY_MS = 86_400_000;

export interface Shop {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** Paths asked for so far, with their query, in order. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

export interface ShopOptions {
  /** Requests answered with 503 before the first good answer. @default 0 */
  readonly faults?: number;
  /** @default 0, any free port */
  readonly port?: number;
}

/**
 * Serves `GET /orders?day=2026-01-05&region=west` and `GET /weather?from=2024-01-01&to=2024-01-08`
 * until closed; it does not keep the process alive.
 */
export async function startShop(options: ShopOptions = {}): Promise<Shop> {
  const requests: string[] = [];
  let faults = options.faults ?? 0;
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    faults -= 1;
    if (faults >= 0) reply(response, 503, { error: 'the shop is busy, ask again' });
    else void serve(request, response);
  });
  server.unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const query = Object.fromEntries(searchParams);
  try {
    if (pathname === '/orders') reply(response, 200, await orders(query));
    else if (pathname === '/weather') reply(response, 200, await weather(query));
    else reply(response, 404, { error: `no such path: ${pathname}; there are /orders and /weather` });
  } catch (error) {
    reply(response, 500, { error: String(error) });
  }
}

type Query = Readonly<Record<string, string | undefined>>;

async function orders({ day = '', region = 'all' }: Query): Promise<unknown> {
  const all = await ordersOf(day);
  return region === 'all' ? all : all.filter((order) => order.region === region);
}

/** Seattle's weather as measured from 2012 to 2015: those four years repeat, calendar day by calendar day. */
async function weather({ from = '', to = '' }: Query): Promise<unknown> {
  const rows = await csvRows('seattle-weather.csv');
  const days = [];
  for (let at = Date.parse(from); at < Date.parse(to); at += DAY_MS) {
    const since = (at - Date.parse(rows[0]?.['date'] ?? '')) / DAY_MS;
    const date = new Date(at).toISOString().slice(0, 10);
    days.push({ ...rows[((since % rows.length) + rows.length) % rows.length], date });
  }
  return days;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  // No kept-alive connection may hold back the end of the process that asks and answers.
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
