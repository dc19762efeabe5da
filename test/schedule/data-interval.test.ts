import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DstPolicy, ScheduleNode } from '../../lib/model/schedule.ts';
import {
  intervalContaining,
  newestCompleteInterval,
  nextTick,
  previousTick,
} from '../../lib/schedule/data-interval.ts';

const cron = (expression: string, timezone = 'UTC', more: { dst?: DstPolicy; interval?: 'trigger' } = {}) =>
  ({ kind: 'cron', expression, timezone, interval: 'data', ...more }) satisfies ScheduleNode;
const every = (period: '2h' | '15m' | '1d' | 90, anchor?: string): ScheduleNode => ({
  kind: 'every',
  period,
  interval: 'data',
  ...(anchor !== undefined && { anchor }),
});
const utc = (text: string) => Date.parse(`${text}Z`);
const iso = (instant: number | undefined) =>
  instant === undefined ? undefined : new Date(instant).toISOString().slice(0, 16);

/** Ticks in a range, both ends included. */
function ticks(schedule: ScheduleNode, from: string, to: string): readonly string[] {
  const found: string[] = [];
  let tick = nextTick(schedule, utc(from) - 1);
  while (tick !== undefined && tick <= utc(to)) {
    found.push(new Date(tick).toISOString().slice(0, 16));
    tick = nextTick(schedule, tick);
  }
  return found;
}

describe('where the clock changes', () => {
  test('a job at an hour that does not exist runs when the gap ends', () => {
    expect(ticks(cron('30 2 * * *', 'Europe/Berlin'), '2026-03-28T00:00', '2026-03-31T00:00')).toStrictEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });

  test('several times in one gap are one tick', () => {
    expect(
      ticks(cron('*/20 2 * * *', 'Europe/Berlin'), '2026-03-29T00:00', '2026-03-29T12:00'),
    ).toStrictEqual(['2026-03-29T01:00']);
  });

  test('a policy may skip the gap or run before it', () => {
    const at = (gap: 'skip' | 'before') =>
      ticks(cron('30 2 * * *', 'Europe/Berlin', { dst: { gap } }), '2026-03-29T00:00', '2026-03-30T00:30');
    expect(at('skip')).toStrictEqual(['2026-03-30T00:30']);
    expect(at('before')).toStrictEqual(['2026-03-29T00:59', '2026-03-30T00:30']);
  });

  test('a job at an hour that comes twice runs the first time', () => {
    expect(ticks(cron('30 2 * * *', 'Europe/Berlin'), '2026-10-25T00:00', '2026-10-26T01:30')).toStrictEqual([
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  test('a policy may take the second time, or both', () => {
    const at = (overlap: 'second' | 'both') =>
      ticks(
        cron('30 2 * * *', 'Europe/Berlin', { dst: { overlap } }),
        '2026-10-25T00:00',
        '2026-10-25T12:00',
      );
    expect(at('second')).toStrictEqual(['2026-10-25T01:30']);
    expect(at('both')).toStrictEqual(['2026-10-25T00:30', '2026-10-25T01:30']);
  });

  test('a schedule that steps through hours keeps its pace', () => {
    const half = cron('30 * * * *', 'Europe/Berlin');
    expect(ticks(half, '2026-03-29T00:00', '2026-03-29T03:00')).toStrictEqual([
      '2026-03-29T00:30',
      '2026-03-29T01:30',
      '2026-03-29T02:30',
    ]);
    expect(ticks(half, '2026-10-25T00:00', '2026-10-25T03:00')).toStrictEqual([
      '2026-10-25T00:30',
      '2026-10-25T01:30',
      '2026-10-25T02:30',
    ]);
  });

  test('a day has 23 or 25 hours, and no interval overlaps another', () => {
    const daily = cron('0 0 * * *', 'Europe/Berlin');
    const hours = (day: string) => {
      const { startMs, endMs } = intervalContaining(daily, utc(`${day}T12:00`));
      return (endMs - startMs) / 3_600_000;
    };
    expect([hours('2026-03-28'), hours('2026-03-29'), hours('2026-10-25')]).toStrictEqual([24, 23, 25]);
  });

  test('midnight may be what is missing', () => {
    expect(
      ticks(cron('0 0 * * *', 'America/Sao_Paulo'), '2018-11-03T00:00', '2018-11-05T23:00'),
    ).toStrictEqual(['2018-11-03T03:00', '2018-11-04T03:00', '2018-11-05T02:00']);
  });

  test('a clock may change at one minute past the hour', () => {
    expect(
      ticks(
        cron('20 0 * * *', 'America/St_Johns', { dst: { gap: 'before' } }),
        '2011-03-12T04:00',
        '2011-03-14T04:00',
      ),
    ).toStrictEqual(['2011-03-13T03:30', '2011-03-14T02:50']);
  });

  test('a day that never was has its tick when the next one begins', () => {
    expect(ticks(cron('0 12 * * *', 'Pacific/Apia'), '2011-12-29T00:00', '2011-12-31T23:00')).toStrictEqual([
      '2011-12-29T22:00',
      '2011-12-30T10:00',
      '2011-12-30T22:00',
      '2011-12-31T22:00',
    ]);
  });
});

describe('intervals', () => {
  test.each<[ScheduleNode, string, string, string]>([
    [cron('0 2 * * *'), '2026-01-05T00:00', '2026-01-04T02:00', '2026-01-05T02:00'],
    [cron('0 2 * * *'), '2026-01-05T02:00', '2026-01-05T02:00', '2026-01-06T02:00'],
    [cron('0 0 29 2 *'), '2026-01-05T00:00', '2024-02-29T00:00', '2028-02-29T00:00'],
    [cron('0 0 1 */3 *'), '2026-05-05T00:00', '2026-04-01T00:00', '2026-07-01T00:00'],
    [every('2h'), '2026-01-05T03:10', '2026-01-05T02:00', '2026-01-05T04:00'],
    [every('1d', '2026-01-01T06:00:00Z'), '2025-12-31T00:00', '2025-12-30T06:00', '2025-12-31T06:00'],
    [{ kind: 'manual' }, '2026-01-05T03:10', '2026-01-05T03:10', '2026-01-05T03:10'],
    [
      cron('0 2 * * *', 'UTC', { interval: 'trigger' }),
      '2026-01-05T02:00',
      '2026-01-05T02:00',
      '2026-01-05T02:00',
    ],
  ])('%j around %s', (schedule, at, start, end) => {
    const { startMs, endMs } = intervalContaining(schedule, utc(at));
    expect([iso(startMs), iso(endMs)]).toStrictEqual([start, end]);
  });

  test.each<[ScheduleNode, string, string, string]>([
    [cron('0 2 * * *'), '2026-01-05T01:59', '2026-01-03T02:00', '2026-01-04T02:00'],
    [cron('0 2 * * *'), '2026-01-05T02:00', '2026-01-04T02:00', '2026-01-05T02:00'],
    [every('15m'), '2026-01-05T02:20', '2026-01-05T02:00', '2026-01-05T02:15'],
    [{ kind: 'manual' }, '2026-01-05T03:10', '2026-01-05T03:10', '2026-01-05T03:10'],
    [
      cron('0 2 * * *', 'UTC', { interval: 'trigger' }),
      '2026-01-05T01:00',
      '2026-01-04T02:00',
      '2026-01-04T02:00',
    ],
  ])('the newest complete one of %j at %s', (schedule, at, start, end) => {
    const { startMs, endMs } = newestCompleteInterval(schedule, utc(at));
    expect([iso(startMs), iso(endMs)]).toStrictEqual([start, end]);
  });

  test('a manual schedule has no ticks', () => {
    expect(nextTick({ kind: 'manual' }, 0)).toBeUndefined();
    expect(previousTick({ kind: 'manual' }, 0)).toBeUndefined();
  });

  test('a schedule the rules refuse is our mistake', () => {
    expect(() => nextTick(cron('61 * * * *'), 0)).toThrow('minute must be 0-59, got 61');
    expect(() => nextTick({ kind: 'every', period: '0h', interval: 'data' }, 0)).toThrow('every');
  });

  test('cover time without gap or overlap, in any zone under any policy', () => {
    const field = (min: number, max: number) =>
      fc.oneof(
        fc.constant('*'),
        fc.integer({ min, max }).map(String),
        fc.integer({ min: 2, max: Math.min(max, 12) }).map((step) => `*/${step}`),
      );
    const dst = fc.record({
      gap: fc.constantFrom('skip', 'after', 'before'),
      overlap: fc.constantFrom('first', 'second', 'both'),
    } as const);
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
      'America/Sao_Paulo',
      'Asia/Beirut',
      'America/Havana',
      'Pacific/Apia',
    );
    const changes = [
      '2018-11-04',
      '2026-03-08',
      '2026-03-29',
      '2026-04-05',
      '2026-10-04',
      '2026-10-25',
      '2026-11-01',
      '2011-12-30',
      '2026-02-15',
    ];
    fc.assert(
      fc.property(
        fc.tuple(field(0, 59), field(0, 23), fc.constant('*'), fc.constant('*'), field(0, 6)),
        zones,
        fc.option(dst, { nil: undefined }),
        fc.tuple(fc.constantFrom(...changes), fc.integer({ min: -2880, max: 2880 })),
        (fields, timezone, policy, [change, minutes]) => {
          const schedule = cron(fields.join(' '), timezone, policy && { dst: policy });
          const from = utc(`${change}T00:00`) + minutes * 60_000;
          let interval = intervalContaining(schedule, from);
          expect(interval.startMs).toBeLessThanOrEqual(from);
          for (let count = 0; count < 8; count++) {
            expect(interval.endMs).toBeGreaterThan(interval.startMs);
            expect(previousTick(schedule, interval.endMs - 1)).toBe(interval.startMs);
            expect(newestCompleteInterval(schedule, interval.endMs)).toStrictEqual(interval);
            const next = intervalContaining(schedule, interval.endMs);
            expect(next.startMs).toBe(interval.endMs);
            interval = next;
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
