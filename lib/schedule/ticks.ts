/** The instants at which a schedule fires: its ticks. */
import { toSeconds } from '../base/duration.ts';
import { unreachable } from '../base/unreachable.ts';
import type { ScheduleNode } from '../model/schedule.ts';
import { parseCron } from './cron.ts';
import { CronTicks, countUpTo } from './cron-ticks.ts';
import { instantOf } from './zone.ts';

/** What finds ticks; both look as far as ticks can be. */
export interface Ticks {
  /** The first one later than an instant. */
  next(afterMs: number): number | undefined;
  /** The last one not later than an instant. */
  previous(atMs: number): number | undefined;
}

const NONE: Ticks = { next: () => undefined, previous: () => undefined };
/** Schedules read from JSON are new objects each time: their text finds what is known of them. */
const KEPT = 4_096;

const byNode = new WeakMap<ScheduleNode, Ticks>();
const byText = new Map<string, Ticks>();

/**
 * The ticks of a schedule; what it takes to find them is worked out once for schedules that read the same.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function ticksOf(schedule: ScheduleNode): Ticks {
  const before = byNode.get(schedule);
  if (before !== undefined) return before;
  const text = JSON.stringify(schedule);
  const ticks = byText.get(text) ?? makeTicks(schedule);
  if (byText.size >= KEPT) byText.clear();
  byText.set(text, ticks);
  byNode.set(schedule, ticks);
  return ticks;
}

function makeTicks(schedule: ScheduleNode): Ticks {
  switch (schedule.kind) {
    case 'manual':
    case 'continuous':
      return NONE;
    case 'every':
      return everyTicks(schedule.period, schedule.anchor);
    case 'cron':
      return cronTicks(schedule);
    case 'once':
      return schedule.at === undefined ? NONE : listTicks([schedule.at], 'UTC');
    case 'dates':
      return listTicks(schedule.dates, schedule.timezone);
    case 'union':
      return unionTicks(schedule.of.map(ticksOf));
    default:
      return unreachable(schedule);
  }
}

function cronTicks({ expression, timezone, dst }: Extract<ScheduleNode, { kind: 'cron' }>): Ticks {
  const parsed = parseCron(expression);
  if (!parsed.ok) throw new Error(`${parsed.field}: ${parsed.message}`);
  const { fixedHour } = parsed.cron;
  return new CronTicks(parsed.cron, timezone, {
    // A schedule that steps through hours goes by elapsed time: nothing is lost in a gap, and
    // an hour that comes twice has its ticks twice.
    gap: dst?.gap ?? (fixedHour ? 'after' : 'skip'),
    overlap: dst?.overlap ?? (fixedHour ? 'first' : 'both'),
  });
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

function listTicks(texts: readonly string[], zone: string): Ticks {
  const instants = [...new Set(texts.map((text) => instantOf(text, zone)))].sort((a, b) => a - b);
  if (instants.some(Number.isNaN)) throw new Error(`dates: no day or instant in ${texts.join(', ')}`);
  return {
    next: (afterMs) => instants[countUpTo(instants, afterMs)],
    previous: (atMs) => instants[countUpTo(instants, atMs) - 1],
  };
}

function unionTicks(members: readonly Ticks[]): Ticks {
  return {
    next: (afterMs) => extreme(Math.min, members, (ticks) => ticks.next(afterMs)),
    previous: (atMs) => extreme(Math.max, members, (ticks) => ticks.previous(atMs)),
  };
}

function extreme(
  choose: (a: number, b: number) => number,
  members: readonly Ticks[],
  tickOf: (ticks: Ticks) => number | undefined,
): number | undefined {
  let chosen: number | undefined;
  for (const ticks of members) {
    const tick = tickOf(ticks);
    if (tick !== undefined) chosen = chosen === undefined ? tick : choose(chosen, tick);
  }
  return chosen;
}
