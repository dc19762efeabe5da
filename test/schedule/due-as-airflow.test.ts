/** What is due by now is what Airflow's timetables, asked again and again, would have run by now. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import type { DataInterval } from '../../lib/schedule/data-interval.ts';
import { type Definition, dueIntervals, watermarkBasis } from '../../lib/schedule/due-intervals.ts';
import { type Asked, nextInterval } from '../../lib/schedule/next-interval.ts';
import { isoText } from '../../lib/schedule/run-interval.ts';
import { emptyDag } from '../build.ts';

const START = Date.UTC(2026, 2, 25);
const HOUR = 3_600_000;

const interval = fc.constantFrom('data', 'trigger');
const timezone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York');
const expression = fc.constantFrom(
  '0 2 * * *',
  '30 2 * * *',
  '0 */5 * * *',
  '45 */1 * * *',
  '0 0 * * MON',
  '0 0 1 * *',
);
const crons = fc.record({ kind: fc.constant('cron'), expression, timezone, interval });
const schedules: fc.Arbitrary<ScheduleNode> = fc.oneof(
  crons,
  fc.record({ kind: fc.constant('every'), period: fc.constantFrom('5h', '36h', '90m'), interval }),
  fc.tuple(fc.array(expression, { minLength: 1, maxLength: 3 }), timezone, interval).map(
    ([list, zone, kind]): ScheduleNode => ({
      kind: 'union',
      of: list.map((one) => ({ kind: 'cron', expression: one, timezone: zone, interval: kind })),
      interval: kind,
    }),
  ),
);

const cases = fc.record({
  schedule: schedules,
  startHours: fc.integer({ min: 0, max: 200 }),
  /** After which the scheduler looks again. */
  hours: fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 6 }),
  /**
   * Until the end, of a DAG that catches up: without catchup a scheduler that looks only later still makes the last
   * interval before it, where Airflow makes none.
   */
  lasts: fc.integer({ min: 1, max: 400 }),
  catchup: fc.boolean(),
});

type Case = typeof cases extends fc.Arbitrary<infer One> ? One : never;

test('what is due is what Airflow would have run', () => {
  let compared = 0;
  fc.assert(
    fc.property(cases, (one) => {
      for (const { due, airflow } of looksOf(one)) {
        expect(due).toEqual(airflow);
        compared += due.length;
      }
    }),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(1000);
});

interface Look {
  readonly due: readonly DataInterval[];
  readonly airflow: readonly DataInterval[];
}

function* looksOf({ schedule, startHours, hours, lasts, catchup }: Case): Generator<Look> {
  const earliestMs = START + startHours * HOUR;
  const endMs = catchup ? earliestMs + lasts * HOUR : undefined;
  const end = endMs === undefined ? {} : { end: isoText(endMs) };
  const dag = { ...emptyDag('sales'), schedule, catchup, start: isoText(earliestMs), ...end };
  const latestMs = endMs === undefined ? undefined : endMs - 1;
  let head: Definition['head'] = { paused: false, registeredAt: isoText(START) };
  let last: DataInterval | undefined;
  let nowMs = earliestMs;
  for (const later of hours) {
    nowMs += later * HOUR;
    const due = dueIntervals({ dag, head }, nowMs, { limit: 10_000 });
    const airflow = runsBy(schedule, { nowMs, last, catchup, earliestMs, latestMs });
    yield { due: due.intervals, airflow };
    last = airflow.at(-1) ?? last;
    if (due.throughMs === undefined) continue;
    head = { ...head, watermark: { basis: watermarkBasis(dag), through: isoText(due.throughMs) } };
  }
}

function runsBy(schedule: ScheduleNode, asked: Asked): readonly DataInterval[] {
  const runs: DataInterval[] = [];
  let next = nextInterval(schedule, asked);
  while (next !== undefined && next.endMs <= asked.nowMs) {
    runs.push(next);
    if (runs.length > 10_000) throw new Error(`no end of runs, the last of ${isoText(next.startMs)}`);
    next = nextInterval(schedule, { ...asked, last: next });
  }
  return runs;
}
