/** What the types promise of maps, groups, loops, pools and waits. `tsc` is the runner: most of this only has to compile, or not to. */
import { describe, expectTypeOf, test } from 'vitest';
import { startCollecting } from '../../lib/dsl/collect.ts';
import {
  type Approval,
  approve,
  type Branch,
  connection,
  dag,
  eq,
  fn,
  type Loop,
  not,
  orElse,
  param,
  pool,
  type Ref,
  type Refs,
  type Step,
  sensor,
  sql,
  type Task,
} from '../../lib/index.ts';

interface File {
  readonly path: string;
  readonly size: number;
  readonly note?: string;
}

/** Declares a DAG whose mistakes are meant: here only its types matter. */
const mistaken: typeof dag = (id, options, body) => {
  const collection = startCollecting();
  try {
    return dag(id, options, body);
  } finally {
    collection.stop();
  }
};

const listed = fn((): { files: readonly File[]; maybe?: readonly string[]; day: string } => ({
  files: [],
  day: 'x',
}));
const nothing = fn(() => undefined);
const warehouse = connection.sql('warehouse');
const shop = connection.http('shop');

describe('a mapped task', () => {
  test('has the items of its list, and gives a list', () => {
    dag('d', { params: { regions: param.list({ items: param.string() }) } }, ({ task, params }) => {
      const list = task('list', listed);
      const load = task.map(
        'load',
        list.output.files,
        (file, index) => {
          expectTypeOf(file.path).toEqualTypeOf<Ref<string>>();
          expectTypeOf(file.note).toEqualTypeOf<Ref<string | undefined>>();
          expectTypeOf(index).toEqualTypeOf<Ref<number>>();
          return fn({ file, index }, ({ file, index }) => {
            expectTypeOf(file).toEqualTypeOf<File>();
            expectTypeOf(index).toEqualTypeOf<number>();
            return { rows: file.size };
          });
        },
        { label: (file) => file.path, tolerate: '10%', concurrency: 3 },
      );
      expectTypeOf(load).toEqualTypeOf<Task<{ rows: number }[], 'load'>>();
      const whole: Ref<{ rows: number }[]> = load.output;
      const several: Ref<readonly { readonly rows: number }[]> = load.output;
      task(
        'end',
        fn({ whole, several }, ({ whole }) => {
          expectTypeOf(whole).toEqualTypeOf<{ rows: number }[]>();
        }),
      );
      task.map('of_param', params.regions, (region) => {
        expectTypeOf(region).toEqualTypeOf<Ref<string>>();
        return fn({ region }, () => 1);
      });
      task.map('constant', [{ table: 'a', day: list.output.day }], (item) => {
        expectTypeOf(item.table).toEqualTypeOf<Ref<string>>();
        expectTypeOf(item.day).toEqualTypeOf<Ref<string>>();
        return warehouse.execute(sql`delete from t where day = ${item.day}`);
      });
      task.map('again', load.output, (loaded) => {
        expectTypeOf(loaded.rows).toEqualTypeOf<Ref<number>>();
        return nothing;
      });
    });
  });

  test('is over a list that is there', () => {
    mistaken('d', {}, ({ task }) => {
      const { output } = task('list', listed);
      // @ts-expect-error: a text is no list
      task.map('a', output.day, () => nothing);
      // @ts-expect-error: the list may be missing
      task.map('b', output.maybe, () => nothing);
      task.map('c', orElse(output.maybe, []), (text) => {
        expectTypeOf(text).toEqualTypeOf<Ref<string>>();
        return nothing;
      });
    });
  });

  test('takes its own options, and no others', () => {
    mistaken('d', {}, ({ task }) => {
      task.map('a', [1], () => nothing, { maxItems: 3, retries: 1, pool: pool('p', { slots: 1 }) });
      // @ts-expect-error: a share has a percent sign
      task.map('b', [1], () => nothing, { tolerate: '10' });
      // @ts-expect-error: a mapped task is no teardown
      task.map('c', [1], () => nothing, { teardownOf: [] });
      // @ts-expect-error: no option
      task.map('e', [1], () => nothing, { parallelism: 3 });
      // @ts-expect-error: only of a mapped task
      task('f', nothing, { concurrency: 3 });
      // @ts-expect-error: what to run for an item is a function
      task.map('g', [1], nothing);
    });
  });
});

describe('a mapped group', () => {
  test('gives lists of what its tasks give, one level for each map', () => {
    mistaken('d', {}, ({ task, group }) => {
      const list = task('list', listed);
      const days = group.map('days', list.output.files, ({ task, group, branch, loop }, file) => {
        expectTypeOf(file.path).toEqualTypeOf<Ref<string>>();
        const a = task(
          'a',
          fn({ file }, () => ({ n: 1 })),
        );
        expectTypeOf(a).toEqualTypeOf<Task<{ n: number }, 'days.a'>>();
        const inner = group.map('inner', [1, 2], ({ task }, number) => {
          expectTypeOf(number).toEqualTypeOf<Ref<number>>();
          return {
            b: task(
              'b',
              fn({ number, n: a.output.n }, () => 'x'),
            ),
          };
        });
        expectTypeOf(inner.tasks.b.output).toEqualTypeOf<Refs<string[]>>();
        const size = branch(
          'size',
          fn((): 'big' | 'small' => 'big'),
        );
        const turn = loop(
          'turn',
          { initial: 0, until: (out) => eq(out, 3), maxIterations: 3 },
          (_, { task }) =>
            task(
              'one',
              fn(() => 1),
            ).output,
        );
        return { a, inner, size, turn };
      });
      expectTypeOf(days.id).toEqualTypeOf<'days'>();
      expectTypeOf(days.tasks.a).toEqualTypeOf<Task<{ n: number }[], 'days.a'>>();
      expectTypeOf(days.tasks.inner.tasks.b).toEqualTypeOf<Task<string[][], 'days.inner.b'>>();
      expectTypeOf(days.tasks.turn).toEqualTypeOf<Loop<number[], 'days.turn'>>();
      expectTypeOf(days.tasks.size).toEqualTypeOf<Step<'days.size'>>();
      // @ts-expect-error: the labels are those of each run
      days.tasks.size.to?.('big');
    });
  });
});

describe('a group with retries', () => {
  test('gives what its last try gave', () => {
    mistaken('d', {}, ({ group, branch }) => {
      const outer: Branch<'a'> = branch(
        'outer',
        fn((): 'a' => 'a'),
      );
      const unit = group('unit', ({ task }) => ({ x: task('x', listed) }), {
        retries: { attempts: 2, delay: '1m', jitter: true },
        triggerRule: 'none_failed',
        after: outer.to('a'),
      });
      expectTypeOf(unit.tasks.x.output.day).toEqualTypeOf<Ref<string>>();
      // @ts-expect-error: whatever failed, the group is run again
      group('by_error', ({ task }) => task('x', nothing), { retries: { on: 'Throttled', attempts: 1 } });
      // @ts-expect-error: one rule
      group('by_rules', ({ task }) => task('x', nothing), { retries: [{ attempts: 1 }] });
    });
    // @ts-expect-error: one rule for the run, too
    mistaken('e', { runRetries: [{ attempts: 1 }] }, () => undefined);
  });
});

/** Where a loop begins that has no cursor yet. */
const start = (): string | null => null;

describe('a loop', () => {
  test('goes round with one shape', () => {
    dag('d', {}, ({ task, loop }) => {
      const first = task('first', listed);
      const pages = loop(
        'pages',
        {
          initial: { page: 1, day: first.output.day, cursor: start() },
          until: (out) => {
            expectTypeOf(out.page).toEqualTypeOf<Ref<number>>();
            expectTypeOf(out.day).toEqualTypeOf<Ref<string>>();
            return eq(out.cursor, 'end');
          },
          maxIterations: 5,
        },
        (previous, { task }) => {
          expectTypeOf(previous.page).toEqualTypeOf<Ref<number>>();
          expectTypeOf(previous.cursor).toEqualTypeOf<Ref<string | null>>();
          const turn = task(
            'turn',
            fn({ page: previous.page }, ({ page }) => ({ page: page + 1, cursor: 'c' })),
          );
          expectTypeOf(turn.id).toEqualTypeOf<'pages.turn'>();
          return { page: turn.output.page, day: previous.day, cursor: turn.output.cursor };
        },
      );
      expectTypeOf(pages).toEqualTypeOf<
        Loop<{ readonly page: number; readonly day: string; readonly cursor: string | null }, 'pages'>
      >();
      task(
        'end',
        fn({ page: pages.output.page }, ({ page }) => {
          expectTypeOf(page).toEqualTypeOf<number>();
        }),
        { after: pages },
      );
    });
  });

  test('of another shape is refused', () => {
    mistaken('d', {}, ({ loop }) => {
      const options = { initial: { page: 1, more: true }, maxIterations: 5 };
      loop('sound', { ...options, until: (out) => not(out.more) }, (_, { task }) => {
        const turn = task(
          'turn',
          fn(() => ({ page: 2, more: false })),
        );
        return turn.output;
      });
      // @ts-expect-error: more is missing
      loop('missing', { ...options, until: (out) => not(out.more) }, ({ page }, { task }) => {
        task('turn', nothing);
        return { page };
      });
      // @ts-expect-error: page is a number
      loop('other', { ...options, until: (out) => not(out.more) }, ({ more }, { task }) => {
        const turn = task(
          'turn',
          fn(() => 'two'),
        );
        return { page: turn.output, more };
      });
      // @ts-expect-error: the condition is a boolean
      loop('condition', { ...options, until: (out) => out.page }, (previous, { task }) => {
        task('turn', nothing);
        return previous;
      });
      // @ts-expect-error: an end by a number is asked for
      loop('endless', { initial: 1, until: (out) => eq(out, 1) }, (previous) => previous);
    });
  });
});

describe('the rest', () => {
  test('a pool is a pool', () => {
    mistaken('d', { deadline: '6h' }, ({ task }) => {
      const places = pool('places', { slots: 4 });
      task('a', nothing, { pool: places, deadline: '90m' });
      task('b', nothing, { pool: { pool: places, slots: 2 } });
      // @ts-expect-error: not its name
      task('c', nothing, { pool: 'places' });
      // @ts-expect-error: no length
      task('e', nothing, { deadline: 'tomorrow' });
    });
    // @ts-expect-error: a pool has slots
    pool('none', {});
  });

  test('a sensor gives what it saw', () => {
    mistaken('d', {}, ({ task, run }) => {
      const closed = task(
        'closed',
        sensor.fn({ day: run.interval.date }, ({ day }) => (day === 'x' ? { rows: 1 } : undefined)),
      );
      expectTypeOf(closed.output.rows).toEqualTypeOf<Ref<number>>();
      const flag = task(
        'flag',
        sensor.fn(async () => Math.PI > 3, { pokeEvery: '5m', softFail: true }),
      );
      expectTypeOf(flag.output).toEqualTypeOf<Ref<true>>();
      const answer = task(
        'http',
        sensor.http<{ done: boolean }>({ connection: shop, path: '/x', until: ({ body }) => body.done }),
      );
      expectTypeOf(answer.output.body.done).toEqualTypeOf<Ref<boolean>>();
      const rows = task('sql', sensor.sql<{ n: number }>(warehouse, sql`select 1 as n`));
      expectTypeOf(rows.output.first.n).toEqualTypeOf<Ref<number>>();
      const file = task('file', sensor.file('in/*.csv'));
      expectTypeOf(file.output.path).toEqualTypeOf<Ref<string>>();
      task('at', sensor.at(run.interval.end));
      // @ts-expect-error: no option
      sensor.file('a', { pokeInterval: '1m' });
      // @ts-expect-error: the wrong kind of connection
      sensor.sql(shop, sql`select 1`);
    });
  });

  test('an approval gives a choice that goes on', () => {
    mistaken('d', {}, ({ task }) => {
      const gate = task('gate', approve({ message: 'Go?' }));
      expectTypeOf(gate.output).toEqualTypeOf<Refs<Approval<'approve'>>>();
      const how = task('how', approve({ message: 'How?', choices: ['fast', 'slow', 'no'], rejects: ['no'] }));
      expectTypeOf(how.output.choice).toEqualTypeOf<Ref<'fast' | 'slow'>>();
      expectTypeOf(how.output.comment).toEqualTypeOf<Ref<string | undefined>>();
      // @ts-expect-error: no choice
      approve({ message: 'Go?', choices: ['yes', 'no'], rejects: ['maybe'] });
      // @ts-expect-error: what is asked?
      approve({ choices: ['yes', 'no'] });
    });
  });
});
