/** A schedule in words. */
import { toSeconds } from '../base/duration.ts';
import { unreachable } from '../base/unreachable.ts';
import type { ScheduleNode } from '../model/schedule.ts';
import { parseCron } from './cron.ts';

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const MONTHS = 'January February March April May June July August September October November December'.split(
  ' ',
);
const NAMES: Readonly<Record<string, number>> = Object.fromEntries([
  ...WEEKDAYS.slice(0, 7).map((name, index) => [name.slice(0, 3).toUpperCase(), index]),
  ...MONTHS.map((name, index) => [name.slice(0, 3).toUpperCase(), index + 1]),
]);
const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;
/** More dates than these are counted. */
const MOST_DATES = 3;
/** More times a day than these are given as minutes and hours. */
const MOST_TIMES = 4;

/** `at 02:00 Europe/Berlin, every day`, `every 2 hours`, `manual`. */
export function describeSchedule(schedule: ScheduleNode): string {
  switch (schedule.kind) {
    case 'manual':
      return 'manual';
    case 'every':
      return `${period(toSeconds(schedule.period) ?? 0)}${schedule.anchor ? `, from ${schedule.anchor}` : ''}`;
    case 'cron':
      return describeCron(schedule.expression, schedule.timezone);
    case 'dates':
      return describeDates(schedule);
    case 'union':
      return schedule.of.map(describeSchedule).join('; ');
    case 'once':
      return schedule.at === undefined ? 'once' : `once, at ${schedule.at}`;
    case 'continuous':
      return 'continuously, one run after the other';
    default:
      return unreachable(schedule);
  }
}

function describeDates({ dates, timezone }: Extract<ScheduleNode, { kind: 'dates' }>): string {
  const zone = timezone === 'UTC' ? '' : ` ${timezone}`;
  if (dates.length <= MOST_DATES) return `on ${list(dates)}${zone}`;
  return `on ${dates.length} dates from ${dates[0]} to ${dates.at(-1)}${zone}`;
}

function period(seconds: number): string {
  for (const [unit, size] of UNITS)
    if (seconds % size === 0) return seconds === size ? `every ${unit}` : `every ${seconds / size} ${unit}s`;
  return `every ${seconds} seconds`;
}

function describeCron(expression: string, zone: string): string {
  const parsed = parseCron(expression);
  // An expression the rules refuse is shown as it is.
  if (!parsed.ok) return `${expression} ${zone}`;
  const { expression: read, minutes, hours, years } = parsed.cron;
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = read.split(' ');
  const time = timeOfDay(minutes, hours, [minute, hour]);
  const days = `${daysInWords(day, month, weekday)}${years === undefined ? '' : ` of ${yearsInWords([...years])}`}`;
  if (time.clock === undefined)
    return [time.words, days === 'every day' ? undefined : days, zoned(zone)].filter(Boolean).join(', ');
  return days === 'every day' ? `at ${time.clock} ${zone}, every day` : `${days} at ${time.clock} ${zone}`;
}

function zoned(zone: string): string | undefined {
  return zone === 'UTC' ? undefined : zone;
}

interface Time {
  /** `02:00 and 14:00`, where there are few. */
  readonly clock?: string;
  readonly words: string;
}

function timeOfDay(
  minutes: readonly number[],
  hours: readonly number[],
  [minute, hour]: readonly [string, string],
): Time {
  const anyHour = hours.length === 24;
  if (anyHour) return { words: minutesInWords(minutes, minute, true) };
  const step = /^\*\/(\d+)$/.exec(hour)?.[1];
  const [first = 0] = minutes;
  if (step !== undefined && minutes.length === 1 && 24 % Number(step) === 0)
    return { words: `every ${step} hours${first === 0 ? '' : ` at minute ${first}`}` };
  if (minutes.length * hours.length <= MOST_TIMES)
    return { words: '', clock: list(hours.flatMap((h) => minutes.map((m) => `${two(h)}:${two(m)}`))) };
  return { words: `${minutesInWords(minutes, minute, false)} of ${hoursInWords(hours)}` };
}

function minutesInWords(minutes: readonly number[], written: string, everyHour: boolean): string {
  const [first = 0] = minutes;
  if (minutes.length === 60) return 'every minute';
  const step = /^(?:\*|0)\/(\d+)$/.exec(written)?.[1];
  if (step !== undefined && 60 % Number(step) === 0) return `every ${step} minutes`;
  if (minutes.length === 1 && everyHour) return first === 0 ? 'every hour' : `every hour at minute ${first}`;
  return `${everyHour ? 'every hour at' : 'at'} minute${minutes.length > 1 ? 's' : ''} ${list(minutes.map(String))}`;
}

function hoursInWords(hours: readonly number[]): string {
  const [first = 0] = hours;
  const last = hours.at(-1) ?? first;
  if (hours.length > 2 && last - first === hours.length - 1)
    return `each hour from ${two(first)}:00 to ${two(last)}:59`;
  return `hour${hours.length > 1 ? 's' : ''} ${list(hours.map(String))}`;
}

function daysInWords(day: string, month: string, weekday: string): string {
  const anyDay = day === '*' || day === '?';
  const anyWeekday = weekday === '*' || weekday === '?';
  const inMonths = month === '*' ? '' : ` in ${monthsInWords(month)}`;
  if (anyDay && anyWeekday) return `every day${inMonths}`;
  const weekdays = anyWeekday ? undefined : weekdaysInWords(weekday);
  const date = anyDay ? undefined : datesInWords(day, month);
  return weekdays === undefined
    ? (date ?? '')
    : `${[date, weekdays].filter(Boolean).join(' and ')}${date ? '' : inMonths}`;
}

function datesInWords(day: string, month: string): string {
  const single = /^\d+$/.test(day) && /^(?:\d+|[A-Za-z]{3})$/.test(month);
  if (single) return `every ${day} ${monthsInWords(month)}`;
  const months = month === '*' ? 'every month' : monthsInWords(month);
  const words = list(day.split(',').map(dateInWords));
  return `${/^[\d,/*-]+$/.test(day) ? `on day ${words}` : `on ${words}`} of ${months}`;
}

function dateInWords(item: string): string {
  const upper = item.toUpperCase();
  if (upper === 'L') return 'the last day';
  if (upper === 'LW') return 'the last working day';
  const [, before, near] = /^(?:L-(\d+)|(\d+)W)$/.exec(upper) ?? [];
  if (before !== undefined) return `the day ${before} before the last`;
  return near === undefined ? stepped(item) : `the working day nearest ${near}`;
}

function monthsInWords(month: string): string {
  const step = /^(?:\*|1|JAN)\/(\d+)$/i.exec(month)?.[1];
  if (step !== undefined) return `every ${ordinal(Number(step))} month`;
  return list(month.split(',').map((item) => span(item, (value) => MONTHS[value - 1] ?? String(value))));
}

function weekdaysInWords(weekday: string): string {
  const parts = weekday.split(',').map((item) => {
    const upper = item.toUpperCase();
    const [, last] = /^(\w+)L$/.exec(upper) ?? /^L(\w+)$/.exec(upper) ?? [];
    const [, nth, count] = /^(\w+)#(\d)$/.exec(upper) ?? [];
    if (nth !== undefined) return `the ${ordinal(Number(count))} ${weekdayName(nth)} of the month`;
    if (last !== undefined && /^(?:\d|[A-Z]{3})$/.test(last))
      return `the last ${weekdayName(last)} of the month`;
    return span(item, (value) => WEEKDAYS[value] ?? String(value));
  });
  return parts.some((part) => part.startsWith('the ')) ? `on ${list(parts)}` : `every ${list(parts)}`;
}

function yearsInWords(years: readonly number[]): string {
  const [first = 0, last = 0] = [Math.min(...years), Math.max(...years)];
  return years.length > 2 && last - first === years.length - 1
    ? `${first} to ${last}`
    : list(years.map(String));
}

function weekdayName(text: string): string {
  return WEEKDAYS[NAMES[text] ?? Number(text)] ?? text;
}

/** `1-5` with both ends named, steps said. */
function span(item: string, name: (value: number) => string): string {
  const [range = '', step] = item.split('/');
  const ends = range
    .split('-')
    .map((end) => (end === '*' ? 'day' : name(NAMES[end.toUpperCase()] ?? Number(end))));
  return `${ends.join(' to ')}${step === undefined ? '' : ` by ${step}`}`;
}

function stepped(item: string): string {
  const [range = '', step] = item.split('/');
  if (step === undefined) return range.replace('-', ' to ');
  return `${range === '*' ? '1 to 31' : range.replace('-', ' to ')} by ${step}`;
}

function list(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function ordinal(value: number): string {
  return ['0th', '1st', '2nd', '3rd'][value] ?? `${value}th`;
}
