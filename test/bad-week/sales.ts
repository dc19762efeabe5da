/** A DAG whose functions do real work: an API over HTTP, files, rows of a database that knows no transactions of theirs. */
import { connection, cron, dag, type FnContext, fn, sensor } from '../../lib/index.ts';
import type { DagNode } from '../../lib/model/dag.ts';

export interface Order {
  readonly id: string;
  readonly amount: number;
  readonly refund: boolean;
}

/** What the functions of one process do their work with. */
export interface Hands {
  /** Waits for real work; time stands still meanwhile. */
  readonly real: <T>(work: Promise<T>) => Promise<T>;
  /** Lets virtual time pass. */
  readonly rest: (seconds: number) => Promise<void>;
  readonly warehouse: (statement: string) => Promise<readonly (readonly unknown[])[]>;
}

export interface Mistakes {
  /** Days whose refunds are taken for sales. */
  readonly bugOn: readonly string[];
  /** Whether the load of a day breaks in its midst, at a try. */
  readonly breaks: (day: string, tryNumber: number) => boolean;
}

const shop = connection.http('shop');

/** `hands` are those of the process that runs the function now. */
export function salesDag(hands: () => Hands, { bugOn, breaks }: Mistakes): DagNode {
  return dag(
    'sales',
    {
      schedule: cron('0 2 * * *', { timezone: 'Europe/Berlin' }),
      start: '2026-03-20',
      catchup: true,
      maxActiveRuns: 2,
      defaults: { retries: { attempts: 2, delay: '10m' } },
    },
    ({ task, run }) => {
      const day = run.interval.date;
      const rates = task(
        'rates',
        sensor.fn({ day }, (of, { files }) => hands().real(files.exists(ratesOf(of.day))), {
          pokeEvery: '10m',
          timeout: '3d',
        }),
      );
      const fetch = task('fetch', fn({ day }, fetchOrders), { after: rates });
      const load = task('load', fn({ day, path: fetch.output.path }, loadOrders));
      const totals = task('totals', fn({ day, rows: load.output.rows }, sumUp));
      task('report', fn({ day, sold: totals.output.sold, refunded: totals.output.refunded }, writeReport));
    },
  );

  async function fetchOrders({ day }: { day: string }, { http, files }: FnContext) {
    const { real } = hands();
    const orders = await real(http(shop).get<readonly Order[]>('/orders', { query: { day } }));
    return { path: await real(files.write(`raw/orders/${day}.json`, orders)) };
  }

  /** Half of the rows, some time, and the other half: what breaks in between has written a part. */
  async function loadOrders({ day, path }: { day: string; path: string }, { files, run }: FnContext) {
    const { real, rest, warehouse } = hands();
    const orders = await real(files.json<readonly Order[]>(path));
    const { rate } = await real(files.json<{ rate: number }>(ratesOf(day)));
    const insert = async (some: readonly Order[]) => {
      const rows = some.map(({ id, amount, refund }) => `('${id}', '${day}', ${amount * rate}, ${refund})`);
      await warehouse(`insert into orders values ${rows.join(', ')}`);
    };
    await warehouse('create table if not exists orders (id varchar, day date, euros double, refund boolean)');
    await warehouse(`delete from orders where day = '${day}'`);
    const half = Math.floor(orders.length / 2);
    await insert(orders.slice(0, half));
    await rest(20);
    if (breaks(day, run.try)) throw new Error('the warehouse is gone');
    await insert(orders.slice(half));
    return { rows: orders.length };
  }

  async function sumUp({ day }: { day: string; rows: number }) {
    const { warehouse } = hands();
    const sum = async (which: string) => {
      const [row] = await warehouse(
        `select coalesce(sum(euros), 0) from orders where day = '${day}' and ${which}`,
      );
      return Number(row?.[0]);
    };
    const sold = await sum(bugOn.includes(day) ? 'true' : 'not refund');
    const refunded = await sum('refund');
    await warehouse('create table if not exists totals (day date, sold double, refunded double)');
    await warehouse(`delete from totals where day = '${day}'`);
    await warehouse(`insert into totals values ('${day}', ${sold}, ${refunded})`);
    return { sold, refunded };
  }

  async function writeReport(
    { day, sold, refunded }: { day: string; sold: number; refunded: number },
    { files, run }: FnContext,
  ) {
    const text = `${day}: ${sold} sold, ${refunded} refunded, ${run.interval.start} to ${run.interval.end}\n`;
    return { path: await hands().real(files.write(`reports/${day}.txt`, text)) };
  }
}

export function ratesOf(day: string): string {
  return `incoming/rates/${day}.json`;
}
