import { connection, cron, dag, type FnContext, file, fn, sql } from 'tutti';

const warehouse = connection.sql('warehouse');

export const orders = dag(
  'orders',
  {
    description: 'Orders of one day: fetched, loaded, summed up.',
    owner: 'me',
    schedule: cron('@daily'),
    start: '2026-01-01',
    defaults: { retries: { attempts: 2, delay: '1m', backoff: 2 }, timeout: '10m' },
  },
  ({ task, run }) => {
    const day = run.interval.date;

    const fetch = task('fetch', fn({ day }, fetchOrders));

    // Using the output of `fetch` is the dependency. Deleting the day first lets any day run twice.
    const load = task(
      'load',
      warehouse.transaction(
        sql`create table if not exists orders (id varchar, day date, region varchar, amount double)`,
        sql`delete from orders where day = ${day}`,
        sql`insert into orders select id, day, region, amount from ${file.json(fetch.output.path)}`,
      ),
    );

    const report = task(
      'report',
      warehouse.query<RegionSum>(sql`
        select region, count(*)::integer as orders, round(sum(amount), 2) as amount
        from orders
        where day = ${day}
        group by region
        order by region`),
      { after: load },
    );

    task('tell', fn({ day, regions: report.output.rows }, tell));
  },
);

interface RegionSum {
  readonly region: string;
  readonly orders: number;
  readonly amount: number;
}

/** Stands for the API of a shop: put yours here. Every call for one day gives the same orders. */
async function fetchOrders({ day }: { day: string }, { files }: FnContext) {
  const regions = ['east', 'central', 'west'];
  const found = regions.flatMap((region, index) =>
    Array.from({ length: 5 + index }, (_, number) => ({
      id: `${day}/${region}/${number + 1}`,
      day,
      region,
      amount: 10 * (index + 1) + number,
    })),
  );
  return { path: await files.write(`raw/orders/date=${day}/orders.json`, found) };
}

function tell({ day, regions }: { day: string; regions: readonly RegionSum[] }, { log }: FnContext) {
  for (const { region, orders, amount } of regions) log.info(`${day} ${region}: ${orders} orders, ${amount}`);
}
