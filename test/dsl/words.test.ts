/** The small words of the language as the data they are: SQL, text, params, schedules. */
import { describe, expect, test } from 'vitest';
import {
  continuous,
  cron,
  dag,
  dates,
  every,
  file,
  fn,
  manual,
  once,
  param,
  sql,
  text,
  union,
} from '../../lib/index.ts';

const nothing = fn(() => undefined);

describe('sql', () => {
  test('keeps values, names, files and raw text apart from its text', () => {
    expect(
      sql`select ${sql.raw('*')} from ${sql.identifier('a.b')}, ${file.csv('x.csv', { columns: { id: 'int' } })} where c = ${'o’x'} and d in (${sql.list([1, null])}) and e = ${true}`
        .statement.parts,
    ).toEqual([
      'select ',
      { raw: '*' },
      ' from ',
      { identifier: 'a.b' },
      ', ',
      { file: { format: 'csv', path: 'x.csv', columns: { id: 'int' } } },
      ' where c = ',
      { value: 'o’x' },
      ' and d in (',
      { value: 1 },
      ', ',
      { value: null },
      ') and e = ',
      { value: true },
    ]);
  });

  test('takes another statement in', () => {
    const days = sql`select day from days where day > ${1}`;
    expect(sql`select * from (${days})`.statement.parts).toEqual([
      'select * from (',
      'select day from days where day > ',
      { value: 1 },
      ')',
    ]);
  });

  test('a list of nothing matches nothing', () => {
    expect(sql`in (${sql.list([])})`.statement.parts).toEqual(['in (', { raw: 'null' }, ')']);
  });
});

test('text is an expression of its parts', () => {
  dag('d', {}, ({ task, run }) => {
    task('a', nothing);
    const date = { $ref: { kind: 'run', path: ['interval', 'date'] } };
    expect(text`raw/${run.interval.date}/${7}.json`.$ref).toMatchObject({
      kind: 'text',
      parts: ['raw/', { $ref: { ...date.$ref } }, '/', 7, '.json'],
    });
  });
});

test('params are JSON Schema', () => {
  const { params } = dag(
    'd',
    {
      params: {
        region: param.string({ default: 'eu', enum: ['eu', 'us'], description: 'where' }),
        day: param.string({ format: 'date' }),
        limit: param.integer({ default: 5, minimum: 1, maximum: 9 }),
        names: param.list({ items: param.string({ pattern: '^a' }), default: ['a'] }),
        options: param.object({ default: { a: 1 } }),
      },
    },
    ({ task }) => task('a', nothing),
  );
  expect(params).toEqual({
    region: { type: 'string', default: 'eu', enum: ['eu', 'us'], description: 'where' },
    day: { type: 'string', format: 'date' },
    limit: { type: 'integer', default: 5, minimum: 1, maximum: 9 },
    names: { type: 'array', items: { type: 'string', pattern: '^a' }, default: ['a'] },
    options: { type: 'object', default: { a: 1 } },
  });
});

describe('schedules', () => {
  const UTC = { timezone: 'UTC', interval: 'data' };

  test.each([
    [manual(), { kind: 'manual' }],
    [cron('@daily'), { kind: 'cron', expression: '0 0 * * *', preset: '@daily', ...UTC }],
    [
      cron('0 2 * * *', { interval: 'trigger' }),
      { kind: 'cron', expression: '0 2 * * *', timezone: 'UTC', interval: 'trigger' },
    ],
    [
      cron('30 2 * * 1-5', {
        timezone: 'Europe/Berlin',
        dst: { gap: 'skip', overlap: 'both' },
        jitter: '5m',
      }),
      {
        kind: 'cron',
        expression: '30 2 * * 1-5',
        timezone: 'Europe/Berlin',
        dst: { gap: 'skip', overlap: 'both' },
        jitter: '5m',
        interval: 'data',
      },
    ],
    [every('2h'), { kind: 'every', period: '2h', interval: 'data' }],
    [
      every('2h', { anchor: '2026-01-01T01:00:00Z' }),
      { kind: 'every', period: '2h', anchor: '2026-01-01T01:00:00Z', interval: 'data' },
    ],
    [
      dates(['2026-01-31', '2026-02-27T18:00:00Z'], { timezone: 'Europe/Berlin' }),
      {
        kind: 'dates',
        dates: ['2026-01-31', '2026-02-27T18:00:00Z'],
        timezone: 'Europe/Berlin',
        interval: 'trigger',
      },
    ],
    [once(), { kind: 'once', interval: 'trigger' }],
    [continuous(), { kind: 'continuous', interval: 'trigger' }],
    [union('@daily', every('5h')), { kind: 'union', of: [cron('@daily'), every('5h')], interval: 'data' }],
  ])('%j is data', (schedule, expected) => {
    expect(schedule).toStrictEqual(expected);
  });

  const scheduleOf = (options: Parameters<typeof dag>[1]) =>
    dag('d', options, ({ task }) => task('a', nothing)).schedule;

  test('a union of schedules that trigger triggers', () => {
    const triggered = union(dates(['2026-01-31']), cron('0 2 * * *', { interval: 'trigger' }));
    expect(triggered).toMatchObject({ interval: 'trigger' });
  });

  test('once and what counts from an anchor begin at the DAG’s start', () => {
    const start = '2026-01-05T01:00:00Z';
    expect(scheduleOf({ start, schedule: once() })).toEqual({ ...once(), at: start });
    expect(scheduleOf({ start, schedule: '@once' })).toEqual({ ...once(), at: start });
    expect(scheduleOf({ start, schedule: every('2h') })).toEqual(every('2h', { anchor: start }));
    expect(scheduleOf({ start, schedule: union(every('2h'), '@daily') })).toEqual(
      union(every('2h', { anchor: start }), '@daily'),
    );
    const anchored = every('2h', { anchor: '2026-01-01' });
    expect(scheduleOf({ start, schedule: anchored })).toEqual(anchored);
  });

  test('what runs continuously runs one at a time', () => {
    const node = dag('d', { schedule: '@continuous' }, ({ task }) => task('a', nothing));
    expect(node).toMatchObject({ schedule: continuous(), maxActiveRuns: 1 });
  });

  test('a preset alone is enough, and none is manual', () => {
    expect(dag('d', { schedule: '@weekly' }, ({ task }) => task('a', nothing)).schedule).toEqual(
      cron('@weekly'),
    );
    expect(dag('d', {}, ({ task }) => task('a', nothing)).schedule).toEqual(manual());
  });
});
