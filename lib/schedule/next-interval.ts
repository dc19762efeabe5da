/**
 * The interval a schedule makes its next run for, as Airflow's timetables answer it. `due-intervals.ts` says which runs
 * there should be by now; this says what comes after the last one, also where that lies in the future.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/timetable.html
 */
import { unreachable } from '../base/unreachable.ts';
import type { ScheduleNode } from '../model/schedule.ts';
import { type DataInterval, newestCompleteInterval } from './data-interval.ts';
import { ticksOf } from './ticks.ts';

export interface Asked {
  /** Of the last run that the schedule made. */
  readonly last?: DataInterval | undefined;
  /** When it is asked; without catchup nothing older than the newest complete interval comes. */
  readonly nowMs: number;
  /** No interval starts before. */
  readonly earliestMs?: number | undefined;
  /** No interval starts after. */
  readonly latestMs?: number | undefined;
  readonly catchup: boolean;
}

/** A schedule around any instant: the instants it fires at. */
export interface Steps {
  after(ms: number): number | undefined;
  atOrAfter(ms: number): number | undefined;
  atOrBefore(ms: number): number | undefined;
  /** The last interval that has ended. */
  newest(nowMs: number): DataInterval | undefined;
}

/**
 * The next run is for this interval and starts at its end; `undefined` when none comes.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function nextInterval(schedule: ScheduleNode, asked: Asked): DataInterval | undefined {
  switch (schedule.kind) {
    case 'manual':
      return undefined;
    case 'once':
      return nextOnce(ticksOf(schedule).next(Number.NEGATIVE_INFINITY), asked);
    case 'continuous':
      return nextContinuous(asked);
    case 'dates':
      return schedule.interval === 'data' ? nextData(stepsOf(schedule), asked) : nextEvent(schedule, asked);
    case 'cron':
    case 'every':
    case 'union':
      return (schedule.interval === 'data' ? nextData : nextTrigger)(stepsOf(schedule), asked);
    default:
      return unreachable(schedule);
  }
}

/** The next data interval: after the last one, or the first there is; without catchup the newest complete one. */
export function nextData(steps: Steps, asked: Asked): DataInterval | undefined {
  const { last, nowMs, earliestMs, latestMs, catchup } = asked;
  const first = earliestMs === undefined ? undefined : steps.atOrAfter(earliestMs);
  if (earliestMs !== undefined && first === undefined) return undefined;
  const newest = catchup ? undefined : steps.newest(nowMs)?.startMs;
  // A schedule that changed has its intervals from the last tick before the end of what there is.
  const follows = last === undefined ? undefined : steps.atOrBefore(last.endMs);
  const from = later([first, newest, follows]);
  // A run of no length at that tick has its logical date: it was made when the schedule still triggered.
  const taken = last !== undefined && last.startMs === last.endMs && from === last.startMs;
  const startMs = taken ? steps.after(last.startMs) : from;
  if (startMs === undefined || startMs > (latestMs ?? Number.POSITIVE_INFINITY)) return undefined;
  const endMs = steps.after(startMs);
  return endMs === undefined ? undefined : { startMs, endMs };
}

/** The next tick of a schedule that triggers; without catchup none but the newest of the past. */
export function nextTrigger(steps: Steps, asked: Asked): DataInterval | undefined {
  const { last, nowMs, earliestMs, latestMs, catchup } = asked;
  const follows = last === undefined ? undefined : steps.after(last.endMs);
  const first = earliestMs === undefined ? undefined : steps.atOrAfter(earliestMs);
  if (last !== undefined && follows === undefined) return undefined;
  if (earliestMs !== undefined && first === undefined) return undefined;
  const newest = steps.atOrBefore(nowMs);
  const tick = catchup ? (follows ?? first ?? newest) : later([newest, follows, first]);
  return instant(tick, latestMs);
}

function stepsOf(schedule: ScheduleNode): Steps {
  const ticks = ticksOf(schedule);
  return {
    after: (ms) => ticks.next(ms),
    atOrAfter: (ms) => ticks.next(ms - 1),
    atOrBefore: (ms) => ticks.previous(ms),
    newest: (nowMs) => {
      const newest = newestCompleteInterval(schedule, nowMs);
      return newest.startMs < newest.endMs ? newest : undefined;
    },
  };
}

/** Whenever it is looked at, the one run is at the DAG's start, or now where it names none. */
function nextOnce(
  at: number | undefined,
  { last, nowMs, earliestMs, latestMs }: Asked,
): DataInterval | undefined {
  return last === undefined ? instant(at ?? earliestMs ?? nowMs, latestMs) : undefined;
}

/** From the end of the last interval until now; the first one from the start. */
function nextContinuous({ last, nowMs, earliestMs, latestMs }: Asked): DataInterval | undefined {
  const startsMs = earliestMs ?? nowMs;
  let next = { startMs: startsMs, endMs: Math.max(startsMs, nowMs) };
  if (last !== undefined && last.endMs <= nowMs) next = { startMs: last.endMs, endMs: nowMs };
  // The start has moved into the future since: the run is made again there.
  else if (last !== undefined) next = { startMs: startsMs, endMs: startsMs + last.endMs - last.startMs };
  return next.endMs > (latestMs ?? Number.POSITIVE_INFINITY) ? undefined : next;
}

/** Dates are looked at ahead: without catchup those that have passed when it is asked are over. */
function nextEvent(schedule: ScheduleNode, asked: Asked): DataInterval | undefined {
  const { last, nowMs, earliestMs, latestMs, catchup } = asked;
  const from = later([earliestMs, catchup ? undefined : nowMs]) ?? Number.NEGATIVE_INFINITY;
  const after = Math.max(from - 1, last?.endMs ?? Number.NEGATIVE_INFINITY);
  return instant(ticksOf(schedule).next(after), latestMs);
}

function instant(ms: number | undefined, latestMs = Number.POSITIVE_INFINITY): DataInterval | undefined {
  return ms === undefined || ms > latestMs ? undefined : { startMs: ms, endMs: ms };
}

function later(instants: readonly (number | undefined)[]): number | undefined {
  const known = instants.filter((ms) => ms !== undefined);
  return known.length === 0 ? undefined : Math.max(...known);
}
