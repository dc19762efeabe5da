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
      "dag "sales" › schedule.cron "0 0 31 2 *": day must exist in its month, got 31 in FEB; every day at 02:00 is '0 2 * * *'",
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

test('what AWS and people write is fine', () => {
  expect([
    ...saying({
      schedule: cron('0 2 L * *', 'Europe/Berlin'),
      start: '2026-01-01',
      end: '2026-12-31T00:00:00+01:00',
    }),
    ...saying({ schedule: { kind: 'every', period: '2h', interval: 'data' } }),
    ...saying({}),
  ]).toEqual([]);
});
