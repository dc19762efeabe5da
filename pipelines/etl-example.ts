import { connection, cron, dag, type FnContext, file, fn, http, sql } from '../lib/index.ts';
import { openShopDatabase } from './support/database.ts';
import { ORDER_FILES } from './support/orders.ts';

const warehouse = connection.sql('warehouse');
const shop = connection.http('shop');

const COLUMNS = {
  week: 'date',
  day: 'date',
  rain: 'boolean',
  warmest: 'double',
  weather: 'varchar',
  orders: 'integer',
  amount: 'double',
};

export const etlExample = dag(
  'etl_example',
  {
    description: 'A week of weather beside a week of sales: two sources, one transformed, joined and loaded.',
    owner: 'analytics',
    tags: ['example', 'weekly'],
    schedule: cron('@weekly'),
    start: '2026-01-04',
    catchup: false,
    include: ORDER_FILES,
    defaults: { retries: { attempts: 2, delay: '1m', backoff: 2 }, timeout: '10m' },
  },
  ({ task, run }) => {
    const { start, end, date: week } = run.interval;

    const ingestApi = task(
      'ingest_api',
      http.request<readonly WeatherDay[]>({
        connection: shop,
        path: '/weather',
        query: { from: start, to: end },
      }),
    );

    const transform = task('transform', fn({ days: ingestApi.output.body }, measured));

    const ingestDb = task('ingest_db', fn({ start, end }, salesByDay));

    const combine = task(
      'combine',
      fn({ week, weather: transform.output, sales: ingestDb.output }, joinDays),
    );

    task(
      'load',
      warehouse.transaction(
        sql`create table if not exists weather_sales
              (week date, day date, rain boolean, warmest double, weather varchar, orders integer, amount double)`,
        sql`delete from weather_sales where week = ${week}`,
        sql`insert into weather_sales select week, day, rain, warmest, weather, orders, amount
              from ${file.json(combine.output.path, { columns: COLUMNS })}`,
      ),
    );
  },
);

/** One day as the weather API gives it: every value is text. */
interface WeatherDay {
  readonly date: string;
  readonly precipitation: string;
  readonly temp_max: string;
  readonly weather: string;
}

interface SalesDay {
  readonly day: string;
  readonly orders: number;
  readonly amount: number;
}

interface MeasuredDay {
  readonly day: string;
  readonly rain: boolean;
  readonly warmest: number;
  readonly weather: string;
}

async function salesByDay({ start, end }: { start: string; end: string }) {
  const database = await openShopDatabase(start, end);
  const rows = database.prepare(
    `select day, count(*) as orders, round(sum(amount), 2) as amount
     from orders where status = 'paid' group by day order by day`,
  );
  const sales = rows.all().map((row) => ({
    day: String(row['day']),
    orders: Number(row['orders']),
    amount: Number(row['amount']),
  }));
  database.close();
  return sales;
}

function measured({ days }: { days: readonly WeatherDay[] }): readonly MeasuredDay[] {
  return days.map(({ date, precipitation, temp_max, weather }) => ({
    day: date,
    rain: Number(precipitation) > 0,
    warmest: Number(temp_max),
    weather,
  }));
}

interface Week {
  readonly week: string;
  readonly weather: readonly MeasuredDay[];
  readonly sales: readonly SalesDay[];
}

async function joinDays({ week, weather, sales }: Week, { files }: FnContext) {
  const byDay = new Map(sales.map((sale) => [sale.day, sale]));
  const rows = weather.map((day) => ({ week, ...day, orders: 0, amount: 0, ...byDay.get(day.day) }));
  return { path: await files.write(`combined/week=${week}.json`, rows) };
}
