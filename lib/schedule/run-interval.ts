/** Which interval a run is for, and which ones a schedule has. Manual runs name theirs, or take the newest complete one (`semantics.md` 5). */
import { RefusedError } from '../base/errors.ts';
import type { DagNode } from '../model/dag.ts';
import type { Run } from '../model/run.ts';
import type { ScheduleNode } from '../model/schedule.ts';
import {
  type DataInterval,
  intervalContaining,
  newestCompleteInterval,
  nextTick,
  previousTick,
} from './data-interval.ts';
import { instantOf, zonedDate } from './zone.ts';

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;

/**
 * The interval of a run that starts at `nowMs`: the DAG's `start` and `end` bound its logical date.
 *
 * @throws {RefusedError} `invalid-logical-date`
 */
export function intervalOf(dag: DagNode, logicalDate: string | undefined, nowMs: number): DataInterval {
  const bounds = boundsOf(dag);
  const interval =
    logicalDate === undefined ? newestWithin(dag, bounds, nowMs) : intervalAt(dag, logicalDate);
  if (interval.startMs >= bounds.startMs && interval.startMs < bounds.endMs) return interval;
  throw outOfBounds(
    dag,
    logicalDate ?? `none: the newest complete interval is of ${isoText(interval.startMs)}`,
  );
}

function intervalAt(dag: DagNode, logicalDate: string): DataInterval {
  if (DAY.test(logicalDate)) return intervalOfDay(dag, logicalDate);
  const instantMs = INSTANT.test(logicalDate) ? Date.parse(logicalDate) : Number.NaN;
  if (Number.isNaN(instantMs)) throw invalidDate(dag, logicalDate);
  return intervalContaining(dag.schedule, instantMs);
}

/**
 * The instants that a day or an instant means: of a day all of it, in the schedule's zone; of an instant that alone.
 *
 * @throws {RefusedError} `invalid-logical-date`
 */
export function dayOrInstant(dag: DagNode, text: string): DataInterval {
  if (!DAY.test(text)) {
    const instantMs = INSTANT.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(instantMs)) throw invalidDate(dag, text);
    return { startMs: instantMs, endMs: instantMs + 1 };
  }
  const utcMs = Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(utcMs) || !new Date(utcMs).toISOString().startsWith(text)) throw invalidDate(dag, text);
  const zone = zoneOf(dag.schedule);
  const next = new Date(utcMs + 86_400_000).toISOString().slice(0, 10);
  return { startMs: instantOf(text, zone), endMs: instantOf(next, zone) };
}

/** From when until before when logical dates may be; a day begins in the schedule's zone. */
export function boundsOf({
  start,
  end,
  schedule,
}: Pick<DagNode, 'start' | 'end' | 'schedule'>): DataInterval {
  const zone = zoneOf(schedule);
  return {
    startMs: start === undefined ? Number.NEGATIVE_INFINITY : instantOf(start, zone),
    endMs: end === undefined ? Number.POSITIVE_INFINITY : instantOf(end, zone),
  };
}

/** The interval as a run and its input tell it. */
export function intervalTexts(
  { schedule }: Pick<DagNode, 'schedule'>,
  { startMs, endMs }: DataInterval,
): Run['interval'] {
  return { start: isoText(startMs), end: isoText(endMs), date: dayText(startMs, zoneOf(schedule)) };
}

/** An instant as it is written everywhere: ISO 8601, UTC, without `.000`. */
export function isoText(instantMs: number): string {
  return new Date(instantMs).toISOString().replace('.000Z', 'Z');
}

/** The zone that the days of a schedule are told in; UTC where its parts are in several. */
export function zoneOf(schedule: ScheduleNode): string {
  if (schedule.kind === 'cron' || schedule.kind === 'dates') return schedule.timezone;
  if (schedule.kind !== 'union') return 'UTC';
  const [zone = 'UTC', ...others] = new Set(schedule.of.map(zoneOf));
  return others.length === 0 ? zone : 'UTC';
}

/**
 * The intervals that start at `fromMs` or later and have ended by `toMs`, ascending; of schedules that trigger, the
 * ticks as intervals of no length. None of manual and continuous ones.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function* intervalsIn(schedule: ScheduleNode, fromMs: number, toMs: number): Generator<DataInterval> {
  if (schedule.kind === 'manual') return;
  let startMs = nextTick(schedule, fromMs - 1);
  while (startMs !== undefined && startMs <= toMs) {
    const nextMs = nextTick(schedule, startMs);
    if (schedule.interval === 'trigger') yield { startMs, endMs: startMs };
    else if (nextMs === undefined || nextMs > toMs) return;
    else yield { startMs, endMs: nextMs };
    startMs = nextMs;
  }
}

/** The time between two runs that no run is for, as catchup off leaves it; `undefined` where the one follows the other. */
export function skippedBetween(
  schedule: ScheduleNode,
  before: DataInterval,
  after: DataInterval,
): DataInterval | undefined {
  // Between two ticks that trigger there is always time: skipped is what had ticks of its own.
  const followsMs = before.startMs === before.endMs ? nextTick(schedule, before.endMs) : before.endMs;
  if (followsMs === undefined || followsMs >= after.startMs) return undefined;
  return { startMs: before.endMs, endMs: after.startMs };
}

/**
 * A day without an hour is the day in the schedule's zone: the first interval that starts on it, else the
 * one it lies in. `2026-01-05` of a schedule at 02:00 Berlin is the run whose `interval.date` is that day.
 */
function intervalOfDay(dag: DagNode, day: string): DataInterval {
  const utcMs = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(utcMs) || !new Date(utcMs).toISOString().startsWith(day)) throw invalidDate(dag, day);
  const { schedule } = dag;
  const zone = zoneOf(schedule);
  const within = intervalContaining(schedule, instantOf(day, zone));
  if (schedule.kind === 'manual' || schedule.interval === 'trigger') return within;
  if (dayText(within.startMs, zone) === day) return within;
  const next = intervalContaining(schedule, within.endMs);
  return dayText(next.startMs, zone) === day ? next : within;
}

function newestWithin({ schedule }: DagNode, { endMs }: DataInterval, nowMs: number): DataInterval {
  const newest = newestCompleteInterval(schedule, nowMs);
  if (newest.startMs < endMs || schedule.kind === 'manual') return newest;
  if (schedule.interval !== 'trigger') return intervalContaining(schedule, endMs - 1);
  const tick = previousTick(schedule, endMs - 1) ?? newest.startMs;
  return { startMs: tick, endMs: tick };
}

function dayText(instantMs: number, zone: string): string {
  const { year, month, day } = zonedDate(instantMs, zone);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function outOfBounds({ id, start, end }: DagNode, got: string): RefusedError {
  const bounds = [
    ...(start === undefined ? [] : [`at or after its start ${start}`]),
    ...(end === undefined ? [] : [`before its end ${end}`]),
  ];
  return new RefusedError(
    'invalid-logical-date',
    `dag "${id}" › logical date: must be ${bounds.join(' and ')}, got ${got}; name a date there, or change the DAG`,
  );
}

function invalidDate(dag: DagNode, got: string): RefusedError {
  return new RefusedError(
    'invalid-logical-date',
    `dag "${dag.id}" › logical date: must be a day or an instant with its zone, got "${got}"; write 2026-08-22 or 2026-08-22T02:00:00Z`,
  );
}
