/** What the types promise. `tsc` is the runner: most of this only has to compile, or not to. */
import { describe, expect, expectTypeOf, test } from 'vitest';
import { startCollecting } from '../../lib/dsl/collect.ts';
import {
  type Branch,
  connection,
  dag,
  defineConfig,
  eq,
  exists,
  FailTask,
  fn,
  glue,
  gt,
  http,
  orElse,
  param,
  type Ref,
  simulate,
  sql,
  type Task,
  text,
} from '../../lib/index.ts';

interface Found {
  readonly rows: number;
  readonly path: string;
  readonly note?: string;
  readonly place?: { readonly city: string };
  readonly list: readonly { readonly id: string }[];
}

const nothing = fn(() => undefined);
const found = fn((): Found => ({ rows: 1, path: 'a', list: [] }));
const warehouse = connection.sql('warehouse');
const shop = connection.http('shop');

/** Declares a DAG whose mistakes are meant: here only its types matter. */
const mistaken: typeof dag = (id, options, body) => {
  const collection = startCollecting();
  try {
    return dag(id, options, body);
  } finally {
    collection.stop();
  }
};

describe('outputs', () => {
  test('a task has the type of its output and its literal id', () => {
    dag('d', {}, ({ task }) => {
      const a = task('a', found);
      expectTypeOf(a).toEqualTypeOf<Task<Found, 'a'>>();
      expectTypeOf(a.output.rows).toEqualTypeOf<Ref<number>>();
      expectTypeOf(a.output.list[0]?.id).toExtend<Ref<string> | undefined>();
    });
  });

  test('an optional field is a Ref to it or undefined, and so are its parts', () => {
    dag('d', {}, ({ task }) => {
      const { output } = task('a', found);
      expectTypeOf(output.note).toEqualTypeOf<Ref<string | undefined>>();
      expectTypeOf(output.place.city).toEqualTypeOf<Ref<string | undefined>>();
      expectTypeOf(orElse(output.note, 'none')).toEqualTypeOf<Ref<string>>();
      expectTypeOf(orElse(output.rows, 0)).toEqualTypeOf<Ref<number>>();
      // @ts-expect-error: the path may be missing
      http.request({ connection: shop, path: output.note });
      http.request({ connection: shop, path: orElse(output.note, '/') });
    });
  });

  test('a Ref of the wrong type is refused', () => {
    dag('d', {}, ({ task }) => {
      const { output } = task('a', found);
      // @ts-expect-error: a number where text is wanted
      http.request({ connection: shop, path: output.rows });
      // @ts-expect-error: an object where text is wanted
      glue.startJob({ jobName: output.place });
      // @ts-expect-error: an object is no value of SQL
      sql`select ${output.place}`;
      // @ts-expect-error: text from something that may be missing
      text`${output.note}`;
    });
  });

  test('a field that is not there is refused', () => {
    dag('d', {}, ({ task }) => {
      // @ts-expect-error: no such field
      task('a', found).output.nope;
    });
  });

  test('a Ref is no value: comparing it does not compile', () => {
    dag('d', {}, ({ task }) => {
      const { output } = task('a', found);
      // @ts-expect-error: never equal; write eq(output.rows, 0)
      expect(output.rows === 0).toBe(false);
    });
  });

  test('rows of a query have the type asked for', () => {
    dag('d', {}, ({ task }) => {
      const { output } = task('a', warehouse.query<{ region: string; total: number }>(sql`select 1`));
      expectTypeOf(output.rows[0]?.total).toExtend<Ref<number> | undefined>();
      expectTypeOf(output.first.total).toEqualTypeOf<Ref<number | undefined>>();
      expectTypeOf(output.rowCount).toEqualTypeOf<Ref<number>>();
      expectTypeOf(task('b', warehouse.execute(sql`select 1`)).output.rowCount).toEqualTypeOf<Ref<number>>();
    });
  });

  test('inputs are the values of their Refs, at any depth', () => {
    dag('d', {}, ({ task, run }) => {
      const { output } = task('a', found);
      task(
        'b',
        fn(
          { n: output.rows, deep: { note: output.note, days: [run.interval.date] }, literal: 1 },
          (inputs) => {
            expectTypeOf(inputs).toEqualTypeOf<{
              readonly n: number;
              readonly deep: { readonly note: string | undefined; readonly days: readonly string[] };
              readonly literal: number;
            }>();
          },
        ),
      );
      task(
        'c',
        // @ts-expect-error: a number is no string
        fn({ n: output.rows }, ({ n }: { n: string }) => n),
      );
    });
  });
});

describe('params', () => {
  test('are inferred from their declarations', () => {
    dag(
      'd',
      {
        params: {
          region: param.string({ default: 'eu', enum: ['eu', 'us'] }),
          name: param.string({ default: 'a' }),
          limit: param.integer({ minimum: 1 }),
          dry: param.boolean({ default: false }),
          days: param.list({ items: param.string() }),
          options: param.object<{ city: string }>({ default: { city: 'Berlin' } }),
        },
      },
      ({ task, params }) => {
        expectTypeOf(params.region).toEqualTypeOf<Ref<'eu' | 'us'>>();
        expectTypeOf(params.name).toEqualTypeOf<Ref<string>>();
        expectTypeOf(params.limit).toEqualTypeOf<Ref<number>>();
        expectTypeOf(params.dry).toExtend<Ref<boolean>>();
        expectTypeOf(params.days).toExtend<Ref<readonly string[]>>();
        expectTypeOf(params.options.city).toEqualTypeOf<Ref<string>>();
        task('a', nothing);
      },
    );
  });

  test('one that was not declared is refused', () => {
    mistaken('d', { params: { region: param.string() } }, ({ task, params }) => {
      task('a', nothing);
      // @ts-expect-error: no such param
      params.regoin;
    });
  });

  test('a default outside its enum is refused', () => {
    // @ts-expect-error: "de" is not among them
    param.string({ default: 'de', enum: ['eu', 'us'] });
  });
});

describe('dependencies', () => {
  test('`after` takes a task, a list, a group and a label', () => {
    dag('d', {}, ({ task, group, branch }) => {
      const a = task('a', nothing);
      const g = group('g', ({ task }) => ({ x: task('x', nothing) }));
      const size = branch(
        'size',
        fn((): 'big' | 'small' => 'big'),
      );
      task('b', nothing, { after: a });
      task('c', nothing, { after: [a, g, size, size.to('big')] });
    });
  });

  test('`after` refuses ids and outputs', () => {
    mistaken('d', {}, ({ task }) => {
      const a = task('a', found);
      // @ts-expect-error: tasks are named by themselves, not by their ids
      task('b', nothing, { after: 'a' });
      // @ts-expect-error: the same, in a list
      task('c', nothing, { after: ['a'] });
      // @ts-expect-error: an output is no task
      task('d', nothing, { after: a.output });
    });
  });

  test('an option that does not exist is refused', () => {
    mistaken('d', {}, ({ task }) => {
      // @ts-expect-error: did you mean retries?
      task('a', nothing, { retrys: 3 });
    });
    // @ts-expect-error: did you mean schedule?
    mistaken('e', { schedul: '@daily' }, ({ task }) => void task('a', nothing));
  });

  test('a missing or unknown argument of an engine is refused', () => {
    // @ts-expect-error: jobName is missing
    glue.startJob({});
    // @ts-expect-error: did you mean jobName?
    glue.startJob({ jobname: 'a' });
    // @ts-expect-error: a warehouse is no HTTP service
    http.request({ connection: warehouse, path: '/' });
  });

  test('tasks of a group carry its id, at any depth', () => {
    dag('d', {}, ({ group }) => {
      const g = group('load', ({ task, group }) => ({
        a: task('a', nothing),
        inner: group('inner', ({ task }) => ({ b: task('b', found) })),
      }));
      expectTypeOf(g.id).toEqualTypeOf<'load'>();
      expectTypeOf(g.tasks.a.id).toEqualTypeOf<'load.a'>();
      expectTypeOf(g.tasks.inner.tasks.b).toEqualTypeOf<Task<Found, 'load.inner.b'>>();
    });
  });
});

describe('labels', () => {
  test('are those the function returns, one or a list of them', () => {
    dag('d', {}, ({ task, branch }) => {
      const { output } = task('a', found);
      const size = branch(
        'size',
        fn({ n: output.rows }, async ({ n }) => (n > 9 ? 'big' : ['small', 'odd'])),
      );
      expectTypeOf(size).toEqualTypeOf<Branch<'big' | 'small' | 'odd', 'size'>>();
      task('b', nothing, { after: size.to('big') });
      // @ts-expect-error: no such label
      task('c', nothing, { after: size.to('nope') });
    });
  });

  test('are those of the cases, and the other one', () => {
    mistaken('d', {}, ({ task, choose }) => {
      const { output } = task('a', found);
      const size = choose('size', { big: gt(output.rows, 1000), none: eq(output.rows, 0) }, 'small');
      expectTypeOf(size).toEqualTypeOf<Branch<'big' | 'none' | 'small', 'size'>>();
      task('b', nothing, { after: [size.to('big'), size.to('small')] });
      // @ts-expect-error: no such label
      task('c', nothing, { after: size.to('nope') });
    });
  });
});

describe('expressions', () => {
  test('compare values of one type', () => {
    dag('d', {}, ({ task, choose }) => {
      const { output } = task('a', found);
      expectTypeOf(gt(output.rows, 1000)).toEqualTypeOf<Ref<boolean>>();
      expectTypeOf(eq(output.note, 'x')).toEqualTypeOf<Ref<boolean>>();
      expectTypeOf(exists(output.note)).toEqualTypeOf<Ref<boolean>>();
      gt(1000, output.rows);
      // @ts-expect-error: a number and a text
      gt(output.rows, 'many');
      // @ts-expect-error: a text and a number
      eq(output.path, 1);
      // @ts-expect-error: an object has no order
      gt(output.place, 1);
      choose('b', { yes: exists(output.note) });
      // @ts-expect-error: a number is no condition
      choose('c', { yes: output.rows });
    });
  });
});

describe('the rest', () => {
  test('retries name errors by text or class', () => {
    mistaken('d', { defaults: { retries: 3 } }, ({ task }) => {
      task('a', nothing, { retries: [{ on: ['Throttled', FailTask], attempts: 1 }, { attempts: 2 }] });
      // @ts-expect-error: no duration
      task('b', nothing, { timeout: '5 minutes' });
    });
  });

  test('a stand-in gives what the engine would', () => {
    glue.startJob({
      jobName: 'a',
      local: simulate({
        output: { jobRunId: 'j', jobName: 'a', jobRunState: 'SUCCEEDED', executionTime: 1 },
        after: '5s',
      }),
    });
    // @ts-expect-error: not what startJob gives
    glue.startJob({ jobName: 'a', local: simulate({ output: { nope: 1 } }) });
  });

  test('a configuration is typed', () => {
    defineConfig({
      environments: { local: { connections: { shop: { kind: 'http', baseUrl: 'http://x' } } } },
    });
    // @ts-expect-error: baseUrl is missing
    defineConfig({ environments: { local: { connections: { shop: { kind: 'http' } } } } });
  });
});
