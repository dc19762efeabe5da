/** One small DAG per feature of the language; `test/golden/feature-*.asl.json` shows what each compiles to. */
import {
  approve,
  connection,
  dag,
  eq,
  FailTask,
  file,
  fn,
  gt,
  gte,
  http,
  orElse,
  pool,
  sensor,
  sql,
  text,
} from '../lib/index.ts';

const warehouse = connection.sql('warehouse');
const shop = connection.http('shop');
const nothing = fn(() => undefined);
const counted = fn(() => ({ rows: 3, path: 'a.json', note: undefined as string | undefined }));

export const series = dag('series', {}, ({ task, chain }) => {
  chain(task('a', nothing), task('b', nothing), task('c', nothing));
});

export const parallel = dag('parallel', {}, ({ task, chain }) => {
  chain(task('a', nothing), [task('b', nothing), task('c', nothing), task('d', nothing)], task('e', nothing));
});

/** `d` waits for `a` and `b`, `c` for `a` alone: not series-parallel, so one edge becomes a latch. */
export const nGraph = dag('n-graph', {}, ({ task }) => {
  const a = task('a', nothing);
  const b = task('b', nothing);
  task('c', nothing, { after: a });
  task('d', nothing, { after: [a, b] });
});

export const earlyRules = dag('early-rules', {}, ({ task }) => {
  const after = [task('a', nothing), task('b', nothing), task('c', nothing)];
  task('first_success', nothing, { after, triggerRule: 'one_success' });
  task('first_failure', nothing, { after, triggerRule: 'one_failed' });
  task('first_end', nothing, { after, triggerRule: 'one_done' });
  task('at_once', nothing, { after, triggerRule: 'always' });
});

export const lateRules = dag('late-rules', {}, ({ task }) => {
  const after = [task('a', nothing), task('b', nothing)];
  task('all_failed', nothing, { after, triggerRule: 'all_failed' });
  task('all_done', nothing, { after, triggerRule: 'all_done' });
  task('all_skipped', nothing, { after, triggerRule: 'all_skipped' });
  task('none_failed', nothing, { after, triggerRule: 'none_failed' });
  task('none_failed_min_one_success', nothing, { after, triggerRule: 'none_failed_min_one_success' });
  task('none_skipped', nothing, { after, triggerRule: 'none_skipped' });
  task('all_done_min_one_success', nothing, { after, triggerRule: 'all_done_min_one_success' });
});

export const branching = dag('branching', {}, ({ task, branch }) => {
  const size = branch(
    'size',
    fn((): 'big' | 'small' => 'big'),
  );
  const big = task('big', nothing, { after: size.to('big') });
  const small = task('small', nothing, { after: size.to('small') });
  task('join', nothing, { after: [big, small], triggerRule: 'none_failed_min_one_success' });
});

export const choosing = dag('choosing', {}, ({ task, choose }) => {
  const count = task('count', counted);
  const size = choose('size', { big: gt(count.output.rows, 1000), none: eq(count.output.rows, 0) }, 'small');
  task('big', nothing, { after: size.to('big') });
  task('small', nothing, { after: size.to('small') });
  task('none', nothing, { after: size.to('none') });
});

export const shortCircuits = dag('short-circuits', {}, ({ task, shortCircuit }) => {
  const count = task('count', counted);
  const some = shortCircuit('some', gt(count.output.rows, 0));
  const load = task('load', nothing, { after: some });
  task('report', nothing, { after: load, triggerRule: 'all_done' });
});

export const teardowns = dag('teardowns', {}, ({ task }) => {
  const cluster = task('cluster', counted);
  const work = task('work', nothing, { after: cluster });
  const more = task('more', nothing, { after: work });
  task('stop', nothing, { after: more, teardownOf: cluster });
});

export const retries = dag('retries', { defaults: { retries: { attempts: 2, delay: '1m' } } }, ({ task }) => {
  task('by_default', nothing);
  task('by_class', nothing, {
    timeout: '5m',
    retries: [
      { on: 'Throttled', attempts: 10, delay: '10s', backoff: 2, maxDelay: '5m', jitter: true },
      { on: ['States.Timeout', FailTask], attempts: 1 },
      { attempts: 3, delay: '30s' },
    ],
  });
  task('never', nothing, { retries: { attempts: 0 } });
});

export const groups = dag('groups', {}, ({ task, group }) => {
  const start = task('start', nothing);
  const load = group(
    'load',
    ({ task, group }) => {
      const a = task('a', nothing);
      return { a, inner: group('inner', ({ task }) => ({ b: task('b', nothing, { after: a }) })) };
    },
    { after: start },
  );
  task('end', nothing, { after: load });
});

/** How a field travels: in a variable, out of a branch, and across a latch. */
export const outputs = dag('outputs', {}, ({ task, run }) => {
  const a = task('a', counted);
  const b = task('b', counted);
  task(
    'c',
    fn({ rows: a.output.rows, note: orElse(a.output.note, 'none') }, () => undefined),
  );
  task(
    'd',
    fn(
      { a: a.output.path, b: b.output.path, name: text`${run.interval.date} of ${b.output.rows}` },
      () => undefined,
    ),
  );
});

export const engines = dag('engines', {}, ({ task, run }) => {
  const orders = task(
    'orders',
    http.request({ connection: shop, path: '/orders', query: { day: run.interval.date } }),
  );
  const raw = task(
    'raw',
    fn({ orders: orders.output.body }, () => ({ path: 'orders.json' })),
  );
  const load = task(
    'load',
    warehouse.transaction(
      sql`delete from orders where day = ${run.interval.date}`,
      sql`insert into orders select * from ${file.json(raw.output.path)}`,
    ),
  );
  const total = task(
    'total',
    warehouse.query<{ amount: number }>(sql`select sum(amount) as amount from orders`),
    {
      after: load,
    },
  );
  task(
    'tell',
    fn({ amount: total.output.first.amount }, () => undefined),
  );
});

export const anyFailed = dag('any-failed', { runState: 'any-failed', runTimeout: '1h' }, ({ task }) => {
  const a = task('a', nothing);
  task('b', nothing, { after: a, triggerRule: 'all_done' });
});

/** A list known before the run, one known only during it, and what comes out of both. */
export const mapping = dag('mapping', {}, ({ task }) => {
  const regions = task.map('regions', ['eu', 'us'], (region) => fn({ region }, () => ({ rows: 3 })), {
    tolerate: 1,
    retries: { attempts: 1, delay: '1s' },
  });
  const listed = task(
    'listed',
    fn(() => ({ files: ['a.json', 'b.json', 'c.json'], rows: 3 })),
  );
  const loaded = task.map(
    'loaded',
    listed.output.files,
    (path, index) => fn({ path, index }, () => ({ rows: 3 })),
    { concurrency: 2, maxItems: 10, label: (path) => path },
  );
  task(
    'sum',
    fn({ regions: regions.output, loaded: loaded.output }, () => undefined),
  );
});

/** Of each item `store` waits only for `clean` of that item; the list may be long, so each item has its own execution. */
export const mappedGroup = dag('mapped-group', {}, ({ task, group }) => {
  const listed = task(
    'listed',
    fn(() => ({ files: ['a.json', 'b.json', 'c.json'], rows: 3 })),
  );
  const each = group.map('each', listed.output.files, ({ task }, path) => {
    const clean = task(
      'clean',
      fn({ path }, () => ({ rows: 3 })),
    );
    return {
      clean,
      store: task(
        'store',
        fn({ rows: clean.output.rows }, () => ({ rows: 3 })),
      ),
    };
  });
  task(
    'sum',
    fn({ all: each.tasks.store.output }, () => undefined),
  );
});

/** All of it again while `check` fails; a latch inside belongs to one try. */
export const groupRetries = dag('group-retries', {}, ({ task, group }) => {
  const start = task('start', nothing);
  const load = group(
    'load',
    ({ task }) => {
      const a = task('a', counted);
      const b = task('b', nothing);
      task('c', nothing, { after: a });
      return { a, check: task('check', nothing, { after: [a, b] }) };
    },
    { after: start, retries: { attempts: 2, delay: '1s' } },
  );
  task(
    'report',
    fn({ rows: load.tasks.a.output.rows }, () => undefined),
  );
});

/** Page by page until the last one. */
export const loops = dag('loops', {}, ({ task, loop }) => {
  const pages = loop(
    'pages',
    { initial: { rows: 0 }, until: (out) => gte(out.rows, 3), maxIterations: 5 },
    (previous, { task }) => {
      const fetch = task(
        'fetch',
        fn({ from: previous.rows }, () => ({ rows: 3 })),
      );
      return { rows: fetch.output.rows };
    },
  );
  task(
    'report',
    fn({ rows: pages.output.rows }, () => undefined),
  );
});

/** Looks by everything there is to look by; a poll is a retry. */
export const sensors = dag('sensors', {}, ({ task, run }) => {
  const { date: day, end } = run.interval;
  task('until_noon', sensor.at(text`${day}T12:00:00Z`));
  task('until_end', sensor.at(end));
  const ready = task(
    'by_function',
    sensor.fn({ day }, ({ day: of }) => ({ day: of }), {
      pokeEvery: '1m',
      exponential: true,
      maxPokeEvery: '10m',
    }),
    { retries: { attempts: 2, delay: '1m' } },
  );
  task(
    'by_request',
    sensor.http({ connection: shop, path: '/ready', notYet: [404, 425] }, { timeout: '2h' }),
  );
  task(
    'by_query',
    sensor.sql(warehouse, sql`select count(*) from orders where day = ${day}`, {
      timeout: '6h',
      softFail: true,
    }),
  );
  const files = task(
    'by_file',
    sensor.file(text`in/${ready.output.day}/*.csv`, { pokeEvery: '30s', timeout: '1h' }),
  );
  task(
    'load',
    fn({ paths: files.output.paths }, () => undefined),
  );
});

/** Waits for people: one whose answer is chosen by, one whose answer a task across a latch reads. */
export const approvals = dag('approvals', {}, ({ task, choose }) => {
  const count = task('count', counted);
  const size = task(
    'size',
    approve({
      message: text`Load ${count.output.rows} rows?`,
      choices: ['all', 'some', 'none'],
      rejects: ['none'],
      timeout: '8h',
    }),
  );
  const how = choose('how', { all: eq(size.output.choice, 'all') }, 'some');
  task('load_all', nothing, { after: how.to('all') });
  task('load_some', nothing, { after: how.to('some') });
  const other = task('other', nothing);
  task(
    'note',
    fn({ by: orElse(size.output.by, 'nobody') }, () => undefined),
    { after: other },
  );
});

/** Two places for three tasks, and one that takes both. */
export const pools = dag('pools', {}, ({ task, chain }) => {
  const warehousePool = pool('warehouse', { slots: 2 });
  const loads = [
    task('a', nothing, { pool: warehousePool }),
    task('b', nothing, { pool: warehousePool }),
    task('c', nothing, { pool: warehousePool }),
  ];
  chain(loads, task('vacuum', nothing, { pool: { pool: warehousePool, slots: 2 } }));
});

/** The whole run again while it failed. */
export const runRetries = dag('run-retries', { runRetries: { attempts: 1, delay: '1s' } }, ({ task }) => {
  const a = task('a', counted);
  task(
    'b',
    fn({ rows: a.output.rows }, () => undefined),
  );
});
