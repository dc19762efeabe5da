import { connection, cron, dag, type FnContext, file, fn, param, sql, type Value } from '../lib/index.ts';
import type { Order } from './support/orders.ts';

const warehouse = connection.sql('warehouse');
const shop = connection.http('shop');

const COLUMNS = {
  id: 'varchar',
  day: 'date',
  region: 'varchar',
  customer: 'varchar',
  route: 'varchar',
  miles: 'integer',
  amount: 'decimal(10, 2)',
};

export const dailySales = dag(
  'daily_sales',
  {
    description: 'Yesterday’s ticket orders: fetched, sorted into sales and refunds, loaded and reported.',
    owner: 'sales-data',
    tags: ['sales', 'tier-1'],
    schedule: cron('0 2 * * *', { timezone: 'Europe/Berlin' }),
    start: '2026-01-01',
    catchup: true,
    maxActiveRuns: 1,
    defaults: { retries: { attempts: 2, delay: '1m', backoff: 2 }, timeout: '10m' },
    params: { region: param.string({ default: 'all', enum: ['all', 'east', 'central', 'west'] }) },
  },
  ({ task, run, params }) => {
    const of = { day: run.interval.date, region: params.region };

    const fetch = task('fetch', fn(of, fetchOrders), {
      // The shop answers 503 while it is busy: ask again soon. Anything else is retried as the defaults say.
      retries: [
        { on: 'Http.503', attempts: 5, delay: '1s', backoff: 2, maxDelay: '1m' },
        { attempts: 2, delay: '1m', backoff: 2 },
      ],
    });

    const paid = task('paid', fn({ ...of, path: fetch.output.path }, keepPaid));
    const refunded = task('refunded', fn({ ...of, path: fetch.output.path }, keepRefunded));

    // A day is deleted and inserted in one transaction: any date may run any number of times.
    const load = task(
      'load',
      warehouse.transaction(
        createTable('orders'),
        createTable('refunds'),
        deleteDay('orders', of),
        deleteDay('refunds', of),
        insertFile('orders', paid.output.path),
        insertFile('refunds', refunded.output.path),
      ),
    );

    const totals = task(
      'totals',
      warehouse.query<Total>(sql`
        select region,
               count(*) filter (where sold)::integer as orders,
               coalesce(sum(amount) filter (where sold), 0)::double as sold,
               coalesce(sum(amount) filter (where not sold), 0)::double as refunded
        from (select *, true as sold from orders union all select *, false as sold from refunds)
        where day = ${of.day}
        group by region
        order by region`),
      { after: load },
    );

    task('report', fn({ day: of.day, totals: totals.output.rows }, writeReport));
  },
);

interface Of {
  readonly day: string;
  readonly region: string;
}

interface Total {
  readonly region: string;
  readonly orders: number;
  readonly sold: number;
  readonly refunded: number;
}

async function fetchOrders({ day, region }: Of, { http, files, log }: FnContext) {
  const orders = await http(shop).get<readonly Order[]>('/orders', { query: { day, region } });
  log.info('orders fetched', { day, region, orders: orders.length });
  return { path: await files.write(`raw/orders/date=${day}/${region}.json`, orders) };
}

async function keepPaid({ day, region, path }: Of & { readonly path: string }, { files }: FnContext) {
  const orders = await files.json<readonly Order[]>(path);
  const paid = orders.filter((order) => order.status === 'paid');
  return { path: await files.write(`clean/orders/date=${day}/${region}.json`, paid) };
}

async function keepRefunded({ day, region, path }: Of & { readonly path: string }, { files }: FnContext) {
  const orders = await files.json<readonly Order[]>(path);
  const refunded = orders.filter((order) => order.status === 'refunded');
  return { path: await files.write(`clean/refunds/date=${day}/${region}.json`, refunded) };
}

function createTable(table: string) {
  return sql`create table if not exists ${sql.identifier(table)}
    (id varchar, day date, region varchar, customer varchar, route varchar, miles integer, amount decimal(10, 2))`;
}

function deleteDay(table: string, { day, region }: { day: Value<string>; region: Value<string> }) {
  return sql`delete from ${sql.identifier(table)} where day = ${day} and (region = ${region} or ${region} = 'all')`;
}

function insertFile(table: string, path: Value<string>) {
  return sql`insert into ${sql.identifier(table)}
    select id, day, region, customer, route, miles, amount
    from ${file.json(path, { columns: COLUMNS })}`;
}

async function writeReport(
  { day, totals }: { readonly day: string; readonly totals: readonly Total[] },
  { files }: FnContext,
) {
  const rows = totals.map(
    (total) => `| ${total.region} | ${total.orders} | ${total.sold} | ${total.refunded} |`,
  );
  const head = [`# Sales of ${day}`, '', '| region | orders | sold | refunded |', '|---|---:|---:|---:|'];
  return {
    path: await files.write(`reports/daily-sales/date=${day}.md`, `${[...head, ...rows].join('\n')}\n`),
  };
}
