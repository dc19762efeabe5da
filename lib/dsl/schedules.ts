import type { Duration } from '../base/duration.ts';
import { DEFAULT_MAX_ACTIVE_RUNS } from '../model/dag.ts';
import { type DstPolicy, type IntervalKind, PRESETS, type ScheduleNode } from '../model/schedule.ts';
import { callerOf } from './at.ts';
import { knownOptions } from './options.ts';

/** `'@daily'`: at midnight; `'@weekly'`: on Sunday; `'@monthly'`, `'@quarterly'`, `'@yearly'`: on the first day. */
export type Preset = keyof typeof PRESETS;

/** What `schedule` takes: `cron(…)`, `every(…)`, `dates(…)`, `union(…)`, `once()`, `continuous()`, `manual()`, or a preset in UTC. */
export type Schedule = ScheduleNode | Preset | '@once' | '@continuous';

export interface CronOptions {
  /** IANA zone: `'Europe/Berlin'`. @default 'UTC' */
  readonly timezone?: string;
  /** What happens in the hour a clock change removes or doubles. @default { gap: 'after' }, and the first of a doubled hour where the hour is fixed, else both */
  readonly dst?: DstPolicy;
  /** Runs start up to this much later, evenly spread. @default none */
  readonly jitter?: Duration;
  /** `data`: a run starts when its interval ends. `trigger`: zero-length interval, at the tick. @default 'data' */
  readonly interval?: IntervalKind;
}

export interface EveryOptions {
  /** An instant that the ticks meet, ISO 8601. @default the DAG's start, or 1970-01-01T00:00:00Z */
  readonly anchor?: string;
  /** `data`: a run starts when its interval ends. `trigger`: zero-length interval, at the tick. @default 'data' */
  readonly interval?: IntervalKind;
}

export interface DatesOptions {
  /** IANA zone that days begin in. @default 'UTC' */
  readonly timezone?: string;
  /**
   * `trigger`: a run at each date, of no length. `data`: a run for the time from each date to the next; as nothing follows
   * the last one, there is one run less.
   *
   * @default 'trigger'
   */
  readonly interval?: IntervalKind;
}

/** By the calendar: 5 fields (minute hour day month weekday), AWS's `L W #` allowed, AWS's 6 fields, or a preset. */
export function cron(expression: Preset | (string & {}), options: CronOptions = {}): ScheduleNode {
  knownOptions(options, ['timezone', 'dst', 'jitter', 'interval'], 'cron', callerOf(cron));
  const { timezone = 'UTC', dst, jitter, interval = 'data' } = options;
  const preset = isPreset(expression) ? expression : undefined;
  return Object.freeze({
    kind: 'cron',
    expression: preset === undefined ? expression : PRESETS[preset],
    ...(preset === undefined ? {} : { preset }),
    timezone,
    ...(dst === undefined ? {} : { dst: Object.freeze({ ...dst }) }),
    ...(jitter === undefined ? {} : { jitter }),
    interval,
  });
}

/** By the clock: `every('2h')`, counted from the anchor. */
export function every(period: Duration, options: EveryOptions = {}): ScheduleNode {
  knownOptions(options, ['anchor', 'interval'], 'every', callerOf(every));
  const { anchor, interval = 'data' } = options;
  return Object.freeze({ kind: 'every', period, ...(anchor === undefined ? {} : { anchor }), interval });
}

/** At the days (`'2026-01-31'`) and instants (`'2026-01-31T02:00:00Z'`) of a list, ascending. */
export function dates(list: readonly string[], options: DatesOptions = {}): ScheduleNode {
  knownOptions(options, ['timezone', 'interval'], 'dates', callerOf(dates));
  // A run for each date is what a list of dates says; between dates there is one interval less.
  const { timezone = 'UTC', interval = 'trigger' } = options;
  const kept = Array.isArray(list) ? Object.freeze([...list]) : list;
  return Object.freeze({ kind: 'dates', dates: kept, timezone, interval });
}

/** Whenever one of the schedules fires, once where several do; intervals lie between any two of their ticks. */
export function union(...schedules: readonly Schedule[]): ScheduleNode {
  const of = schedules.map((schedule) => scheduleOf(schedule));
  const triggers = of.every(
    (schedule) => isNode(schedule) && 'interval' in schedule && schedule.interval === 'trigger',
  );
  return Object.freeze({ kind: 'union', of: Object.freeze(of), interval: triggers ? 'trigger' : 'data' });
}

/** One run, at the DAG's `start`; without one when the DAG is first seen. */
export function once(): ScheduleNode {
  return Object.freeze({ kind: 'once', interval: 'trigger' });
}

/** A run when the one before has ended, from the DAG's `start` to its `end`, one at a time. */
export function continuous(): ScheduleNode {
  return Object.freeze({ kind: 'continuous', interval: 'trigger' });
}

/** Never by itself: somebody starts every run. */
export function manual(): ScheduleNode {
  return Object.freeze({ kind: 'manual' });
}

/** The schedule a DAG's option says; text that is no preset is read as cron, in UTC. */
export function scheduleOf(schedule: Schedule | undefined): ScheduleNode {
  if (schedule === undefined) return manual();
  if (typeof schedule !== 'string') return schedule;
  if (schedule === '@once') return once();
  return schedule === '@continuous' ? continuous() : cron(schedule);
}

/** The schedule with the DAG's start where it counts from there. */
export function startingAt(schedule: ScheduleNode, start: string | undefined): ScheduleNode {
  if (start === undefined || !isNode(schedule)) return schedule;
  if (schedule.kind === 'every') return { ...schedule, anchor: schedule.anchor ?? start };
  if (schedule.kind === 'once') return { ...schedule, at: schedule.at ?? start };
  if (schedule.kind !== 'union') return schedule;
  return { ...schedule, of: schedule.of.map((member) => startingAt(member, start)) };
}

function isPreset(expression: string): expression is Preset {
  return Object.hasOwn(PRESETS, expression);
}

/** How many runs there are at a time where the author says nothing: what runs continuously runs one after the other. */
export function maxActiveRunsOf(schedule: ScheduleNode): number {
  return isNode(schedule) && schedule.kind === 'continuous' ? 1 : DEFAULT_MAX_ACTIVE_RUNS;
}

/** What is no schedule is told by the rules. */
function isNode(schedule: unknown): boolean {
  return typeof schedule === 'object' && schedule !== null;
}
