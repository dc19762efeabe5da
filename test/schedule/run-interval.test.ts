import { describe, expect, test } from 'vitest';
import { RefusedError } from '../../lib/base/errors.ts';

import type { DagNode } from '../../lib/model/dag.ts';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import { intervalOf, intervalsIn, intervalTexts } from '../../lib/schedule/run-interval.ts';
import { emptyDag } from '../build.ts';

const NOW = Date.parse('2026-08-22T12:00:00Z');

const dagOf = (options: Partial<DagNode>): DagNode => ({ ...emptyDag('test'), ...options });

function interval(schedule: ScheduleNode, date?: string) {
  const dag = dagOf({ schedule });
  return intervalTexts(dag, intervalOf(dag, date, NOW));
}

const nightly: ScheduleNode = {
  kind: 'cron',
  expression: '0 2 * * *',
  timezone: 'Europe/Berlin',
  interval: 'data',
};
const hourly: ScheduleNode = {
  kind: 'cron',
  expression: '0 * * * *',
  timezone: 'Asia/Kolkata',
  interval: 'data',
};
const weekly: ScheduleNode = { kind: 'cron', expression: '0 0 * * 0', timezone: 'UTC', interval: 'data' };

describe('the interval of a run', () => {
  test('is the newest complete one where no date is given', () => {
    expect(interval(nightly)).toEqual({
      start: '2026-08-21T00:00:00Z',
      end: '2026-08-22T00:00:00Z',
      date: '2026-08-21',
    });
  });

  test('holds the instant that is given', () => {
    expect(interval(nightly, '2026-08-22T00:30:00+02:00').date).toBe('2026-08-21');
  });

  test.each([
    ['2026-01-05', { start: '2026-01-05T01:00:00Z', end: '2026-01-06T01:00:00Z', date: '2026-01-05' }],
    ['2026-03-29', { start: '2026-03-29T01:00:00Z', end: '2026-03-30T00:00:00Z', date: '2026-03-29' }],
    ['2026-08-22', { start: '2026-08-22T00:00:00Z', end: '2026-08-23T00:00:00Z', date: '2026-08-22' }],
  ])('of a night in Berlin is the one whose date is %s', (date, expected) => {
    expect(interval(nightly, date)).toEqual(expected);
  });

  test('is the first that starts on the day, or the one the day lies in', () => {
    expect(interval(hourly, '2026-08-22')).toMatchObject({
      start: '2026-08-21T18:30:00Z',
      date: '2026-08-22',
    });
    expect(interval(weekly, '2026-08-22')).toMatchObject({
      start: '2026-08-16T00:00:00Z',
      date: '2026-08-16',
    });
  });

  test('has no length without a schedule', () => {
    expect(interval({ kind: 'manual' })).toEqual({
      start: '2026-08-22T12:00:00Z',
      end: '2026-08-22T12:00:00Z',
      date: '2026-08-22',
    });
    expect(interval({ kind: 'manual' }, '2026-01-01').start).toBe('2026-01-01T00:00:00Z');
  });

  test.each(['yesterday', '2026-02-30', '2026-08-22T25:00:00Z', '2026-08-22T02:00:00', ''])(
    'refuses %j',
    (date) => {
      expect(() => interval(nightly, date)).toThrow(RefusedError);
    },
  );

  describe('that has bounds', () => {
    const schedule: ScheduleNode = { ...nightly, expression: '0 0 1 * *', timezone: 'UTC' };
    const bounded = dagOf({ id: 'flights', schedule, start: '2001-01-01', end: '2001-07-01' });

    test('is the last one before the end where no date is given', () => {
      expect(intervalOf(bounded, undefined, NOW)).toEqual({
        startMs: Date.parse('2001-06-01'),
        endMs: Date.parse('2001-07-01'),
      });
    });

    test('is the last tick before the end of a schedule without intervals', () => {
      const dag = { ...bounded, schedule: { ...schedule, interval: 'trigger' as const } };
      const at = Date.parse('2001-06-01');
      expect(intervalOf(dag, undefined, NOW)).toEqual({ startMs: at, endMs: at });
    });

    test.each(['2000-12-31', '2001-07-01', '2026-08-22T00:00:00Z'])('refuses %s outside them', (date) => {
      expect(() => intervalOf(bounded, date, NOW)).toThrow(
        `dag "flights" › logical date: must be at or after its start 2001-01-01 and before its end 2001-07-01, got ${date}; name a date`,
      );
      expect(intervalOf(bounded, '2001-06-30', NOW).startMs).toBe(Date.parse('2001-06-01'));
    });

    test('begins a day in the zone of the schedule', () => {
      const dag = dagOf({ schedule: { ...hourly }, start: '2026-01-01' });
      expect(intervalOf(dag, '2026-01-01', NOW).startMs).toBe(Date.parse('2025-12-31T18:30:00Z'));
    });

    test('refuses a DAG whose first interval is not complete', () => {
      const dag = dagOf({ schedule: nightly, start: '2026-08-22' });
      expect(() => intervalOf(dag, undefined, NOW)).toThrow(
        'must be at or after its start 2026-08-22, got none: the newest complete interval is of 2026-08-21T00:00:00Z',
      );
    });
  });
});

describe('the intervals of a range', () => {
  const texts = (schedule: ScheduleNode, from: string, to: string) =>
    [...intervalsIn(schedule, Date.parse(from), Date.parse(to))].map((found) => {
      const { start, end } = intervalTexts({ schedule }, found);
      return start === end ? start : `${start} to ${end}`;
    });

  test('start in it and have ended by its end', () => {
    expect(texts(nightly, '2026-03-28T00:00:00Z', '2026-03-30T00:00:00Z')).toEqual([
      '2026-03-28T01:00:00Z to 2026-03-29T01:00:00Z',
      '2026-03-29T01:00:00Z to 2026-03-30T00:00:00Z',
    ]);
    expect(texts(nightly, '2026-03-28T01:00:01Z', '2026-03-29T23:59:59Z')).toEqual([]);
  });

  test('are the ticks of a schedule that triggers, both ends included', () => {
    expect(texts({ ...weekly, interval: 'trigger' }, '2026-08-02T00:00:00Z', '2026-08-16T00:00:00Z')).toEqual(
      ['2026-08-02T00:00:00Z', '2026-08-09T00:00:00Z', '2026-08-16T00:00:00Z'],
    );
  });

  test('are none of a manual schedule', () => {
    expect(texts({ kind: 'manual' }, '2026-08-02T00:00:00Z', '2027-08-16T00:00:00Z')).toEqual([]);
  });
});
