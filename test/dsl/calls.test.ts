/** What a task may be, and what may be in it. */
import { describe, expect, test } from 'vitest';
import { connection, cron, DefinitionError, dag, fn, param, sql } from '../../lib/index.ts';
import { told, untyped } from './told.ts';

const counted = fn(() => ({ rows: 1, list: ['a'] }));
const warehouse = connection.sql('warehouse');

describe('calls', () => {
  test('a bare function is no call', () => {
    expect(
      told(() =>
        dag('d', {}, ({ task }) =>
          task(
            'a',
            untyped(async () => 1),
          ),
        ),
      ),
    ).toEqual([
      'dag "d" › task "a": must be what fn(…), a connection or an engine makes, got a function; write fn(async () => …)',
    ]);
  });

  test('inputs are JSON and Refs', () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    const problems = told(() =>
      dag('d', {}, ({ task }) => {
        const a = task('a', counted);
        const inputs = {
          when: new Date(0),
          big: 1n,
          task: a,
          list: [Number.NaN, () => 1],
          $x: 1,
          gone: undefined,
        };
        task(
          'b',
          fn(inputs, () => undefined),
        );
        task(
          'c',
          fn(cyclic, () => undefined),
        );
      }),
    );
    expect(problems.slice(0, 6)).toEqual([
      'dag "d" › task "b" › inputs.when: must be JSON or a Ref, got a Date; give its toISOString()',
      'dag "d" › task "b" › inputs.big: must be JSON or a Ref, got the bigint 1; give a number or text',
      'dag "d" › task "b" › inputs.task: must be JSON or a Ref, got a task; give its .output',
      'dag "d" › task "b" › inputs.list[0]: must be JSON or a Ref, got NaN; give a finite number',
      'dag "d" › task "b" › inputs.list[1]: must be JSON or a Ref, got a function; give text, a number, a boolean, null, a list or an object of these',
      'dag "d" › task "b" › inputs.$x: must not begin with "$", which marks Refs; rename the field',
    ]);
    expect(problems[6]).toContain('got a value that contains itself');
  });

  test('values of SQL are single ones', () => {
    const problems = told(() =>
      dag('d', {}, ({ task }) => {
        const a = task('a', counted);
        task('b', warehouse.query(sql`select ${untyped(['x'])}, ${untyped(new Date(0))}, ${untyped(a)}`));
        task('c', warehouse.execute(untyped('select 1')));
      }),
    );
    expect(problems.slice(0, 4)).toEqual([
      'dag "d" › sql`…` › value 1: must be text, a number, a boolean, null or a Ref to one, got a list; write sql.list(values) in parentheses, or give rows by a file: file.json(path)',
      'dag "d" › sql`…` › value 2: must be text, a number, a boolean, null or a Ref to one, got a Date; give its toISOString()',
      'dag "d" › sql`…` › value 3: must be text, a number, a boolean, null or a Ref to one, got a task; give a field of its .output',
      'dag "d" › warehouse.execute › statement 1: must be a statement of the tag sql, got "select 1"; write sql`…`',
    ]);
  });

  test('a mistake in SQL or in a param is told at its place', () => {
    const places = [
      () => dag('d', {}, ({ task }) => task('b', warehouse.query(sql`select ${untyped([])}`))),
      () => dag('d', {}, ({ task }) => task('b', warehouse.query(untyped('select 1')))),
      () => cron('@daily', untyped({ nope: 1 })),
      () => param.string(untyped({ nope: 1 })),
    ].map(placeOf);
    expect(places.every((file) => /test\/dsl\/calls\.test\.ts$/.test(file ?? ''))).toBe(true);
  });
});

function placeOf(declare: () => unknown): string | undefined {
  try {
    declare();
  } catch (error) {
    return error instanceof DefinitionError ? error.problems[0]?.at?.file : undefined;
  }
  return undefined;
}
