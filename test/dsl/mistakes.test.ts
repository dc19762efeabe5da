/** What an author is told: every mistake of a DAG at once, each with its place and remedy. */
import { describe, expect, test } from 'vitest';
import { problemText } from '../../lib/base/errors.ts';
import { startCollecting } from '../../lib/dsl/collect.ts';
import { cron, DefinitionError, dag, fn, param, type Scope, type Step, sensor } from '../../lib/index.ts';
import { told, untyped } from './told.ts';

const nothing = fn(() => undefined);
const counted = fn(() => ({ rows: 1, list: ['a'] }));

describe('dependencies', () => {
  test('a text, nothing, an output and a promise are no tasks', () => {
    const problems = told(() =>
      dag('d', {}, ({ task }) => {
        const a = task('a', counted);
        task('b', nothing, { after: untyped('a') });
        task('c', nothing, { after: [a, untyped(null)] });
        task('e', nothing, { after: untyped(a.output.rows) });
        task('f', nothing, { after: untyped(Promise.resolve(a)) });
      }),
    );
    expect(problems).toEqual([
      'dag "d" › task "b" › after: must be a task of this DAG, got "a"; give the task itself: const a = task("a", …), then a',
      'dag "d" › task "c" › after: must be a task of this DAG, got null; declare the task above, and give what task(…) returned',
      'dag "d" › task "e" › after: must be a task of this DAG, got a.output.rows; using an output is a dependency by itself; for order alone give the task',
      'dag "d" › task "f" › after: must be a task of this DAG, got a Promise; give what task, branch, group or branch.to(…) returned',
    ]);
  });

  test('a task, a group and an output of another DAG are refused', () => {
    const outer: { task?: Step; rows?: unknown } = {};
    dag('first', {}, ({ task }) => {
      const a = task('a', counted);
      outer.task = a;
      outer.rows = a.output.rows;
    });
    const problems = told(() =>
      dag('second', {}, ({ task }) => {
        task(
          'b',
          fn({ rows: outer.rows }, () => undefined),
          { after: untyped(outer.task) },
        );
      }),
    );
    expect(problems).toEqual([
      'dag "second" › task "b" › inputs.rows: must be a Ref of this DAG, got a.output.rows of dag "first"; use the params, run and tasks of this DAG',
      'dag "second" › task "b" › after: must be a task of this DAG, got task "a" of dag "first"; declare it in this DAG',
    ]);
  });

  test('a group does not join what is in it', () => {
    const problems = told(() =>
      dag('d', {}, ({ group, task, chain }) => {
        const g = group('g', ({ task }) => ({ a: task('a', nothing) }));
        chain(g, g.tasks.a);
        chain(g.tasks.a, g);
        chain(g, g);
        task('b', nothing);
      }),
    );
    expect(problems).toEqual([
      'dag "d" › chain › 2: must not join a group with what is in it, got task "g.a" and group "g"; name the tasks of the group instead',
      'dag "d" › chain › 2: must not join a group with what is in it, got task "g.a" and group "g"; name the tasks of the group instead',
      'dag "d" › chain › 2: must not join a group with what is in it, got group "g" and group "g"; name the tasks of the group instead',
    ]);
  });

  test('lists of different length do not pair', () => {
    const problems = told(() =>
      dag('d', {}, ({ task, chain }) => {
        chain([task('a', nothing), task('b', nothing)], [task('c', nothing)]);
      }),
    );
    expect(problems).toEqual([
      'dag "d" › chain › 2: must be as long as the list before it, got 1 after 2; put a single task between them, or write after: […]',
    ]);
  });

  test('a cycle by chain names the whole path', () => {
    const problems = told(() =>
      dag('d', {}, ({ task, chain }) => {
        const a = task('a', nothing);
        const b = task('b', nothing, { after: a });
        chain(b, a);
      }),
    );
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/a.*b.*a/);
  });
});

describe('scopes', () => {
  test('a group declares with its own functions', () => {
    const problems = told(() =>
      dag('d', {}, ({ task, group }) => {
        group('g', (inner) => {
          task('a', nothing);
          inner.task('b', nothing);
        });
      }),
    );
    expect(problems).toEqual([
      'dag "d" › task "a": must be declared by the scope of group "g", got another one\'s task; take task from the group\'s body: group("g", ({ task }) => …)',
    ]);
  });

  test('a group declares nothing after its body', () => {
    const problems = told(() =>
      dag('d', {}, ({ group }) => {
        const g = group('g', (inner) => {
          inner.task('a', nothing);
          return inner;
        });
        g.tasks.task('b', nothing);
      }),
    );
    expect(problems).toEqual([
      'dag "d" › task "b": must be declared while the body runs, got task after its end; declare it inside the body, without await',
    ]);
  });

  test('a DAG declares nothing after its body', () => {
    const late: { declare?: () => unknown } = {};
    dag('d', {}, ({ task }) => {
      task('a', nothing);
      late.declare = () => task('b', nothing);
    });
    expect(told(() => late.declare?.())).toEqual([
      'dag "d" › task "b": must be declared while the body runs, got task after its end; declare it inside the body, without await',
    ]);
  });

  test('a group without tasks is refused: waiting for it would wait for nothing', () => {
    const problems = told(() =>
      dag('d', {}, ({ task, group }) => {
        const g = group('g', ({ group }) => group('h', () => undefined));
        task('a', nothing, { after: g });
      }),
    );
    expect(problems).toEqual([
      'dag "d" › group "g.h": must have at least one task, got none; declare its tasks, or remove it',
      'dag "d" › group "g": must have at least one task, got none; declare its tasks, or remove it',
    ]);
  });

  test('an async body is refused', () => {
    const problems = told(() =>
      dag(
        'd',
        {},
        untyped(async ({ task }: Scope<object>) => {
          task('a', nothing);
          await Promise.reject(new Error('of no interest'));
        }),
      ),
    );
    expect(problems).toEqual([
      'dag "d": must declare its tasks at once, got an async body; remove async; what has to wait belongs into a task',
    ]);
  });

  test('two groups of one id are refused, and two tasks, naming both places', () => {
    const collection = startCollecting();
    const node = dag('d', {}, ({ task, group }) => {
      task('a', nothing);
      task('a', nothing);
      group('g', ({ task }) => task('b', nothing));
      group('g', ({ task }) => task('c', nothing));
    });
    collection.stop();
    expect(collection.problems.map(problemText)).toEqual([
      'dag "d" › group "g": must have an id of its own, got "g" twice; rename one of the two',
    ]);
    expect(node.tasks.map(({ id }) => id)).toEqual(['a', 'a', 'g.b', 'g.c']);
    expect(told(() => dag('d', {}, ({ task }) => [task('a', nothing), task('a', nothing)]))).toHaveLength(1);
  });
});

describe('a body that throws', () => {
  test('is a problem among others, at its place, with its cause', () => {
    const cause = new TypeError('x is not a function');
    let thrown: unknown;
    try {
      dag('d', {}, ({ task }) => {
        task('a', nothing, { after: untyped('x') });
        throw cause;
      });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(DefinitionError);
    const { problems } = thrown as DefinitionError;
    expect((thrown as DefinitionError).cause).toBe(cause);
    expect(problems.map(({ code }) => code)).toEqual(['not-a-task', 'body-throws']);
    expect(problems[1]?.message).toBe('must declare its tasks, got TypeError: x is not a function');
    expect(problems[1]?.at?.file).toMatch(/mistakes\.test\.ts$/);
  });
});

test('what was told once is not told again by the rules', () => {
  const problems = told(() =>
    dag('d', {}, ({ task }) => {
      const a = task('a', nothing);
      task.map('b', untyped(a), () => nothing);
      task('c', nothing, { teardownOf: untyped('a') });
      task('e', Reflect.apply(sensor.fn, undefined, []));
    }),
  );
  expect(problems.map((text) => text.split(';', 1)[0])).toEqual([
    'dag "d" › task "b" › items: must be JSON or a Ref, got a task',
    'dag "d" › task "c" › teardownOf: must be a task of this DAG, got "a"',
    'dag "d" › task "e": must be a sensor with a function, got sensor.fn without one',
  ]);
});

describe('options', () => {
  test('an unknown one is told with the one that was meant', () => {
    const problems = told(() =>
      dag('d', untyped({ schedul: '@daily', defaults: { retrys: 1 } }), ({ task, group }) => {
        task('a', nothing, untyped({ retrys: 3, color: 'red' }));
        task('b', nothing, { retries: untyped([{ attempts: 1, backof: 2 }]) });
        group('g', ({ task }) => task('c', nothing), untyped({ retrie: 2 }));
        task(
          'e',
          fn(() => undefined, untyped({ memroy: 512 })),
        );
      }),
    );
    expect(problems.map((text) => text.split('; ', 2))).toEqual([
      ['dag "d" › defaults › retrys: is no option', 'did you mean "retries"?'],
      ['dag "d" › schedul: is no option', 'did you mean "schedule"?'],
      ['dag "d" › task "a" › retrys: is no option', 'did you mean "retries"?'],
      [
        'dag "d" › task "a" › color: is no option',
        'write one of retries, timeout, triggerRule, owner, tags, dependsOnPast, waitForDownstream, onFailure, onSuccess, onRetry, onSkipped, onLate, after, doc, pool, deadline, teardownOf, failRun',
      ],
      ['dag "d" › task "b" › retries[0] › backof: is no option', 'did you mean "backoff"?'],
      ['dag "d" › group "g" › retrie: is no option', 'did you mean "retries"?'],
      ['dag "d" › task "e" › fn › memroy: is no option', 'did you mean "memory"?'],
    ]);
  });

  test('of a schedule are told where nobody collects, too', () => {
    expect(told(() => cron('@daily', untyped({ timezon: 'UTC' })))).toEqual([
      'cron › timezon: is no option; did you mean "timezone"?',
    ]);
  });

  test('retries that are neither a number nor a rule are refused', () => {
    expect(told(() => dag('d', {}, ({ task }) => task('a', nothing, { retries: untyped('many') })))).toEqual([
      'dag "d" › task "a" › retries: must be a number of tries or a rule, got "many"; write { attempts: 3, delay: \'1m\' }',
    ]);
  });

  test('negative retries reach the rules', () => {
    const [problem] = told(() => dag('d', {}, ({ task }) => task('a', nothing, { retries: -1 })));
    expect(problem).toMatch(/^dag "d" › task "a" › retries\.attempts: .*got -1/);
  });

  test('a param that was not declared is told with the one that was meant', () => {
    const problems = told(() =>
      dag('d', { params: { region: param.string() } }, ({ task, params }) => {
        task(
          'a',
          fn({ region: (params as Record<string, unknown>)['regoin'] }, () => undefined),
        );
      }),
    );
    expect(problems).toEqual([
      'dag "d" › task "a" › inputs.region: must read a param of this DAG, got "regoin"; did you mean "region"?',
    ]);
  });

  test('a label that is none of the cases is told with the one that was meant', () => {
    const problems = told(() =>
      dag('d', { params: { big: param.boolean({ default: true }) } }, ({ task, choose, params }) => {
        const size = choose('size', { large: params.big }, 'small');
        task('a', nothing, { after: [size.to('large'), size.to('small')] });
        task('b', nothing, { after: size.to(untyped('smal')) });
      }),
    );
    expect(problems).toEqual([
      'dag "d" › task "b" › after: must follow a label of "size", got "smal"; did you mean "small"?',
    ]);
  });
});

describe('a collection', () => {
  test('takes the mistakes of every DAG, and throws none', () => {
    const collection = startCollecting();
    dag('one', {}, ({ task }) => task('a', nothing, { after: untyped('x') }));
    dag('two', {}, ({ task }) => task('a', nothing, untyped({ nope: 1 })));
    collection.stop();
    expect(collection.dags.map(({ id }) => id)).toEqual(['one', 'two']);
    expect(collection.problems.map(({ code }) => code)).toEqual(['not-a-task', 'unknown-option']);
  });
});
