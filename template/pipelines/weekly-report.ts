import { connection, cron, dag, type FnContext, fn, gt, sql } from 'tutti';

const warehouse = connection.sql('warehouse');

export const weeklyReport = dag(
  'weekly_report',
  {
    description: 'A week of orders two ways, written to a file; weeks without orders are skipped.',
    owner: 'me',
    schedule: cron('@weekly'),
    start: '2026-01-04',
    defaults: { retries: { attempts: 1, delay: '5m' }, timeout: '10m' },
  },
  ({ task, shortCircuit, run }) => {
    const { start, end, date: week } = run.interval;

    const prepare = task(
      'prepare',
      warehouse.execute(
        sql`create table if not exists orders (id varchar, day date, region varchar, amount double)`,
      ),
    );
    const size = task(
      'size',
      warehouse.query<{ orders: number }>(sql`
        select count(*)::integer as orders
        from orders
        where day >= ${start}::timestamptz::date and day < ${end}::timestamptz::date`),
      { after: prepare },
    );
    const some = shortCircuit('some_orders', gt(size.output.first.orders, 0));

    // Two tasks that do not wait for each other run side by side.
    const byRegion = task(
      'by_region',
      warehouse.query<Line>(sql`
        select region as name, sum(amount) as amount
        from orders
        where day >= ${start}::timestamptz::date and day < ${end}::timestamptz::date
        group by region
        order by region`),
      { after: some },
    );
    const byDay = task(
      'by_day',
      warehouse.query<Line>(sql`
        select day::varchar as name, sum(amount) as amount
        from orders
        where day >= ${start}::timestamptz::date and day < ${end}::timestamptz::date
        group by day
        order by day`),
      { after: some },
    );

    task('write', fn({ week, regions: byRegion.output.rows, days: byDay.output.rows }, writeReport));
  },
);

interface Line {
  readonly name: string;
  readonly amount: number;
}

interface Report {
  readonly week: string;
  readonly regions: readonly Line[];
  readonly days: readonly Line[];
}

async function writeReport({ week, regions, days }: Report, { files }: FnContext) {
  return { path: await files.write(`reports/week=${week}.json`, { regions, days }) };
}
