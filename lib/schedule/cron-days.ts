/**
 * Days of the month and of the week, with `L` (last), `W` (nearest working day) and `#` (the n-th).
 * Weekdays count as in cron, 0 or 7 = Sunday; AWS counts 1 = Sunday.
 */
import { type FieldFailure, fieldOf, outOfRange, parseField, parseNumber } from './cron-field.ts';

/** Whether a day of the calendar fits; `month` is 1-12. */
export type DayRule = (year: number, month: number, day: number) => boolean;

type DayResult = { readonly ok: true; readonly value: DayRule | undefined } | FieldFailure;

export function parseDays(text: string): DayResult {
  return parseList('day', text, (item) => specialDay(item));
}

export function parseWeekdays(text: string): DayResult {
  return parseList('weekday', text, (item) => specialWeekday(item));
}

function parseList(
  field: 'day' | 'weekday',
  text: string,
  special: (item: string) => DayRule | FieldFailure | undefined,
): DayResult {
  if (text === '*' || text === '?') return { ok: true, value: undefined };
  const rules: DayRule[] = [];
  for (const item of text.split(',')) {
    const rule = special(item.toUpperCase()) ?? numbersRule(field, item);
    if (typeof rule !== 'function') return rule;
    rules.push(rule);
  }
  return { ok: true, value: (year, month, day) => rules.some((rule) => rule(year, month, day)) };
}

function numbersRule(field: 'day' | 'weekday', item: string): DayRule | FieldFailure {
  const parsed = parseField(field, item);
  if (!parsed.ok) return parsed;
  if (field === 'day') {
    const days = new Set(parsed.value);
    return (_year, _month, day) => days.has(day);
  }
  const weekdays = new Set(parsed.value.map((weekday) => weekday % 7));
  return (year, month, day) => weekdays.has(weekdayOf(year, month, day));
}

/** `L`, `L-3`, `LW`, `15W`. */
function specialDay(item: string): DayRule | FieldFailure | undefined {
  if (item === 'L') return (year, month, day) => day === lengthOf(year, month);
  if (item === 'LW') return (year, month, day) => day === workingDay(year, month, lengthOf(year, month));
  const [, before, near] = /^(?:L-(\d+)|(\d+)W)$/.exec(item) ?? [];
  if (before !== undefined) {
    if (Number(before) > 30)
      return { ok: false, field: 'day', message: `day L- must be L-0 to L-30, got ${item}` };
    return (year, month, day) => day === lengthOf(year, month) - Number(before);
  }
  if (near === undefined) return undefined;
  const wanted = parseNumber('day', near);
  if (wanted === undefined) return outOfRange('day', item);
  return (year, month, day) => wanted <= lengthOf(year, month) && day === workingDay(year, month, wanted);
}

/** `5L` (the month's last Friday) and `5#2` (its second). */
function specialWeekday(item: string): DayRule | FieldFailure | undefined {
  if (item === 'L')
    return {
      ok: false,
      field: 'weekday',
      message: 'weekday L must say which one, got L',
      remedy: `the month's last Saturday is 6L, every Saturday is 6`,
    };
  const last = /^(\w+)L$/.exec(item)?.[1] ?? /^L(\w+)$/.exec(item)?.[1];
  const [, name, count] = /^(\w+)#(\d+)$/.exec(item) ?? [];
  const text = name ?? last;
  if (text === undefined) return undefined;
  const wanted = parseNumber('weekday', text);
  if (wanted === undefined)
    return fieldOf('weekday').names.includes(item) ? undefined : outOfRange('weekday', item);
  const nth = Number(count ?? 1);
  if (nth < 1 || nth > 5)
    return { ok: false, field: 'weekday', message: `weekday # must be 1-5, got ${item}` };
  return (year, month, day) => {
    if (weekdayOf(year, month, day) !== wanted % 7) return false;
    return count === undefined ? day > lengthOf(year, month) - 7 : Math.ceil(day / 7) === nth;
  };
}

/** The working day nearest to `day` in the same month. */
function workingDay(year: number, month: number, day: number): number {
  const weekday = weekdayOf(year, month, day);
  if (weekday === 6) return day === 1 ? 3 : day - 1;
  if (weekday === 0) return day === lengthOf(year, month) ? day - 2 : day + 1;
  return day;
}

function weekdayOf(year: number, month: number, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay();
}

function lengthOf(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
