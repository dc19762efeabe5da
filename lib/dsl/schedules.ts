import type { Duration } from '../base/duration.ts';
import type { DstPolicy, IntervalKind, ScheduleNode } from '../model/schedule.ts';
import { callerOf } from './at.ts';
import { knownOptions } from './options.ts';

/** Schedules with a name. */
const PRESETS = {
  '@hourly': '0 * * * *',
  '@daily': '0 0 * * *',
  '@weekly': '0 0 * * 0',
  '@monthly': '0 0 1 * *',
  '@quarterly': '0 0 1 */3 *',
  '@yearly': '0 0 1 1 *',
} as const;

/** `'@daily'`: at midnight; `'@weekly'`: on Sunday; `'@monthly'`, `'@quarterly'`, `'@yearly'`: on the first day. */
export type Preset = keyof typeof PRESETS;

/** What `schedule` takes: `cron(…)`, `every(…)`, `manual()`, or a preset in UTC. */
export type Schedule = ScheduleNode | Preset;

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

/** By the calendar: 5 fields (minute hour day month weekday), AWS's `L W #` allowed, or a preset. */
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

/** Never by itself: somebody starts every run. */
export function manual(): ScheduleNode {
  return Object.freeze({ kind: 'manual' });
}

/** The schedule a DAG's option says; text that is no preset is read as cron, in UTC. */
export function scheduleOf(schedule: Schedule | undefined): ScheduleNode {
  if (schedule === undefined) return manual();
  return typeof schedule === 'string' ? cron(schedule) : schedule;
}

function isPreset(expression: string): expression is Preset {
  return Object.hasOwn(PRESETS, expression);
}
