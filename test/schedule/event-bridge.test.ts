import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import { eventBridgeSchedules } from '../../lib/schedule/event-bridge.ts';
import { ticksOf } from '../../lib/schedule/ticks.ts';
import { firings } from './event-bridge-firings.ts';

const cron = (expression: string, timezone = 'UTC'): ScheduleNode => ({
  kind: 'cron',
  expression,
  timezone,
  interval: 'data',
});
const every = (period: number | '90m' | '7h' | '2h' | '15m' | '1d', anchor?: string): ScheduleNode => ({
  kind: 'every',
  period,
  interval: 'data',
  ...(anchor === undefined ? {} : { anchor }),
});
const expressions = (schedule: ScheduleNode) =>
  eventBridgeSchedules(schedule).map(({ expression, timezone, exact }) =>
    [expression, ...(timezone === 'UTC' ? [] : [timezone]), ...(exact ? [] : ['nudge'])].join(' '),
  );

test.each([
  ['0 2 * * *', ['cron(0 2 * * ? *)']],
  ['*/15 8-18 * * 1-5', ['cron(0/15 8-18 ? * MON,TUE,WED,THU,FRI *)']],
  ['5,35 * * * *', ['cron(5,35 * * * ? *)']],
  ['0 0 1 */3 *', ['cron(0 0 1 1/3 ? *)']],
  ['0 0 1,15 * MON', ['cron(0 0 1,15 * ? *)', 'cron(0 0 ? * MON *)']],
  ['0 0 1,L * *', ['cron(0 0 1 * ? *)', 'cron(0 0 L * ? *)']],
  ['0 0 15W * *', ['cron(0 0 15W * ? *)']],
  ['0 0 * * 5L', ['cron(0 0 ? * 6L *)']],
  ['0 0 * * LSUN', ['cron(0 0 ? * 1L *)']],
  ['0 0 * * 5#2,MON#1', ['cron(0 0 ? * FRI#2 *)', 'cron(0 0 ? * MON#1 *)']],
  ['0 0 L-3 * *', ['cron(0 0 25-28 * ? *) nudge']],
  ['0 0 LW * *', ['cron(0 0 26-31 * ? *) nudge']],
  ['cron(0 2 ? * 2 2026-2028)', ['cron(0 2 ? * MON 2026-2028)']],
])('%s is said as %j', (expression, expected) => {
  expect(expressions(cron(expression))).toEqual(expected);
});

test('the zone and the jitter go along', () => {
  const schedule: ScheduleNode = {
    kind: 'cron',
    expression: '0 2 * * *',
    timezone: 'Europe/Berlin',
    jitter: '10m',
    interval: 'data',
  };
  expect(eventBridgeSchedules(schedule)).toEqual([
    { expression: 'cron(0 2 * * ? *)', timezone: 'Europe/Berlin', exact: true, windowMinutes: 10 },
  ]);
});

test.each<[ScheduleNode, readonly string[]]>([
  [every('15m'), ['cron(0/15 * * * ? *)']],
  [every('2h', '2026-01-01T01:10:00Z'), ['cron(10 1/2 * * ? *)']],
  [every('1d', '2026-01-01T06:00:00Z'), ['cron(0 6 * * ? *)']],
  [every('90m'), ['cron(0 0/3 * * ? *)', 'cron(30 1/3 * * ? *)']],
  [every('2h', '2026-01-01T00:00:30Z'), ['cron(1 0/2 * * ? *) nudge']],
  [every('7h'), ['rate(420 minutes) nudge']],
  [every(32 * 60), ['rate(32 minutes) nudge']],
  [{ kind: 'manual' }, []],
  [{ kind: 'continuous', interval: 'trigger' }, []],
  [{ kind: 'once', at: '2026-01-05T01:00:00Z', interval: 'trigger' }, ['cron(0 1 5 1 ? *) nudge']],
  [
    { kind: 'dates', dates: ['2026-01-05', '2026-06-05'], timezone: 'Europe/Berlin', interval: 'trigger' },
    ['cron(0 23 4 1 ? *) nudge', 'cron(0 22 4 6 ? *) nudge'],
  ],
  [
    {
      kind: 'dates',
      dates: ['2024-02-29T12:00:30', '2028-02-29T12:00:30'],
      timezone: 'UTC',
      interval: 'trigger',
    },
    ['cron(1 12 29 2 ? *) nudge'],
  ],
  [
    {
      kind: 'dates',
      dates: Array.from({ length: 11 }, (_, day) => `2026-01-${10 + day}`),
      timezone: 'UTC',
      interval: 'trigger',
    },
    [],
  ],
  [
    {
      kind: 'union',
      of: [cron('0 2 * * *', 'Asia/Tokyo'), cron('0 2 * * ?', 'Asia/Tokyo'), every('1d')],
      interval: 'data',
    },
    ['cron(0 2 * * ? *) Asia/Tokyo', 'cron(0 0 * * ? *)'],
  ],
])('%j is said as %j', (schedule, expected) => {
  expect(expressions(schedule)).toEqual(expected);
});

describe('EventBridge fires at the ticks', () => {
  const numbers = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc.uniqueArray(fc.integer({ min, max }), { minLength: 2, maxLength: 5 }).map((list) => list.join(',')),
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      fc.integer({ min: 1, max: Math.min(max - min, 20) }).map((step) => `*/${step}`),
      fc
        .tuple(fc.integer({ min, max: max - 1 }), fc.integer({ min: 1, max: 5 }))
        .map(([from, step]) => `${from}/${step}`),
    );
  const days = fc.oneof(
    numbers(1, 31),
    fc.constantFrom('*', '?', 'L', 'LW', 'L-3', '1W', '15W', '31W', '1,15W,L', '5,L-2'),
  );
  const weekdays = fc.oneof(
    numbers(0, 6),
    fc.constantFrom('*', '?', 'MON-FRI', 'FRI-SUN', '5L', 'SUNL', '1#1', 'FRI#5', 'TUE,FRI#2', '7'),
  );
  const fields = fc.tuple(numbers(0, 59), numbers(0, 23), days, numbers(1, 12), weekdays);
  const zones = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Pacific/Apia',
  );
  /** Months in which the clock of none of the zones changes. */
  const months = fc.constantFrom(
    '2024-02',
    '2025-02',
    '2026-01',
    '2026-02',
    '2027-08',
    '2028-02',
    '2030-12',
    '2026-06',
  );

  function compare(schedule: ScheduleNode, month: string) {
    const fromMs = Date.parse(`${month}-01T00:00:00Z`);
    const toMs = fromMs + 28 * 86_400_000;
    const ticks: number[] = [];
    for (
      let tick = ticksOf(schedule).next(fromMs - 1);
      tick !== undefined && tick < toMs;
      tick = ticksOf(schedule).next(tick)
    )
      ticks.push(tick);
    const said = eventBridgeSchedules(schedule);
    const fired = new Set(said.flatMap((one) => firings(one, fromMs, toMs)));
    if (said.every(({ exact }) => exact)) expect([...fired].sort((a, b) => a - b)).toEqual(ticks);
    else expect(ticks.filter((tick) => !fired.has(tick))).toEqual([]);
  }

  test('of any cron, where no clock changes', () => {
    fc.assert(
      fc.property(fields, zones, months, (parts, timezone, month) => {
        const schedule = cron(parts.join(' '), timezone);
        try {
          ticksOf(schedule);
        } catch {
          // A day that no month has.
          return;
        }
        compare(schedule, month);
      }),
      { numRuns: 200 },
    );
  });

  test('of any dates', () => {
    const days = fc.uniqueArray(fc.integer({ min: 1, max: 28 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(
        days,
        fc.integer({ min: 0, max: 1439 }),
        zones,
        months,
        (list, minutes, timezone, month) => {
          const two = (value: number) => String(value).padStart(2, '0');
          const time = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
          const dates = list.map((day) => `${month}-${two(day)}T${time}`);
          compare({ kind: 'dates', dates, timezone, interval: 'trigger' }, month);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('of any period that divides a day', () => {
    const periods = fc.constantFrom(
      1,
      2,
      3,
      5,
      10,
      12,
      15,
      20,
      30,
      36,
      45,
      60,
      90,
      120,
      180,
      240,
      360,
      480,
      720,
      1440,
    );
    fc.assert(
      fc.property(periods, fc.integer({ min: 0, max: 3000 }), months, (minutes, offset, month) => {
        const anchor = new Date(Date.UTC(2026, 0, 1) + offset * 60_000).toISOString();
        compare({ kind: 'every', period: minutes * 60, anchor, interval: 'data' }, month);
      }),
      { numRuns: 100 },
    );
  });
});
