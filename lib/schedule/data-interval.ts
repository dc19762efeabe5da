/**
 * Ticks of a schedule, and the data intervals between them.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html#data-interval
 */
import type { ScheduleNode } from '../model/schedule.ts';
import { ticksOf } from './ticks.ts';

/** `[startMs, endMs)`; of no length for runs that stand for an instant. */
export interface DataInterval {
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * The first tick later than an instant; `undefined` where none comes, as for manual and continuous schedules.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function nextTick(schedule: ScheduleNode, afterMs: number): number | undefined {
  return ticksOf(schedule).next(afterMs);
}

/**
 * The last tick that is not later than an instant; `undefined` where none was.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function previousTick(schedule: ScheduleNode, beforeOrAtMs: number): number | undefined {
  return ticksOf(schedule).previous(beforeOrAtMs);
}

/**
 * The data interval that holds an instant: between the two ticks around it. The instant itself for manual and
 * trigger schedules, and where there is no tick before or none after it.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function intervalContaining(schedule: ScheduleNode, instantMs: number): DataInterval {
  if (schedule.kind === 'manual' || schedule.interval === 'trigger')
    return { startMs: instantMs, endMs: instantMs };
  const startMs = previousTick(schedule, instantMs);
  const endMs = nextTick(schedule, instantMs);
  if (startMs === undefined || endMs === undefined) return { startMs: instantMs, endMs: instantMs };
  return { startMs, endMs };
}

/**
 * The last data interval that has ended at `nowMs`; a run for it may start. For trigger schedules
 * the last tick, for manual and continuous ones, and before the first interval ended, the instant itself.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function newestCompleteInterval(schedule: ScheduleNode, nowMs: number): DataInterval {
  const none = { startMs: nowMs, endMs: nowMs };
  const endMs = previousTick(schedule, nowMs);
  if (schedule.kind === 'manual' || endMs === undefined) return none;
  if (schedule.interval === 'trigger') return { startMs: endMs, endMs };
  const startMs = previousTick(schedule, endMs - 1);
  return startMs === undefined ? none : { startMs, endMs };
}
