import { describe, expect, test } from 'vitest';
import { intervalFor } from '../../lib/cli/logical-date.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { ScheduleNode } from '../../lib/model/schedule.ts';

const NOW = Date.parse('2026-08-24T12:00:00Z');
const BERLIN = cron('0 2 * * *', 'Europe/Berlin');

describe('--logical-date', () => {
  test.each([
    // The day of Berlin's 22nd begins at 02:00 there, midnight UTC.
    ['a day', BERLIN, '2026-08-22', '2026-08-22T00:00:00Z/2026-08-23T00:00:00Z'],
    ['an instant', BERLIN, '2026-08-22T23:59:59Z', '2026-08-22T00:00:00Z/2026-08-23T00:00:00Z'],
    [
      'an instant of another zone',
      BERLIN,
      '2026-08-22T01:59+02:00',
      '2026-08-21T00:00:00Z/2026-08-22T00:00:00Z',
    ],
    [
      'a day without a tick',
      cron('0 0 * * 1', 'UTC'),
      '2026-08-19',
      '2026-08-17T00:00:00Z/2026-08-24T00:00:00Z',
    ],
    [
      'a day with many ticks',
      cron('0 * * * *', 'UTC'),
      '2026-08-22',
      '2026-08-22T00:00:00Z/2026-08-22T01:00:00Z',
    ],
    ['the 23 hours of a clock change', BERLIN, '2026-03-28', '2026-03-28T01:00:00Z/2026-03-29T01:00:00Z'],
    ['no schedule', { kind: 'manual' } as const, '2026-08-22', '2026-08-22T00:00:00Z/2026-08-22T00:00:00Z'],
    ['nothing', BERLIN, undefined, '2026-08-23T00:00:00Z/2026-08-24T00:00:00Z'],
  ])('names, for %s, the interval that begins there', (_, schedule, date, interval) => {
    const { startMs, endMs } = intervalFor(dagOf(schedule), date, NOW);
    expect([startMs, endMs]).toEqual(interval.split('/').map((instant) => Date.parse(instant)));
  });

  test.each([
    ['2026-02-30', 'must be a day of the calendar, got "2026-02-30"'],
    ['2026-13-01', 'must be a day of the calendar'],
    [
      'yesterday',
      'must be a day or an ISO 8601 instant with its offset, got "yesterday"; write 2026-08-22 or',
    ],
    ['2026-08-22T02:00:00', 'with its offset'],
    ['2025-12-31', "must not be before the DAG's start, 2026-01-01"],
    ['2027-01-01', "must be before the DAG's end, 2027-01-01"],
  ])('refuses %s', (date, text) => {
    const dag = { ...dagOf(cron('0 0 * * *', 'UTC')), start: '2026-01-01', end: '2027-01-01' };
    expect(() => intervalFor(dag, date, NOW)).toThrow(text);
  });
});

function cron(expression: string, timezone: string): ScheduleNode {
  return { kind: 'cron', expression, timezone, interval: 'data' };
}

function dagOf(schedule: ScheduleNode): DagNode {
  return {
    id: 'sales',
    tags: [],
    schedule,
    catchup: false,
    maxActiveRuns: 16,
    runState: 'leaves',
    params: {},
    tasks: [],
    groups: [],
    connections: [],
  };
}
