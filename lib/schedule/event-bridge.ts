/**
 * A schedule as EventBridge Scheduler is told it (`aws.md` 3). A firing is a nudge: `due` decides from the ledger, and the
 * sweep makes what was skipped, as ticks in a gap of the clock. So there are never start and end dates, and what its
 * language cannot say fires more often, or at another time.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
import { toSeconds } from '../base/duration.ts';
import { unreachable } from '../base/unreachable.ts';
import type { ScheduleNode } from '../model/schedule.ts';
import { parseCron } from './cron.ts';
import { type FieldName, fieldOf, parseField } from './cron-field.ts';
import { instantOf } from './zone.ts';

export interface EventBridgeSchedule {
  /** `cron(…)` or `rate(…)`. */
  readonly expression: string;
  /** IANA zone. */
  readonly timezone: string;
  /** True where it fires at ticks only, except in the hours a clock change removes or doubles. */
  readonly exact: boolean;
  /** `FlexibleTimeWindow`: it may fire so many minutes later. Absent: at once. */
  readonly windowMinutes?: number;
}

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
/** More dates than these are left to the sweep. */
const MOST_DATES = 10;
/** A period that takes more expressions than these to say is a rate. */
const MOST_CRONS = 5;
/** @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_FlexibleTimeWindow.html */
const MOST_WINDOW_MINUTES = 1440;

/**
 * Together they fire at every tick, a `rate` within its period; none where there are no ticks, or too many dates.
 *
 * @throws {Error} when the schedule is none that the rules accept
 */
export function eventBridgeSchedules(schedule: ScheduleNode): readonly EventBridgeSchedule[] {
  switch (schedule.kind) {
    case 'manual':
    case 'continuous':
      return [];
    case 'cron':
      return ofCron(schedule);
    case 'every':
      return ofEvery(schedule.period, schedule.anchor);
    case 'dates':
      return ofDates(schedule.dates, schedule.timezone);
    case 'once':
      return schedule.at === undefined ? [] : ofDates([schedule.at], 'UTC');
    case 'union':
      return once(schedule.of.flatMap(eventBridgeSchedules));
    default:
      return unreachable(schedule);
  }
}

function ofCron(schedule: Extract<ScheduleNode, { kind: 'cron' }>): readonly EventBridgeSchedule[] {
  const { timezone, jitter } = schedule;
  const parsed = parseCron(schedule.expression);
  if (!parsed.ok) throw new Error(`${parsed.field}: ${parsed.message}`);
  const { minutes, hours, months, years, expression } = parsed.cron;
  const [, , day = '*', , weekday = '*'] = expression.split(' ');
  const time = `${fieldText('minute', minutes)} ${fieldText('hour', hours)}`;
  const month = fieldText('month', [...months]);
  const year = years === undefined ? '*' : fieldText('year', [...years]);
  const window = windowOf(jitter);
  return once(
    daysOf(day, weekday).map(({ days, weekdays, exact }) => ({
      expression: `cron(${time} ${days} ${month} ${weekdays} ${year})`,
      timezone,
      exact,
      ...window,
    })),
  );
}

/** The two day fields; one is `?`. */
interface Days {
  readonly days: string;
  readonly weekdays: string;
  readonly exact: boolean;
}

/** AWS takes one day field, with lists of numbers, or one of `L`, `15W`, `FRIL`, `FRI#2`; cron takes all of them at once. */
function daysOf(day: string, weekday: string): readonly Days[] {
  const [anyDay, anyWeekday] = [day, weekday].map((text) => text === '*' || text === '?');
  if (anyDay && anyWeekday) return [{ days: '*', weekdays: '?', exact: true }];
  const dates = anyDay ? [] : itemsOf(day, 'day').map((item) => ({ weekdays: '?', ...dayOf(item) }));
  const weekdays = anyWeekday
    ? []
    : itemsOf(weekday, 'weekday').map((item) => ({ days: '?', weekdays: item, exact: true }));
  return [...dates, ...weekdays];
}

/** All numbers of a list in one, and each special item alone. */
function itemsOf(text: string, field: 'day' | 'weekday'): readonly string[] {
  const parsed = text
    .split(',')
    .map((item) => ({ item: item.toUpperCase(), numbers: parseField(field, item) }));
  const values = parsed.flatMap(({ numbers }) => (numbers.ok ? numbers.value : []));
  const special = parsed.flatMap(({ item, numbers }) => (numbers.ok ? [] : [item]));
  if (field === 'day')
    return [...(values.length === 0 ? [] : [fieldText('day', [...new Set(values)])]), ...special];
  const named = [...new Set(values.map((value) => value % 7))].sort((a, b) => a - b).map(weekdayName);
  return [...(named.length === 0 ? [] : [named.join(',')]), ...special.map(weekdayText)];
}

/** Days counted from the last are of no documented form: the days that it can be. */
function dayOf(item: string): Pick<Days, 'days' | 'exact'> {
  const before = /^L-(\d+)$/.exec(item)?.[1];
  if (before !== undefined) {
    const last = 31 - Number(before);
    return { days: `${Math.max(1, last - 3)}-${Math.max(1, last)}`, exact: false };
  }
  // The last working day is at most two before the last, which is the 28th at the earliest.
  return item === 'LW' ? { days: '26-31', exact: false } : { days: item, exact: true };
}

/** `5L`, `FRIL`, `LFRI`, `5#2`: by name, as AWS counts from 1. */
function weekdayText(item: string): string {
  const [, name = '', nth] = /^(\w+?)(#\d)$/.exec(item) ?? [];
  if (nth !== undefined) return `${weekdayName(name)}${nth}`;
  // AWS's example of the last Friday is 6L: the number is what its documentation has.
  const last = item.replace(/^L|L$/, '');
  return `${weekdayNumber(last)}L`;
}

function weekdayNumber(text: string): number {
  const named = fieldOf('weekday').names.indexOf(text);
  return (named >= 0 ? named : Number(text) % 7) + 1;
}

function weekdayName(weekday: number | string): string {
  const text = String(weekday);
  return /^\d$/.test(text) ? (fieldOf('weekday').names[Number(text) % 7] ?? text) : text;
}

/** `*`, `5`, `1-5`, `0/15` or a list. */
function fieldText(field: FieldName, values: readonly number[]): string {
  const { min, max } = fieldOf(field);
  const sorted = [...values].sort((a, b) => a - b);
  const [first = min, second = first] = sorted;
  const step = second - first;
  const even = sorted.every((value, index) => value === first + index * step);
  const last = first + (sorted.length - 1) * step;
  if (sorted.length < 3 || !even) return sorted.join(',');
  if (step === 1) return first === min && last === max ? '*' : `${first}-${last}`;
  return last + step > max ? `${first}/${step}` : sorted.join(',');
}

/** Minutes of the day, where the period divides it; else a rate, which counts from when it is made. */
function ofEvery(period: unknown, anchor: string | undefined): readonly EventBridgeSchedule[] {
  const minutes = (toSeconds(period) ?? 0) / 60;
  if (!(minutes >= 1)) throw new Error(`every: no period in ${String(period)}`);
  const rate = {
    expression: `rate(${minutes === 1 ? '1 minute' : `${minutes} minutes`})`,
    timezone: 'UTC',
    exact: false,
  };
  if (DAY_MINUTES % minutes !== 0) return [rate];
  const anchorMs = anchor === undefined ? 0 : Date.parse(anchor);
  // It fires at full minutes: one with seconds is met by the minute after.
  const first = Math.ceil(anchorMs / MINUTE) % minutes;
  const hoursOf = new Map<number, number[]>();
  for (let at = (first + minutes) % minutes; at < DAY_MINUTES; at += minutes) {
    const hours = hoursOf.get(at % 60) ?? [];
    hoursOf.set(at % 60, [...hours, Math.floor(at / 60)]);
  }
  return crons(hoursOf, anchorMs % MINUTE === 0) ?? [rate];
}

/** Minutes with the same hours go into one expression; `undefined` where that takes too many. */
function crons(
  hoursOf: ReadonlyMap<number, readonly number[]>,
  exact: boolean,
): readonly EventBridgeSchedule[] | undefined {
  const minutesOf = new Map<string, number[]>();
  for (const [minute, hours] of hoursOf) {
    const text = fieldText('hour', hours);
    minutesOf.set(text, [...(minutesOf.get(text) ?? []), minute]);
  }
  if (minutesOf.size > MOST_CRONS) return undefined;
  return [...minutesOf].map(([hours, minutes]) => ({
    expression: `cron(${fieldText('minute', minutes)} ${hours} * * ? *)`,
    timezone: 'UTC',
    exact,
  }));
}

/**
 * Every year at that day and time. Scheduler refuses `at(…)` of the past, so that what is said would depend on when it is
 * said: a date that has passed would make another deployment of the same project.
 */
function ofDates(dates: readonly string[], zone: string): readonly EventBridgeSchedule[] {
  if (dates.length > MOST_DATES) return [];
  return once(
    dates.map((text) => {
      // It fires at full minutes: one with seconds is met by the minute after.
      const at = new Date(Math.ceil(instantOf(text, zone) / MINUTE) * MINUTE);
      const time = `${at.getUTCMinutes()} ${at.getUTCHours()}`;
      const expression = `cron(${time} ${at.getUTCDate()} ${at.getUTCMonth() + 1} ? *)`;
      return { expression, timezone: 'UTC', exact: false };
    }),
  );
}

function windowOf(jitter: unknown): Pick<EventBridgeSchedule, 'windowMinutes'> {
  const minutes = Math.floor((toSeconds(jitter) ?? 0) / 60);
  return minutes < 1 ? {} : { windowMinutes: Math.min(minutes, MOST_WINDOW_MINUTES) };
}

/** Parts of a union may say the same. */
function once(schedules: readonly EventBridgeSchedule[]): readonly EventBridgeSchedule[] {
  return [...new Map(schedules.map((one) => [JSON.stringify(one), one])).values()];
}
