/** Airflow's timetables as schedules of Tutti, and, where Tutti has none, as the steps that its next run is asked of. */
import type { Duration } from '../../lib/base/duration.ts';
import type { ScheduleNode } from '../../lib/model/schedule.ts';
import {
  type DataInterval,
  newestCompleteInterval,
  nextTick,
  previousTick,
} from '../../lib/schedule/data-interval.ts';
import {
  type Asked,
  nextData,
  nextInterval,
  nextTrigger,
  type Steps,
} from '../../lib/schedule/next-interval.ts';

export interface Timetable {
  readonly kind: string;
  readonly cron?: string;
  readonly crons?: readonly string[];
  readonly timezone?: string;
  readonly delta?: string;
  readonly dates?: readonly string[];
  readonly restrictToEvents?: boolean;
  readonly holidays?: readonly string[];
  /** Of a timetable that triggers: how long before the tick its data begins. */
  readonly interval?: string;
  /** Of one without a start: whether its last tick is still run. */
  readonly runImmediately?: boolean | string;
}

const DAY = 86_400_000;
const MINUTE = 60_000;

/** What `next_dagrun_info` gives: the interval, at whose end the run is due. */
export function nextOf(timetable: Timetable, asked: Asked): DataInterval | undefined {
  const { kind } = timetable;
  if (kind === 'delta-data-interval') return nextData(...deltaAsked(timetable, asked));
  if (kind === 'delta-trigger') return before(timetable, nextTrigger(freeSteps(deltaOf(timetable)), asked));
  if (kind === 'after-workday') return nextWorkday(timetable, asked);
  const first = firstOf(timetable, asked);
  return before(timetable, nextInterval(scheduleOf(timetable), { ...asked, earliestMs: first }));
}

/** What `infer_manual_data_interval` gives. */
export function inferredOf(timetable: Timetable, runAfterMs: number): DataInterval {
  const exact = { startMs: runAfterMs, endMs: runAfterMs };
  if (timetable.kind === 'delta-data-interval')
    return { startMs: deltaOf(timetable)(runAfterMs, -1), endMs: runAfterMs };
  if (timetable.kind === 'events' && timetable.restrictToEvents === true) {
    const [first = runAfterMs] = [...(timetable.dates ?? [])].map(Date.parse).sort((a, b) => a - b);
    return newestCompleteInterval(scheduleOf(timetable), Math.max(first, runAfterMs));
  }
  // What triggers is `tutti trigger --now`: a run for an instant.
  if (timetable.kind !== 'cron-data-interval') return before(timetable, exact) ?? exact;
  return newestCompleteInterval(scheduleOf(timetable), runAfterMs);
}

/** The schedule that fires as the timetable does. */
export function scheduleOf(timetable: Timetable): ScheduleNode {
  const { cron = '', crons = [], timezone = 'UTC', dates = [], delta = '' } = timetable;
  const interval = timetable.kind === 'cron-data-interval' ? 'data' : 'trigger';
  switch (timetable.kind) {
    case 'cron-data-interval':
    case 'cron-trigger':
      return cronOf(cron, timezone, interval);
    case 'multi-cron-trigger':
      return { kind: 'union', of: crons.map((one) => cronOf(one, timezone, interval)), interval };
    case 'delta-data-interval':
      return { kind: 'every', period: durationOf(delta), interval: 'data' };
    case 'delta-trigger':
      return { kind: 'every', period: durationOf(delta), interval };
    case 'events':
      return { kind: 'dates', dates, timezone, interval };
    case 'once':
      return { kind: 'once', interval: 'trigger' };
    case 'continuous':
      return { kind: 'continuous', interval: 'trigger' };
    case 'null':
      return { kind: 'manual' };
    default:
      throw new Error(`timetable of kind ${timetable.kind}`);
  }
}

/** Airflow takes the second of an hour that comes twice, and ours may: only `*` in the hours steps through both. */
function cronOf(expression: string, timezone: string, interval: 'data' | 'trigger'): ScheduleNode {
  const everyHour = expression === '@hourly' || expression.trim().split(/\s+/)[1] === '*';
  const dst = { gap: 'after', overlap: 'second' } as const;
  return { kind: 'cron', expression, timezone, interval, ...(everyHour ? {} : { dst }) };
}

/** A tick with the time before it that a timetable's `interval` says. */
function before({ interval }: Timetable, tick: DataInterval | undefined): DataInterval | undefined {
  if (interval === undefined || tick === undefined) return tick;
  return { startMs: stepOf(interval)(tick.endMs, -1), endMs: tick.endMs };
}

/** Without a start the first run is the tick that has just been, or the next one (`run_immediately`). */
function firstOf(timetable: Timetable, asked: Asked): number | undefined {
  const { last, nowMs, earliestMs } = asked;
  const crons = timetable.kind === 'cron-trigger' ? [timetable.cron ?? ''] : (timetable.crons ?? []);
  if (last !== undefined || earliestMs !== undefined || crons.length === 0) return earliestMs;
  const firsts = crons.map((cron) => firstOfCron(timetable, cron, nowMs));
  const past = firsts.filter((first) => first <= nowMs);
  return asked.catchup || past.length === 0 ? Math.min(...firsts) : Math.max(...past);
}

function firstOfCron({ timezone = 'UTC', runImmediately }: Timetable, cron: string, nowMs: number): number {
  const schedule = cronOf(cron, timezone, 'trigger');
  const startMs = previousTick(schedule, nowMs) ?? nowMs;
  const endMs = nextTick(schedule, nowMs) ?? nowMs;
  if (runImmediately === true || startMs === nowMs) return startMs;
  const grace =
    typeof runImmediately === 'string'
      ? stepOf(runImmediately)(0, 1)
      : Math.max((endMs - startMs) / 10, 5 * MINUTE);
  return nowMs - startMs <= grace ? startMs : endMs;
}

/**
 * Airflow's deltas have no grid: an interval begins where the last one ended, or at the start. Without catchup it ends
 * at a multiple of the delta since 1970; one of months or years is counted on from the start, one at a time.
 */
function deltaAsked(timetable: Timetable, asked: Asked): readonly [Steps, Asked] {
  const step = deltaOf(timetable);
  const { earliestMs, nowMs, catchup } = asked;
  const steps = freeSteps(step);
  if (catchup) return [steps, asked];
  let newestMs = step(nowMs, -1);
  if (!/[MY]/.test(datePart(timetable.delta ?? ''))) newestMs = step(nowMs - (nowMs % step(0, 1)), -1);
  else if (earliestMs !== undefined && step(earliestMs, 1) <= nowMs) {
    newestMs = earliestMs;
    while (step(step(newestMs, 1), 1) <= nowMs) newestMs = step(newestMs, 1);
  }
  return [steps, { ...asked, catchup: true, earliestMs: Math.max(newestMs, earliestMs ?? newestMs) }];
}

function freeSteps(step: Step): Steps {
  return {
    after: (ms) => step(ms, 1),
    atOrAfter: (ms) => ms,
    atOrBefore: (ms) => ms,
    newest: () => undefined,
  };
}

/** Each working day, run when it is over: in Tutti a list of dates, made by a program. */
function nextWorkday({ holidays = [] }: Timetable, asked: Asked): DataInterval | undefined {
  const { last, nowMs, earliestMs, catchup } = asked;
  if (last === undefined && earliestMs === undefined) return undefined;
  const today = Math.floor(nowMs / DAY) * DAY;
  const fromMs = Math.min(earliestMs ?? Number.POSITIVE_INFINITY, last?.startMs ?? Number.POSITIVE_INFINITY);
  const first = Math.floor(fromMs / DAY) * DAY;
  const until = catchup ? first + 400 * DAY : Math.max(first, today) + 400 * DAY;
  const ends: string[] = [];
  for (let day = first; day < until; day += DAY)
    if (isWorkday(day, holidays)) ends.push(new Date(day + DAY).toISOString());
  const next = nextInterval(
    { kind: 'dates', dates: ends, timezone: 'UTC', interval: 'trigger' },
    {
      ...asked,
      nowMs: today + DAY,
      earliestMs: earliestMs === undefined ? undefined : earliestMs + DAY,
      latestMs: asked.latestMs === undefined ? undefined : asked.latestMs + DAY,
    },
  );
  return next && { startMs: next.endMs - DAY, endMs: next.endMs };
}

function isWorkday(day: number, holidays: readonly string[]): boolean {
  const weekday = new Date(day).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !holidays.includes(new Date(day).toISOString().slice(0, 10));
}

/** An instant so many deltas later. */
type Step = (ms: number, times: 1 | -1) => number;

function deltaOf({ delta = '' }: Timetable): Step {
  return stepOf(delta);
}

/** `P1Y2M3DT4H5M6S`; months end where the month does. */
function stepOf(text: string): Step {
  const [, years, months, weeks, days, hours, minutes, seconds] = partsOf(text);
  const fixed =
    ((((weeks ?? 0) * 7 + (days ?? 0)) * 24 + (hours ?? 0)) * 60 + (minutes ?? 0)) * MINUTE +
    (seconds ?? 0) * 1000;
  return (ms, times) => addMonths(ms, times * ((years ?? 0) * 12 + (months ?? 0))) + times * fixed;
}

function partsOf(text: string): readonly number[] {
  const pattern =
    /^-?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
  const parts = pattern.exec(text);
  if (parts === null) throw new Error(`no ISO 8601 duration: ${text}`);
  const sign = text.startsWith('-') ? -1 : 1;
  return parts.map((part) => sign * Number(part ?? 0));
}

function datePart(text: string): string {
  return text.split('T')[0] ?? '';
}

function addMonths(ms: number, months: number): number {
  if (months === 0) return ms;
  const date = new Date(ms);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  return date.getTime();
}

/** A delta as `every()` takes it. */
function durationOf(text: string): Duration {
  return stepOf(text)(0, 1) / 1000;
}
