import { describe, expect, test } from 'vitest';
import { RefusedError } from '../../lib/base/errors.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import {
  type BackfillRange,
  MOST_DATES,
  planBackfill,
  rangeIntervals,
} from '../../lib/schedule/backfill-plan.ts';
import { node, sales } from '../compiler/rules/graphs.ts';

const NOW_MS = Date.UTC(2026, 1, 1, 12);
const daily = { kind: 'cron', expression: '0 2 * * *', timezone: 'Europe/Berlin', interval: 'data' } as const;
const dagOf = (options: Partial<DagNode> = {}) => sales([node('a')], { schedule: daily, ...options });
const range = (from: string, to: string, options: Partial<BackfillRange> = {}): BackfillRange => ({
  from,
  to,
  reprocess: 'none',
  order: 'oldest',
  asOne: false,
  ...options,
});
const datesOf = (dag: DagNode, of: BackfillRange) =>
  rangeIntervals(dag, of, NOW_MS).intervals.map(({ startMs }) => new Date(startMs).toISOString());

function refusal(dag: DagNode, of: BackfillRange): string {
  try {
    rangeIntervals(dag, of, NOW_MS);
  } catch (error) {
    if (error instanceof RefusedError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'none';
}

describe('the range', () => {
  test('holds both its ends; a day is one of the schedule’s zone', () => {
    expect(datesOf(dagOf(), range('2026-01-05', '2026-01-06'))).toEqual([
      '2026-01-05T01:00:00.000Z',
      '2026-01-06T01:00:00.000Z',
    ]);
    expect(datesOf(dagOf(), range('2026-01-05T01:00:00Z', '2026-01-06T01:00:00Z'))).toHaveLength(2);
    expect(datesOf(dagOf(), range('2026-01-05T01:00:01Z', '2026-01-06T01:00:00Z'))).toHaveLength(1);
    const hourly = dagOf({ schedule: { ...daily, expression: '0 * * * *' } });
    expect(datesOf(hourly, range('2026-01-05', '2026-01-06'))).toHaveLength(48);
    // The day on which clocks go forward.
    expect(datesOf(hourly, range('2025-03-30', '2025-03-30'))).toHaveLength(23);
  });

  test('leaves out what is not over, and tells what the bounds of the DAG leave out', () => {
    expect(datesOf(dagOf(), range('2026-01-30', '2026-03-01'))).toEqual([
      '2026-01-30T01:00:00.000Z',
      '2026-01-31T01:00:00.000Z',
    ]);
    const bounded = dagOf({ start: '2026-01-05', end: '2026-01-08' });
    const { intervals, outside } = rangeIntervals(bounded, range('2026-01-01', '2026-01-10'), NOW_MS);
    expect(intervals).toHaveLength(3);
    expect(outside.map(({ logicalDate, action, reason }) => [logicalDate, action, reason])).toEqual([
      ['2026-01-01T01:00:00Z', 'skip', 'before the DAG’s start, and so are 3 more'],
      ['2026-01-08T01:00:00Z', 'skip', 'not before the DAG’s end, and so are 2 more'],
    ]);
  });

  test('that cannot run is refused', () => {
    const past = sales([node('a', { dependsOnPast: true })], { schedule: daily });
    const minutely = dagOf({ schedule: { ...daily, expression: '* * * * *', timezone: 'UTC' } });
    expect([
      refusal(dagOf({ schedule: { kind: 'manual' } }), range('2026-01-01', '2026-01-02')),
      refusal(dagOf(), range('2026-01-02', '2026-01-01')),
      refusal(dagOf(), range('2026-02-30', '2026-03-01')),
      refusal(dagOf(), range('yesterday', '2026-03-01')),
      refusal(dagOf(), range('2027-01-01', '2027-02-01')),
      refusal(dagOf({ start: '2026-01-01' }), range('2025-01-01', '2025-02-01')),
      refusal(past, range('2026-01-01', '2026-01-02', { order: 'newest', reprocess: 'failed' })),
      refusal(past, range('2026-01-01', '2026-01-02')),
      refusal(minutely, range('2000-01-01', '2026-01-01')),
    ]).toMatchInlineSnapshot(`
      [
        "unscheduled-dag: dag "sales" › backfill: must be of a DAG whose schedule has dates, got manual; start its runs by tutti trigger",
        "invalid-range: dag "sales" › backfill: must not end before it begins, got 2026-01-02 to 2026-01-01",
        "invalid-logical-date: dag "sales" › logical date: must be a day or an instant with its zone, got "2026-02-30"; write 2026-08-22 or 2026-08-22T02:00:00Z",
        "invalid-logical-date: dag "sales" › logical date: must be a day or an instant with its zone, got "yesterday"; write 2026-08-22 or 2026-08-22T02:00:00Z",
        "invalid-range: dag "sales" › backfill: must hold an interval that can run, got 2027-01-01 to 2027-02-01: no interval of the schedule that is over; name dates in the past",
        "invalid-range: dag "sales" › backfill: must hold an interval that can run, got 2025-01-01 to 2025-02-01: before the DAG’s start, and so are 31 more; the DAG starts at 2026-01-01",
        "depends-on-past-order: dag "sales" › backfill: must run the oldest dates first, as its tasks depend on the past, got the newest first",
        "depends-on-past-reprocess: dag "sales" › backfill: must rerun failed or completed dates, as its tasks depend on the past, got none; add --reprocess failed",
        "too-many-dates: dag "sales" › backfill: must be at most 100000 dates, got more; split it",
      ]
    `);
    expect(refusal(past, range('2026-01-01', '2026-01-02', { reprocess: 'failed' }))).toBe('none');
    expect(refusal(past, range('2026-01-01', '2026-01-02', { order: 'newest', asOne: true }))).toBe('none');
    expect(MOST_DATES).toBe(100_000);
  });
});

describe('the plan', () => {
  const planned = (options: Partial<BackfillRange>) => {
    const of = range('2026-01-01', '2026-01-05', options);
    const dag = dagOf();
    const existing = new Map([
      ['2026-01-02T01:00:00Z', 'success'],
      ['2026-01-03T01:00:00Z', 'failed'],
      ['2026-01-04T01:00:00Z', 'starting'],
      ['2026-01-05T01:00:00Z', 'cancelled'],
    ] as const);
    return planBackfill(dag, of, rangeIntervals(dag, of, NOW_MS).intervals, existing);
  };
  const actions = (options: Partial<BackfillRange>) =>
    planned(options)
      .map(({ action }) => action)
      .join(' ');

  test('leaves runs alone, reruns what failed, or what ended; what goes on is never run again', () => {
    expect(actions({ reprocess: 'none' })).toBe('create skip skip skip skip');
    expect(actions({ reprocess: 'failed' })).toBe('create skip rerun skip rerun');
    expect(actions({ reprocess: 'completed' })).toBe('create rerun rerun skip rerun');
    expect(planned({ reprocess: 'failed' }).map(({ reason }) => reason)).toEqual([
      undefined,
      'already exists',
      'its run is failed',
      'in flight',
      'its run is cancelled',
    ]);
  });

  test('begins with the newest where it is asked to', () => {
    expect(planned({ order: 'newest' }).map(({ interval }) => interval.date.slice(8))).toEqual([
      '05',
      '04',
      '03',
      '02',
      '01',
    ]);
  });

  test('is one run for all dates where it is asked to be', () => {
    expect(planned({ asOne: true })).toEqual([
      {
        logicalDate: '2026-01-01T01:00:00Z',
        interval: { start: '2026-01-01T01:00:00Z', end: '2026-01-06T01:00:00Z', date: '2026-01-01' },
        action: 'create',
        reason: 'one run for 5 dates; 4 of them have runs, which stay as they are',
      },
    ]);
  });
});
