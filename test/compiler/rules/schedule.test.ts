import { expect, test } from 'vitest';
import { schedule } from '../../../lib/compiler/rules/schedule.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import type { ScheduleNode } from '../../../lib/model/schedule.ts';
import { node, sales, told, untyped } from './graphs.ts';

const cron = (expression: string, timezone = 'UTC'): ScheduleNode => ({
  kind: 'cron',
  expression,
  timezone,
  interval: 'data',
});
const saying = (options: Partial<DagNode>) => told(schedule, sales([node('a')], options));

test('an expression that is no cron is told', () => {
  expect([
    ...saying({ schedule: cron('61 * * * *') }),
    ...saying({ schedule: cron('daily') }),
    ...saying({ schedule: cron('0 0 31 2 *') }),
  ]).toMatchInlineSnapshot(`
    [
      "dag "sales" › schedule.cron "61 * * * *": minute must be 0-59, got 61; every day at 02:00 is '0 2 * * *'",
      "dag "sales" › schedule.cron "daily": must have 5 fields (minute hour day month weekday), got 1; every day at 02:00 is '0 2 * * *'",
      "dag "sales" › schedule.cron "0 0 31 2 *": day must exist in its month, got 31 in FEB; the last day of a month is 'L': '0 2 L * *'",
    ]
  `);
});

test('a zone that is none is told with the nearest one', () => {
  expect(saying({ schedule: cron('@daily', 'Europe/Berln') })).toMatchInlineSnapshot(`
    [
      "dag "sales" › schedule.timezone: must be an IANA time zone, got "Europe/Berln"; did you mean "Europe/Berlin"?",
    ]
  `);
});

test('a period of less than a minute, and none at all, is told', () => {
  const every = (period: unknown): ScheduleNode => untyped({ kind: 'every', period, interval: 'data' });
  expect([
    ...saying({ schedule: every('90s') }),
    ...saying({ schedule: every('often') }),
    ...saying({ schedule: every(-60) }),
  ]).toMatchInlineSnapshot(`
    [
      "dag "sales" › schedule.every: must be whole minutes, at least 1, got "90s"; write '15m', '2h' or '1d'",
      "dag "sales" › schedule.every: must be whole minutes, at least 1, got "often"; write '15m', '2h' or '1d'",
      "dag "sales" › schedule.every: must be whole minutes, at least 1, got -60; write '15m', '2h' or '1d'",
    ]
  `);
});

test('unknown ways to meet a clock change are told', () => {
  const node = untyped<ScheduleNode>({
    ...cron('0 2 * * *'),
    dst: { gap: 'skp', overlap: 'first', when: 1 },
  });
  expect(saying({ schedule: node })).toMatchInlineSnapshot(`
    [
      "dag "sales" › schedule.dst.gap: must be skip, after, before, got "skp"",
      "dag "sales" › schedule.dst.when: must be gap or overlap, got "when"",
    ]
  `);
});

test('start and end are instants, in this order', () => {
  expect([
    ...saying({ start: 'yesterday', end: '2026-02-30' }),
    ...saying({ start: '2026-01-01T00:00:00' }),
    ...saying({ start: '2026-02-01', end: '2026-01-01' }),
  ]).toMatchInlineSnapshot(`
    [
      "dag "sales" › start: must be a date or an instant of ISO 8601 with a zone, got "yesterday"; write '2026-01-31' or '2026-01-31T02:00:00Z'",
      "dag "sales" › end: must be a date or an instant of ISO 8601 with a zone, got "2026-02-30"; write '2026-01-31' or '2026-01-31T02:00:00Z'",
      "dag "sales" › start: must be a date or an instant of ISO 8601 with a zone, got "2026-01-01T00:00:00"; write '2026-01-31' or '2026-01-31T02:00:00Z'",
      "dag "sales" › end: must be after start (2026-02-01), got 2026-01-01; swap the two, or leave end out",
    ]
  `);
});

const dates = (
  list: readonly string[],
  more: { timezone?: string; interval?: 'data' } = {},
): ScheduleNode => ({
  kind: 'dates',
  dates: list,
  timezone: 'UTC',
  interval: 'trigger',
  ...more,
});

test('dates that are none, are in no order or come twice are told', () => {
  expect([
    ...saying({ schedule: dates([]) }),
    ...saying({ schedule: dates(['soon', '2026-02-30']) }),
    ...saying({ schedule: dates(['2026-02-01', '2026-01-01']) }),
    ...saying({ schedule: dates(['2026-02-01', '2026-01-31T23:00:00Z'], { timezone: 'Europe/Berlin' }) }),
    ...saying({ schedule: dates(['2026-02-01'], { interval: 'data' }) }),
    ...saying({ schedule: dates(['2026-02-01'], { timezone: 'Berlin' }) }),
  ]).toMatchInlineSnapshot(`
    [
      "dag "sales" › schedule.dates: must name a date, got none; write dates(['2026-01-31'])",
      "dag "sales" › schedule.dates[0]: must be a date or an instant of ISO 8601 with a zone, got "soon"; write '2026-01-31' or '2026-01-31T02:00:00Z'",
      "dag "sales" › schedule.dates[1]: must be a date or an instant of ISO 8601 with a zone, got "2026-02-30"; write '2026-01-31' or '2026-01-31T02:00:00Z'",
      "dag "sales" › schedule.dates[1]: must ascend, got 2026-01-01 after 2026-02-01",
      "dag "sales" › schedule.dates[1]: must name each instant once, got 2026-01-31T23:00:00Z after 2026-02-01",
      "dag "sales" › schedule.dates: must bound an interval by two dates, got 1; add the date that ends it, or write interval: 'trigger' to run at the date",
      "dag "sales" › schedule.timezone: must be an IANA time zone, got "Berlin"; did you mean "Europe/Berlin"?",
    ]
  `);
});

test('a union of nothing, of what has no ticks, and of different kinds is told', () => {
  const union = (...of: readonly ScheduleNode[]): ScheduleNode => ({ kind: 'union', of, interval: 'data' });
  expect([
    ...saying({ schedule: union() }),
    ...saying({ schedule: union({ kind: 'manual' }, { kind: 'continuous', interval: 'trigger' }) }),
    ...saying({ schedule: union(cron('0 2 * * *', 'UTS'), union(cron('61 2 * * *'))) }),
    ...saying({ schedule: union(cron('0 2 * * *'), dates(['2026-02-01'])) }),
  ]).toMatchInlineSnapshot(`
    [
      "dag "sales" › schedule.union: must have schedules, got none; write union('@daily', '@monthly')",
      "dag "sales" › schedule.union[0]: must be a schedule with ticks, got manual; leave it out",
      "dag "sales" › schedule.union[1]: must be a schedule with ticks, got continuous; leave it out",
      "dag "sales" › schedule.union[0].timezone: must be an IANA time zone, got "UTS"; did you mean "UTC"?",
      "dag "sales" › schedule.union[1].union[0].cron "61 2 * * *": minute must be 0-59, got 61; every day at 02:00 is '0 2 * * *'",
      "dag "sales" › schedule.union[1].interval: must be that of the others (data), got trigger; write interval: 'data' in it, or the same in all",
    ]
  `);
});

test('once has an instant, continuous one run at a time, and any schedule a kind of interval', () => {
  expect([
    ...saying({ schedule: { kind: 'once', at: 'soon', interval: 'trigger' } }),
    ...saying({ schedule: { kind: 'once', at: 'soon', interval: 'trigger' }, start: 'soon' }),
    ...saying({ schedule: { kind: 'continuous', interval: 'trigger' }, maxActiveRuns: 16 }),
    ...saying({ schedule: untyped<ScheduleNode>({ ...cron('@daily'), interval: '1d' }) }),
    ...saying({ schedule: { kind: 'every', period: '2h', anchor: '1 May', interval: 'data' } }),
  ]).toMatchInlineSnapshot(`
    [
      "dag "sales" › schedule.once: must be a date or an instant of ISO 8601 with a zone, got "soon"; write '2026-01-31' or '2026-01-31T02:00:00Z'",
      "dag "sales" › start: must be a date or an instant of ISO 8601 with a zone, got "soon"; write '2026-01-31' or '2026-01-31T02:00:00Z'",
      "dag "sales" › maxActiveRuns: must be 1 of a continuous schedule, got 16; leave it out: what is continuous runs one at a time",
      "dag "sales" › schedule.interval: must be data or trigger, got "1d"",
      "dag "sales" › schedule.anchor: must be a date or an instant of ISO 8601 with a zone, got "1 May"; write '2026-01-31' or '2026-01-31T02:00:00Z'",
    ]
  `);
});

test('no run could ever start with fewer than one at a time', () => {
  expect([
    ...saying({ maxActiveRuns: 0 }),
    ...saying({ maxActiveRuns: 1.5 }),
    ...saying({ maxActiveRuns: untyped<number>('4') }),
  ]).toMatchInlineSnapshot(`
    [
      "dag "sales" › maxActiveRuns: must be a whole number from 1 on, got 0; leave it out for 16; tutti pause holds a schedule back",
      "dag "sales" › maxActiveRuns: must be a whole number from 1 on, got 1.5; leave it out for 16; tutti pause holds a schedule back",
      "dag "sales" › maxActiveRuns: must be a whole number from 1 on, got "4"; leave it out for 16; tutti pause holds a schedule back",
    ]
  `);
});

test('what AWS and people write is fine', () => {
  expect([
    ...saying({
      schedule: cron('0 2 L * *', 'Europe/Berlin'),
      start: '2026-01-01',
      end: '2026-12-31T00:00:00+01:00',
    }),
    ...saying({ schedule: { kind: 'every', period: '2h', interval: 'data' } }),
    ...saying({ schedule: cron('cron(0 2 ? * MON-FRI *)') }),
    ...saying({ schedule: dates(['2026-01-31', '2026-02-28T18:00:00+01:00']) }),
    ...saying({ schedule: { kind: 'union', of: [cron('@daily'), cron('@monthly')], interval: 'data' } }),
    ...saying({ schedule: { kind: 'once', interval: 'trigger' } }),
    ...saying({ schedule: { kind: 'once', at: '2026-01-31', interval: 'trigger' } }),
    ...saying({ schedule: { kind: 'continuous', interval: 'trigger' }, maxActiveRuns: 1 }),
    ...saying({}),
  ]).toEqual([]);
});
