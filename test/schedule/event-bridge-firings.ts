/**
 * When EventBridge Scheduler fires, from its documentation alone; forms it does not document are refused.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
import type { EventBridgeSchedule } from '../../lib/schedule/event-bridge.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const NAMES: Readonly<Record<string, readonly string[]>> = {
  month: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' '),
  weekday: 'SUN MON TUE WED THU FRI SAT'.split(' '),
};

/** Instants in [from, to), in which the clock of the zone does not change; a `rate` has none of its own. */
export function firings(
  { expression, timezone }: EventBridgeSchedule,
  fromMs: number,
  toMs: number,
): number[] {
  const [, kind, inner = ''] = /^(cron|rate)\((.+)\)$/.exec(expression) ?? [];
  if (kind !== 'cron') throw new Error(`no firings of ${expression}`);
  const offset = offsetOf(timezone, fromMs);
  if (offset !== offsetOf(timezone, toMs)) throw new Error(`the clock of ${timezone} changes`);
  const walls = wallTimes(inner, fromMs + offset, toMs + offset);
  return walls.map((wall) => wall - offset).filter((at) => at >= fromMs && at < toMs);
}

/** What the clock shows as it fires, of whole days. */
function wallTimes(inner: string, fromMs: number, toMs: number): number[] {
  const [minute = '', hour = '', day = '', month = '', weekday = '', year = '', ...more] = inner.split(' ');
  if (more.length > 0 || year === '') throw new Error(`6 fields, got ${inner}`);
  if ((day === '?') === (weekday === '?')) throw new Error(`one ? in the day fields, got ${inner}`);
  const months = numbers(month, [1, 12], 'month');
  const years = numbers(year, [1970, 2199]);
  const times = [...numbers(hour, [0, 23])].flatMap((h) =>
    [...numbers(minute, [0, 59])].map((m) => h * 60 + m),
  );
  const days: number[] = [];
  for (let at = Math.floor(fromMs / DAY) * DAY; at < toMs; at += DAY) {
    const date = new Date(at);
    const fits = weekday === '?' ? fitsDay(day, date) : fitsWeekday(weekday, date);
    if (fits && months.has(date.getUTCMonth() + 1) && years.has(date.getUTCFullYear())) days.push(at);
  }
  return days.flatMap((at) => times.map((minutes) => at + minutes * MINUTE));
}

type Bounds = readonly [number, number];

/** `, - * /`. */
function numbers(text: string, bounds: Bounds, names?: string): ReadonlySet<number> {
  return new Set(text.split(',').flatMap((item) => numbersOf(item, bounds, names)));
}

function numbersOf(item: string, bounds: Bounds, names?: string): readonly number[] {
  const [, span = '', to, step] = /^([^-/]+)(?:-([^-/]+)|\/(\d+))?$/.exec(item) ?? [];
  const first = span === '*' ? bounds[0] : number(span, bounds, names);
  const open = span === '*' || step !== undefined;
  const last = to === undefined ? (open ? bounds[1] : first) : number(to, bounds, names);
  const found: number[] = [];
  for (let value = first; value <= last; value += Number(step ?? 1)) found.push(value);
  return found;
}

function number(word: string, [min, max]: Bounds, names?: string): number {
  const named = names === undefined ? -1 : (NAMES[names]?.indexOf(word) ?? -1);
  const value = named >= 0 ? named + min : Number(word);
  if (word === '' || !Number.isInteger(value) || value < min || value > max)
    throw new Error(`${min}-${max}, got ${word}`);
  return value;
}

/** `, - * / L W`. */
function fitsDay(text: string, date: Date): boolean {
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const day = date.getUTCDate();
  if (text === 'L') return day === last;
  const near = /^(\d+)W$/.exec(text)?.[1];
  if (near === undefined) return numbers(text, [1, 31]).has(day);
  if (Number(near) > last) return false;
  // The weekday nearest to it in its month.
  const weekdays = Array.from({ length: last }, (_, index) => index + 1).filter((one) => {
    const weekday = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), one)).getUTCDay();
    return weekday > 0 && weekday < 6;
  });
  const distance = (one: number) => Math.abs(one - Number(near));
  const nearest = weekdays.reduce((best, one) => (distance(one) < distance(best) ? one : best));
  return day === nearest;
}

/** `, - * L #`, from 1 = Sunday; what has `L` or `#` stands alone. */
function fitsWeekday(text: string, date: Date): boolean {
  const weekday = date.getUTCDay() + 1;
  const [, which = '', nth] = /^(\w+)#([1-5])$/.exec(text) ?? [];
  if (nth !== undefined)
    return numbers(which, [1, 7], 'weekday').has(weekday) && Math.ceil(date.getUTCDate() / 7) === Number(nth);
  const last = /^([1-7])L$/.exec(text)?.[1];
  if (last !== undefined)
    return (
      Number(last) === weekday && new Date(date.getTime() + 7 * DAY).getUTCMonth() !== date.getUTCMonth()
    );
  if (text.includes('/')) throw new Error(`no steps in weekdays, got ${text}`);
  return numbers(text, [1, 7], 'weekday').has(weekday);
}

function offsetOf(timeZone: string, at: number): number {
  const text = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' }).format(
    at,
  );
  return Date.parse(`${text.replace(' ', 'T')}Z`) - at;
}
