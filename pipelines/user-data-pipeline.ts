import {
  connection,
  cron,
  dag,
  FailTask,
  type FnContext,
  file,
  fn,
  param,
  sql,
  type Value,
} from '../lib/index.ts';
import { signUpsOf, USER_FILES } from './support/users.ts';

const warehouse = connection.sql('warehouse');

const COLUMNS = {
  id: 'varchar',
  signed_up: 'date',
  zip: 'varchar',
  city: 'varchar',
  state: 'varchar',
  latitude: 'double',
  longitude: 'double',
};

export const userDataPipeline = dag(
  'user_data_pipeline',
  {
    description: 'Users who signed up: checked for schema, nulls and ranges before anything is loaded.',
    owner: 'growth-data',
    tags: ['users', 'checked', 'canary'],
    schedule: cron('@daily'),
    start: '2024-01-01',
    include: USER_FILES,
    defaults: { retries: { attempts: 2, delay: '30s' }, timeout: '15m' },
    params: {
      deliver: param.string({
        default: 'good',
        enum: ['good', 'other-columns', 'missing-city', 'off-the-map'],
        description: 'What the source delivers: good rows, or a mistake that a check has to find.',
      }),
    },
  },
  ({ task, group, run, params }) => {
    const day = run.interval.date;

    const extract = task('extract', fn({ day, deliver: params.deliver }, writeSignUps));
    const schema = task('check_schema', fn({ path: extract.output.path }, checkSchema));

    const transform = task(
      'transform',
      warehouse.transaction(
        createTable('users_staging'),
        sql`delete from users_staging where signed_up = ${day}`,
        sql`insert into users_staging
              select id, signed_up, zip, nullif(trim(city), ''), upper(state), latitude, longitude
              from ${file.csv(extract.output.path, { columns: COLUMNS })}`,
      ),
      { after: schema },
    );

    const profile = task('profile', warehouse.query<Profile>(profileOf(day)), { after: transform });
    const checks = group('checks', ({ task }) => ({
      nulls: task('nulls', fn({ profile: profile.output.first }, checkNulls)),
      ranges: task('ranges', fn({ profile: profile.output.first }, checkRanges)),
    }));

    const load = task(
      'load',
      warehouse.transaction(
        createTable('users'),
        sql`delete from users where signed_up = ${day}`,
        sql`insert into users select * from users_staging where signed_up = ${day}`,
      ),
      { after: checks },
    );

    const byState = task(
      'by_state',
      warehouse.query<StateCount>(sql`
        select state, count(*)::integer as users
        from users
        where signed_up = ${day}
        group by state
        order by users desc, state`),
      { after: load },
    );
    task('refresh_dashboard', fn({ day, states: byState.output.rows }, writeDashboard));

    task('tell_owner', fn({ day }, writeAlert), {
      after: [schema, checks.tasks.nulls, checks.tasks.ranges],
      triggerRule: 'one_failed',
    });
  },
);

interface Profile {
  readonly rows: number;
  readonly nulls: number;
  readonly off_the_map: number;
}

interface StateCount {
  readonly state: string;
  readonly users: number;
}

async function writeSignUps({ day, deliver }: { day: string; deliver: string }, { files }: FnContext) {
  return { path: await files.write(`raw/users/date=${day}/users.csv`, await signUpsOf(day, deliver)) };
}

async function checkSchema({ path }: { path: string }, { files }: FnContext) {
  const expected = Object.keys(COLUMNS).join(',');
  const [header = ''] = (await files.text(path)).split('\n', 1);
  if (header !== expected) throw new FailTask(`${path} › columns: must be ${expected}, got ${header}`);
}

function createTable(table: string) {
  return sql`create table if not exists ${sql.identifier(table)}
    (id varchar, signed_up date, zip varchar, city varchar, state varchar, latitude double, longitude double)`;
}

function profileOf(day: Value<string>) {
  return sql`
    select count(*)::integer as rows,
           count(*) filter (where id is null or zip is null or city is null or state is null)::integer as nulls,
           count(*) filter (where not (latitude between -15 and 72 and longitude between -180 and 180))::integer
             as off_the_map
    from users_staging
    where signed_up = ${day}`;
}

interface Profiled {
  readonly profile: Profile | undefined;
}

function checkNulls({ profile }: Profiled) {
  if (profile?.nulls !== 0) {
    throw new FailTask(`users › nulls: must be in no row, got ${profile?.nulls} of ${profile?.rows}`);
  }
}

function checkRanges({ profile }: Profiled) {
  if (profile?.off_the_map !== 0) {
    throw new FailTask(
      `users › latitude, longitude: must be on the map, got ${profile?.off_the_map} of ${profile?.rows} that are not`,
    );
  }
}

async function writeDashboard(
  { day, states }: { day: string; states: readonly StateCount[] },
  { files }: FnContext,
) {
  return { path: await files.write(`dashboards/users/date=${day}.json`, { day, states }) };
}

async function writeAlert({ day }: { day: string }, { files, log }: FnContext) {
  log.error('users were not loaded: a check failed', { day });
  await files.write(`alerts/users/date=${day}.txt`, `users of ${day} were not loaded: a check failed\n`);
}
