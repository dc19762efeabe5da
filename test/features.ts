/** One small DAG per feature of the language; `test/golden/feature-*.asl.json` shows what each compiles to. */
import { connection, dag, eq, FailTask, file, fn, gt, http, orElse, sql, text } from '../lib/index.ts';

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
