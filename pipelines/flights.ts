import { readFile } from 'node:fs/promises';
import { connection, cron, dag, FailTask, type FnContext, file, fn, sql, type Value } from '../lib/index.ts';
import { dataset, datasetFiles } from './support/datasets.ts';

const warehouse = connection.sql('warehouse');

export const flights = dag(
  'flights',
  {
    description: 'A month of US flights: partitioned by day, checked, summed up two ways, published.',
    doc: [
      'The daily figures want a month that is complete and sane; the airports only want sane values.',
      'So `airports` waits for one check and `daily` for both: no nesting of parallel branches says that.',
    ].join('\n'),
    owner: 'flight-data',
    tags: ['flights', 'volume'],
    schedule: cron('@monthly'),
    start: '2001-01-01',
    end: '2001-07-01',
    catchup: true,
    maxActiveRuns: 1,
    include: datasetFiles('flights-3m.parquet'),
    defaults: { retries: { attempts: 1, delay: '1m' }, timeout: '15m' },
  },
  ({ task, run }) => {
    const month = run.interval.date;

    const land = task('land', fn(landFile));
    const partition = task(
      'partition',
      warehouse.transaction(
        sql`create table if not exists flights
              (day date, departure timestamp, delay integer, miles integer, origin varchar, destination varchar)`,
        sql`delete from flights where date_trunc('month', day) = ${month}::date`,
        sql`insert into flights
              select date::date, date, delay, distance, origin, destination
              from ${file.parquet(land.output.path)}
              where date_trunc('month', date) = ${month}::date
              order by date`,
      ),
    );

    const profile = task('profile', warehouse.query<Profile>(profileOf(month)), { after: partition });
    const complete = task('check_complete', fn({ profile: profile.output.first }, checkComplete));
    const sane = task('check_values', fn({ profile: profile.output.first }, checkValues));

    const daily = task('daily', warehouse.transaction(...dailyFigures(month)), { after: [complete, sane] });
    const airports = task('airports', warehouse.transaction(...airportFigures(month)), { after: sane });

    const busiest = task('busiest', warehouse.query<Day>(busiestDays(month)), { after: daily });
    const worst = task('worst', warehouse.query<Airport>(worstAirports(month)), { after: airports });
    task('publish', fn({ month, busiest: busiest.output.rows, worst: worst.output.rows }, publish));
  },
);

interface Profile {
  readonly flights: number;
  readonly days: number;
  readonly days_of_month: number;
  readonly nulls: number;
  readonly odd: number;
}

interface Day {
  readonly day: string;
  readonly flights: number;
  readonly delayed: number;
}

interface Airport {
  readonly airport: string;
  readonly flights: number;
  readonly average_delay: number;
}

async function landFile({ files }: FnContext) {
  return {
    path: await files.write('raw/flights/2001.parquet', await readFile(dataset('flights-3m.parquet'))),
  };
}

function profileOf(month: Value<string>) {
  return sql`
    select count(*)::integer as flights,
           count(distinct day)::integer as days,
           day(last_day(${month}::date))::integer as days_of_month,
           count(*) filter (where origin is null or destination is null or delay is null)::integer as nulls,
           count(*) filter (where delay not between -120 and 2880 or miles <= 0)::integer as odd
    from flights
    where date_trunc('month', day) = ${month}::date`;
}

interface Profiled {
  readonly profile: Profile | undefined;
}

function checkComplete({ profile }: Profiled) {
  if (profile === undefined || profile.days !== profile.days_of_month) {
    throw new FailTask(`flights › days: must be ${profile?.days_of_month}, got ${profile?.days}`);
  }
}

/** The source holds a few impossible delays, -1,116 minutes the worst; a flood of them is a broken delivery. */
function checkValues({ profile }: Profiled) {
  const { flights = 0, nulls = 0, odd = 0 } = profile ?? {};
  if (nulls > 0) throw new FailTask(`flights › nulls: must be in no row, got ${nulls} of ${flights}`);
  if (odd * 1000 > flights) {
    throw new FailTask(`flights › delay, miles: must be odd in at most 0.1 % of ${flights} rows, got ${odd}`);
  }
}

function dailyFigures(month: Value<string>) {
  return [
    sql`create table if not exists flights_daily (day date, flights integer, delayed integer, average_delay double)`,
    sql`delete from flights_daily where date_trunc('month', day) = ${month}::date`,
    sql`insert into flights_daily
          select day, count(*), count(*) filter (where delay > 15), round(avg(delay), 2)
          from flights
          where date_trunc('month', day) = ${month}::date and delay between -120 and 2880
          group by day
          order by day`,
  ] as const;
}

function airportFigures(month: Value<string>) {
  return [
    sql`create table if not exists flights_airports
          (month date, airport varchar, flights integer, average_delay double)`,
    sql`delete from flights_airports where month = ${month}`,
    sql`insert into flights_airports
          select ${month}::date, origin, count(*), round(avg(delay), 2)
          from flights
          where date_trunc('month', day) = ${month}::date and delay between -120 and 2880
          group by origin
          order by origin`,
  ] as const;
}

function busiestDays(month: Value<string>) {
  return sql`
    select cast(day as varchar) as day, flights, delayed
    from flights_daily
    where date_trunc('month', day) = ${month}::date
    order by flights desc, day
    limit 5`;
}

function worstAirports(month: Value<string>) {
  return sql`
    select airport, flights, average_delay
    from flights_airports
    where month = ${month} and flights >= 1000
    order by average_delay desc, airport
    limit 10`;
}

interface Figures {
  readonly month: string;
  readonly busiest: readonly Day[];
  readonly worst: readonly Airport[];
}

async function publish(figures: Figures, { files }: FnContext) {
  return { path: await files.write(`published/flights/month=${figures.month.slice(0, 7)}.json`, figures) };
}
