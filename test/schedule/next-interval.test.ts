import { describe, expect, test } from 'vitest';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import { type Asked, nextInterval } from '../../lib/schedule/next-interval.ts';
import { isoText, skippedBetween } from '../../lib/schedule/run-interval.ts';

const at = (text: string) => Date.parse(text);
const span = (start: string, end = start) => ({ startMs: at(start), endMs: at(end) });
const nightly: ScheduleNode = { kind: 'cron', expression: '0 2 * * *', timezone: 'UTC', interval: 'data' };
const triggered: ScheduleNode = { ...nightly, interval: 'trigger' };
const finished: ScheduleNode = {
  ...nightly,
  kind: 'dates',
  dates: ['2026-01-05', '2026-01-07', '2026-01-09'],
};

function next(schedule: ScheduleNode, asked: Partial<Asked>): string {
  const found = nextInterval(schedule, { nowMs: at('2026-01-08T12:00:00Z'), catchup: false, ...asked });
  return found === undefined ? 'none' : `${isoText(found.startMs)} to ${isoText(found.endMs)}`;
}

describe('the next data interval', () => {
  test('is the newest complete one, the first from the start with catchup', () => {
    const earliestMs = at('2026-01-01');
    expect(next(nightly, { earliestMs })).toBe('2026-01-07T02:00:00Z to 2026-01-08T02:00:00Z');
    expect(next(nightly, { earliestMs, catchup: true })).toBe('2026-01-01T02:00:00Z to 2026-01-02T02:00:00Z');
  });

  test('follows the last one and does not leap over what catchup makes', () => {
    const last = span('2026-01-03T02:00:00Z', '2026-01-04T02:00:00Z');
    expect(next(nightly, { last, catchup: true })).toBe('2026-01-04T02:00:00Z to 2026-01-05T02:00:00Z');
    expect(next(nightly, { last })).toBe('2026-01-07T02:00:00Z to 2026-01-08T02:00:00Z');
  });

  test('starts at a tick where the schedule has changed since the last', () => {
    const last = span('2026-01-07T05:00:00Z', '2026-01-08T05:00:00Z');
    expect(next(nightly, { last })).toBe('2026-01-08T02:00:00Z to 2026-01-09T02:00:00Z');
  });

  test('is not that of a run of no length, which had its logical date', () => {
    const last = span('2026-01-08T02:00:00Z');
    expect(next(nightly, { last })).toBe('2026-01-09T02:00:00Z to 2026-01-10T02:00:00Z');
  });

  test('is none after the end, and none where no tick follows', () => {
    const last = span('2026-01-07T02:00:00Z', '2026-01-08T02:00:00Z');
    expect(next(nightly, { last, latestMs: at('2026-01-08') })).toBe('none');
    expect(next(finished, { last: span('2026-01-07', '2026-01-09') })).toBe('none');
    expect(next(finished, { earliestMs: at('2026-01-10') })).toBe('none');
  });
});

describe('the next tick of what triggers', () => {
  test('is the newest of the past, then the next one', () => {
    expect(next(triggered, { earliestMs: at('2026-01-01') })).toBe(
      '2026-01-08T02:00:00Z to 2026-01-08T02:00:00Z',
    );
    expect(next(triggered, { last: span('2026-01-08T02:00:00Z') })).toBe(
      '2026-01-09T02:00:00Z to 2026-01-09T02:00:00Z',
    );
    expect(next(triggered, { last: span('2026-01-03T02:00:00Z'), catchup: true })).toBe(
      '2026-01-04T02:00:00Z to 2026-01-04T02:00:00Z',
    );
    expect(next(triggered, {})).toBe('2026-01-08T02:00:00Z to 2026-01-08T02:00:00Z');
  });

  test('is none after the end or the last tick', () => {
    expect(next(triggered, { earliestMs: at('2026-01-09'), latestMs: at('2026-01-09') })).toBe('none');
    const short: ScheduleNode = {
      kind: 'union',
      of: [{ ...finished, interval: 'trigger' }],
      interval: 'trigger',
    };
    expect(next(short, { last: span('2026-01-09') })).toBe('none');
    expect(next(short, { earliestMs: at('2026-01-10') })).toBe('none');
  });
});

describe('the next run', () => {
  const once: ScheduleNode = { kind: 'once', interval: 'trigger' };
  const live: ScheduleNode = { kind: 'continuous', interval: 'trigger' };

  test('of dates that trigger is at the first to come; with catchup those that passed too', () => {
    const events: ScheduleNode = { ...finished, interval: 'trigger' };
    expect(next(events, {})).toBe('2026-01-09T00:00:00Z to 2026-01-09T00:00:00Z');
    expect(next(events, { catchup: true })).toBe('2026-01-05T00:00:00Z to 2026-01-05T00:00:00Z');
    expect(next(events, { catchup: true, last: span('2026-01-07') })).toBe(
      '2026-01-09T00:00:00Z to 2026-01-09T00:00:00Z',
    );
  });

  test('once is at its instant, the start or now, and only one', () => {
    expect(next({ ...once, at: '2026-01-05' }, {})).toContain('2026-01-05T00:00:00Z');
    expect(next(once, { earliestMs: at('2026-01-06') })).toContain('2026-01-06T00:00:00Z');
    expect(next(once, {})).toContain('2026-01-08T12:00:00Z');
    expect(next(once, { last: span('2026-01-05') })).toBe('none');
    expect(next(once, { latestMs: at('2026-01-08') })).toBe('none');
  });

  test('of what is continuous goes on where the last one ended', () => {
    expect(next(live, { earliestMs: at('2026-01-08') })).toBe('2026-01-08T00:00:00Z to 2026-01-08T12:00:00Z');
    expect(next(live, { last: span('2026-01-08T00:00:00Z', '2026-01-08T11:00:00Z') })).toBe(
      '2026-01-08T11:00:00Z to 2026-01-08T12:00:00Z',
    );
    expect(next(live, { earliestMs: at('2026-01-09') })).toBe('2026-01-09T00:00:00Z to 2026-01-09T00:00:00Z');
    expect(next(live, { latestMs: at('2026-01-08') })).toBe('none');
    const later = {
      earliestMs: at('2026-02-01'),
      last: span('2026-01-08T11:00:00Z', '2026-01-08T13:00:00Z'),
    };
    expect(next(live, later)).toBe('2026-02-01T00:00:00Z to 2026-02-01T02:00:00Z');
  });

  test('of a manual schedule is none', () => {
    expect(next({ kind: 'manual' }, { earliestMs: 0, catchup: true })).toBe('none');
  });
});

test('what lies between two runs is skipped, but not the time from one tick to the next', () => {
  const [first, fourth] = [span('2026-01-01', '2026-01-02'), span('2026-01-05', '2026-01-06')];
  expect(skippedBetween(nightly, first, fourth)).toEqual(span('2026-01-02', '2026-01-05'));
  expect(skippedBetween(nightly, first, span('2026-01-02', '2026-01-03'))).toBeUndefined();
  const tick = span('2026-01-01T02:00:00Z');
  expect(skippedBetween(triggered, tick, span('2026-01-02T02:00:00Z'))).toBeUndefined();
  expect(skippedBetween(triggered, tick, span('2026-01-04T02:00:00Z'))).toEqual(
    span('2026-01-01T02:00:00Z', '2026-01-04T02:00:00Z'),
  );
});
