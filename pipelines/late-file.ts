import { connection, cron, dag, type FnContext, file, fn, param, sensor, sql, text } from '../lib/index.ts';
import { deliver, MARKER, SUPPLIER_FILES } from './support/supplier.ts';

const warehouse = connection.sql('warehouse');

const COLUMNS = {
  date: 'date',
  precipitation: 'double',
  temp_max: 'double',
  temp_min: 'double',
  wind: 'double',
  weather: 'varchar',
};

export const lateFile = dag(
  'late_file',
  {
    description:
      'A month of weather that a supplier delivers late, in parts: waited for, then each part loaded.',
    owner: 'weather-data',
    tags: ['example', 'sensor'],
    schedule: cron('@monthly'),
    start: '2012-01-01',
    end: '2016-01-01',
    include: SUPPLIER_FILES,
    defaults: { retries: { attempts: 2, delay: '1m' }, timeout: '10m' },
    params: {
      late: param.integer({
        default: 2,
        minimum: 0,
        description: 'Seconds after which the supplier delivers, whom this sample plays itself.',
      }),
    },
  },
  ({ task, run, params }) => {
    const month = run.interval.date;
    const folder = text`incoming/weather/month=${month}`;

    task('supplier', fn({ folder, month, late: params.late }, deliver));

    // Looks soon at first, every five minutes in the end. Nothing within the hour is no failure: the month is skipped.
    const arrived = task(
      'arrived',
      sensor.file(text`${folder}/${MARKER}`, {
        pokeEvery: '1s',
        exponential: true,
        maxPokeEvery: '5m',
        timeout: '1h',
        softFail: true,
      }),
    );
    const parts = task('parts', fn({ folder }, listParts), { after: arrived });

    // A part is deleted and inserted in one transaction: any month may run any number of times.
    const load = task.map(
      'load',
      parts.output.files,
      (part) =>
        warehouse.transaction(
          sql`create table if not exists weather
                (part varchar, date date, precipitation double, temp_max double, weather varchar)`,
          sql`delete from weather where part = ${part}`,
          sql`insert into weather
                select ${part}, date, precipitation, temp_max, weather
                from ${file.csv(part, { columns: COLUMNS })}`,
        ),
      { concurrency: 2, label: (part) => part, maxItems: 31 },
    );

    const summary = task(
      'summary',
      warehouse.query<Month>(sql`
        select count(*)::integer as days,
               round(sum(precipitation), 1)::double as rain,
               max(temp_max)::double as warmest
        from weather
        where starts_with(part, ${folder})`),
      { after: load },
    );
    task('publish', fn({ month, summary: summary.output.first }, publish));
  },
);

interface Month {
  readonly days: number;
  readonly rain: number;
  readonly warmest: number;
}

async function listParts({ folder }: { readonly folder: string }, { files }: FnContext) {
  return { files: await files.list(`${folder}/part-`) };
}

async function publish(
  { month, summary }: { readonly month: string; readonly summary: Month | undefined },
  { files }: FnContext,
) {
  return { path: await files.write(`published/weather/month=${month}.json`, summary ?? null) };
}
