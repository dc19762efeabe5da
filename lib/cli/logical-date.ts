import { RefusedError } from '../base/errors.ts';
import type { DagNode } from '../model/dag.ts';
import type { ScheduleNode } from '../model/schedule.ts';
import {
  type DataInterval,
  intervalContaining,
  newestCompleteInterval,
  nextTick,
} from '../schedule/data-interval.ts';
import { toInstant, zonedDate } from '../schedule/zone.ts';

/**
 * The data interval that `--logical-date` names; the newest complete one without it.
 *
 * A day, `2026-08-22`, is the first interval that begins on it in the schedule's zone, or, where none does, the one
 * it lies in: "the 22nd" of a DAG that runs at 02:00 is what began at 02:00 that day, not what ended then.
 *
 * @throws {RefusedError} `invalid-date`
 */
export function intervalFor(dag: DagNode, date: string | undefined, nowMs: number): DataInterval {
  const { schedule } = dag;
  if (date === undefined) return newestCompleteInterval(schedule, nowMs);
  const day = /^(\d{4})-(\d\d)-(\d\d)$/.exec(date);
  const interval =
    day === null
      ? intervalContaining(schedule, instantOf(date))
      : intervalOfDay(schedule, { year: Number(day[1]), month: Number(day[2]), day: Number(day[3]) }, date);
  assertWithin(dag, interval, date);
  return interval;
}

/** Zone in which the days of a schedule are counted. */
export function zoneOf(schedule: ScheduleNode): string {
  return schedule.kind === 'cron' ? schedule.timezone : 'UTC';
}

interface Day {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

function intervalOfDay(schedule: ScheduleNode, day: Day, written: string): DataInterval {
  const asUtc = new Date(Date.UTC(day.year, day.month - 1, day.day));
  if (asUtc.getUTCMonth() !== day.month - 1) throw invalid(written, 'must be a day of the calendar');
  const zone = zoneOf(schedule);
  const [begin = asUtc.getTime()] = toInstant({ ...day, hour: 0, minute: 0 }, zone, {
    gap: 'after',
    overlap: 'first',
  });
  const tick = nextTick(schedule, begin - 1);
  const onTheDay = tick !== undefined && isSameDay(zonedDate(tick, zone), day);
  return intervalContaining(schedule, onTheDay ? tick : begin);
}

function isSameDay(a: Day, b: Day): boolean {
  return a.year === b.year && a.month === b.month && a.day === b.day;
}

function instantOf(text: string): number {
  const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(instant)) throw invalid(text, 'must be a day or an ISO 8601 instant with its offset');
  return instant;
}

function assertWithin({ start, end }: DagNode, { startMs }: DataInterval, date: string): void {
  if (start !== undefined && startMs < Date.parse(start))
    throw invalid(date, `must not be before the DAG's start, ${start}`);
  if (end !== undefined && startMs >= Date.parse(end))
    throw invalid(date, `must be before the DAG's end, ${end}`);
}

function invalid(got: string, rule: string): RefusedError {
  return new RefusedError(
    'invalid-date',
    `tutti run › --logical-date: ${rule}, got "${got}"; write 2026-08-22 or 2026-08-22T02:00:00Z`,
  );
}
