/**
 * Ticks of a schedule, and the data intervals between them.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html#data-interval
 */
import { toSeconds } from '../base/duration.ts';
import { unreachable } from '../base/unreachable.ts';
import type { ScheduleNode } from '../model/schedule.ts';
import { parseCron } from './cron.ts';
import { CronTicks } from './cron-ticks.ts';

/** `[startMs, endMs)`; of no length for runs that stand for an instant. */
export interface DataInterval {
  readonly startMs: number;
  readonly endMs: number;
}

/** What finds ticks; both look as far as ticks can be. */
interface Ticks {
  next(afterMs: number): number | undefined;
  previous(atMs: number): number | undefined;
}

const known = new WeakMap<ScheduleNode, Ticks>();

/**
 * The first tick later than an instant; `undefined` for manual schedules.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function nextTick(schedule: ScheduleNode, afterMs: number): number | undefined {
  return ticksOf(schedule).next(afterMs);
}

/**
 * The last tick that is not later than an instant; `undefined` for manual schedules.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function previousTick(schedule: ScheduleNode, beforeOrAtMs: number): number | undefined {
  return ticksOf(schedule).previous(beforeOrAtMs);
}

/**
 * The data interval that holds an instant: between the two ticks around it. For manual and
 * trigger schedules the instant itself.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function intervalContaining(schedule: ScheduleNode, instantMs: number): DataInterval {
  if (schedule.kind === 'manual' || schedule.interval === 'trigger')
    return { startMs: instantMs, endMs: instantMs };
  const startMs = previousTick(schedule, instantMs);
  const endMs = nextTick(schedule, instantMs);
  return { startMs: startMs ?? instantMs, endMs: endMs ?? instantMs };
}

/**
 * The last data interval that has ended at `nowMs`; a run for it may start. For trigger schedules
 * the last tick, for manual ones the instant itself.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function newestCompleteInterval(schedule: ScheduleNode, nowMs: number): DataInterval {
  const endMs = previousTick(schedule, nowMs) ?? nowMs;
  if (schedule.kind === 'manual' || schedule.interval === 'trigger') return { startMs: endMs, endMs };
  return { startMs: previousTick(schedule, endMs - 1) ?? endMs, endMs };
}

function ticksOf(schedule: ScheduleNode): Ticks {
  const before = known.get(schedule);
  if (before !== undefined) return before;
  const ticks = makeTicks(schedule);
  known.set(schedule, ticks);
  return ticks;
}

function makeTicks(schedule: ScheduleNode): Ticks {
  switch (schedule.kind) {
    case 'manual':
      return { next: () => undefined, previous: () => undefined };
    case 'every':
      return everyTicks(schedule.period, schedule.anchor);
    case 'cron': {
      const parsed = parseCron(schedule.expression);
      if (!parsed.ok) throw new Error(`${parsed.field}: ${parsed.message}`);
      const { fixedHour } = parsed.cron;
      return new CronTicks(parsed.cron, schedule.timezone, {
        // A schedule that steps through hours goes by elapsed time: nothing is lost in a gap, and
        // an hour that comes twice has its ticks twice.
        gap: schedule.dst?.gap ?? (fixedHour ? 'after' : 'skip'),
        overlap: schedule.dst?.overlap ?? (fixedHour ? 'first' : 'both'),
      });
    }
    default:
      return unreachable(schedule);
  }
}

/** Multiples of a period from an anchor, in both directions. */
function everyTicks(period: unknown, anchor: string | undefined): Ticks {
  const periodMs = (toSeconds(period) ?? 0) * 1000;
  const anchorMs = anchor === undefined ? 0 : Date.parse(anchor);
  if (!(periodMs > 0) || Number.isNaN(anchorMs))
    throw new Error(`every: no period or anchor in ${String(period)}`);
  const previous = (atMs: number) => anchorMs + Math.floor((atMs - anchorMs) / periodMs) * periodMs;
  return { previous, next: (afterMs) => previous(afterMs) + periodMs };
}
