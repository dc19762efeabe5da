/** The world outside of the DAGs that the suite runs: a shop, and a gate that tasks wait at until they are let through. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ordersOf } from '../../pipelines/support/orders.ts';
import type { Json } from './json.ts';

/** Which task of which run is at the gate. */
export interface Caller {
  readonly dag: string;
  readonly run: string;
  readonly task: string;
  readonly try: number;
}

/** How a task that was let through goes on. */
export type Outcome = 'ok' | 'fail' | 'skip';

export interface Outside {
  readonly url: string;
  /** Days whose orders the shop does not give. */
  readonly closedDays: Set<string>;
  /** Everybody who ever came to the gate, or passed by it, in order. */
  readonly seen: readonly Caller[];
  /** Lets a task through, now or when it comes. */
  readonly release: (caller: Omit<Caller, 'try'>, outcome?: Outcome) => void;
  readonly close: () => void;
}

/** Listens on a free port of 127.0.0.1: `/orders` and `/weather` of the shop, `/gate` holds, `/pass` only counts. */
export async function startOutside(port = 0): Promise<Outside> {
  const closedDays = new Set<string>();
  const seen: Caller[] = [];
  const gate = new Gate();
  const server = createServer((request, response) => {
    answer(request, { closedDays, seen, gate }).then(
      ([status, body]) => reply(response, status, body),
      (error: unknown) => reply(response, 500, { error: String(error) }),
    );
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    closedDays,
    seen,
    release: (caller, outcome = 'ok') => gate.release(keyOf(caller), outcome),
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Parts {
  readonly closedDays: ReadonlySet<string>;
  readonly seen: Caller[];
  readonly gate: Gate;
}

async function answer(
  { url = '/' }: IncomingMessage,
  { closedDays, seen, gate }: Parts,
): Promise<[number, Json]> {
  const { pathname, searchParams } = new URL(url, 'http://outside');
  const { day = '', region = 'all', ...rest } = Object.fromEntries(searchParams);
  if (pathname === '/orders') {
    if (closedDays.has(day)) return [500, { error: `the shop has lost the orders of ${day}` }];
    const orders = await ordersOf(day);
    const chosen = orders.filter((order) => region === 'all' || order.region === region);
    return [200, chosen.map((order): Json => ({ ...order }))];
  }
  const { dag = '', run = '', task = '', try: number = '1' } = rest;
  const caller = { dag, run, task, try: Number(number) };
  if (pathname !== '/gate' && pathname !== '/pass') return [404, { error: `no such path: ${pathname}` }];
  seen.push(caller);
  return [200, { outcome: pathname === '/gate' ? await gate.pass(keyOf(caller)) : 'ok' }];
}

function keyOf({ dag, run, task }: Omit<Caller, 'try'>): string {
  return [dag, run, task].join('\n');
}

class Gate {
  readonly #released = new Map<string, Outcome>();
  readonly #waiting = new Map<string, ((outcome: Outcome) => void)[]>();

  release(key: string, outcome: Outcome): void {
    this.#released.set(key, outcome);
    for (const go of this.#waiting.get(key) ?? []) go(outcome);
    this.#waiting.delete(key);
  }

  async pass(key: string): Promise<Outcome> {
    const released = this.#released.get(key);
    if (released !== undefined) return released;
    return new Promise((resolve) => this.#waiting.set(key, [...(this.#waiting.get(key) ?? []), resolve]));
  }
}

function reply(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
}
