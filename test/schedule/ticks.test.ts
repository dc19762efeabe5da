import { describe, expect, test } from 'vitest';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import { intervalContaining, newestCompleteInterval } from '../../lib/schedule/data-interval.ts';
import { intervalOf, intervalsIn, isoText, zoneOf } from '../../lib/schedule/run-interval.ts';
import { ticksOf } from '../../lib/schedule/ticks.ts';
import { emptyDag } from '../build.ts';

const at = (text: string) => Date.parse(text);
const cron = (expression: string, timezone = 'UTC'): ScheduleNode => ({
  kind: 'cron',
  expression,
  timezone,
  interval: 'data',
});
const dates = (list: readonly string[], interval: 'data' | 'trigger', timezone = 'UTC'): ScheduleNode => ({
  kind: 'dates',
  dates: list,
  timezone,
  interval,
});
const union = (...of: readonly ScheduleNode[]): ScheduleNode => ({ kind: 'union', of, interval: 'data' });

function intervals(schedule: ScheduleNode, from: string, to: string): readonly string[] {
  return [...intervalsIn(schedule, at(from), at(to))].map(({ startMs, endMs }) =>
    startMs === endMs ? isoText(startMs) : `${isoText(startMs)} ${isoText(endMs)}`,
  );
}

describe('dates', () => {
  const list = ['2026-01-31', '2026-02-27T18:00:00Z', '2026-03-31'];

  test('trigger at each of them, days at midnight in their zone', () => {
    expect(intervals(dates(list, 'trigger', 'Europe/Berlin'), '2026-01-01', '2027-01-01')).toEqual([
      '2026-01-30T23:00:00Z',
      '2026-02-27T18:00:00Z',
      '2026-03-30T22:00:00Z',
    ]);
  });

  test('bound data intervals, of which there is one less', () => {
    expect(intervals(dates(list, 'data'), '2026-01-01', '2027-01-01')).toEqual([
      '2026-01-31T00:00:00Z 2026-02-27T18:00:00Z',
      '2026-02-27T18:00:00Z 2026-03-31T00:00:00Z',
    ]);
  });

  test('hold no instant before the first or after the last', () => {
    const schedule = dates(list, 'data');
    for (const instant of [at('2026-01-30'), at('2026-03-31')])
      expect(intervalContaining(schedule, instant)).toEqual({ startMs: instant, endMs: instant });
    const early = at('2026-02-01');
    expect(newestCompleteInterval(schedule, early)).toEqual({ startMs: early, endMs: early });
    expect(newestCompleteInterval(schedule, at('2030-01-01')).endMs).toBe(at('2026-03-31'));
  });

  test('are found from either side', () => {
    const ticks = ticksOf(dates(list, 'data'));
    expect(ticks.next(at('2026-01-31'))).toBe(at('2026-02-27T18:00:00Z'));
    expect(ticks.next(at('2026-03-31'))).toBeUndefined();
    expect(ticks.previous(at('2026-03-31'))).toBe(at('2026-03-31'));
    expect(ticks.previous(at('2026-01-30'))).toBeUndefined();
  });

  test('that are none are our mistake', () => {
    expect(() => ticksOf(dates(['soon'], 'trigger'))).toThrow('dates');
  });
});

describe('a union', () => {
  test('has the ticks of all, each instant once, and intervals between any two', () => {
    const schedule = union(cron('0 6,12 * * *'), cron('0 12 * * *'), {
      kind: 'every',
      period: '9h',
      interval: 'data',
    });
    expect(intervals(schedule, '1970-01-01T00:00:00Z', '1970-01-01T19:00:00Z')).toEqual([
      '1970-01-01T00:00:00Z 1970-01-01T06:00:00Z',
      '1970-01-01T06:00:00Z 1970-01-01T09:00:00Z',
      '1970-01-01T09:00:00Z 1970-01-01T12:00:00Z',
      '1970-01-01T12:00:00Z 1970-01-01T18:00:00Z',
    ]);
  });

  test('tells days in the zone of its schedules, in UTC where they differ', () => {
    expect(zoneOf(union(cron('@daily', 'Asia/Tokyo'), cron('@weekly', 'Asia/Tokyo')))).toBe('Asia/Tokyo');
    expect(zoneOf(union(cron('@daily', 'Asia/Tokyo'), cron('@weekly')))).toBe('UTC');
  });
});

describe('once and continuous', () => {
  test('once is one tick', () => {
    const schedule: ScheduleNode = { kind: 'once', at: '2026-01-05', interval: 'trigger' };
    expect(intervals(schedule, '2020-01-01', '2030-01-01')).toEqual(['2026-01-05T00:00:00Z']);
    expect(intervals({ kind: 'once', interval: 'trigger' }, '2020-01-01', '2030-01-01')).toEqual([]);
  });

  test('continuous has no ticks; a manual run of it stands for its instant', () => {
    const schedule: ScheduleNode = { kind: 'continuous', interval: 'trigger' };
    expect(intervals(schedule, '2020-01-01', '2030-01-01')).toEqual([]);
    const now = at('2026-08-22T12:00:00Z');
    expect(intervalOf({ ...emptyDag('live'), schedule }, undefined, now)).toEqual({
      startMs: now,
      endMs: now,
    });
  });
});

test('schedules that read the same share what was worked out', () => {
  const text = JSON.stringify(cron('0 2 * * *', 'Europe/Berlin'));
  expect(ticksOf(JSON.parse(text))).toBe(ticksOf(JSON.parse(text)));
});
