/**
 * Cron expressions of 5 fields, with AWS's `L W # ?` and Airflow's presets.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/cron.html
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
import { nearest } from '../base/suggest.ts';
import { PRESETS } from '../model/schedule.ts';
import { type DayRule, parseDays, parseWeekdays } from './cron-days.ts';
import { type FieldName, fieldOf, parseField } from './cron-field.ts';

export interface Cron {
  /** The 5 fields; presets are expanded. */
  readonly expression: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1-12. */
  readonly months: ReadonlySet<number>;
  /** Days of the month; `undefined`: any. With both, a day that fits either one counts, as everywhere in cron. */
  readonly days: DayRule | undefined;
  readonly weekdays: DayRule | undefined;
  /** False where the hours are stepped through (`*`, a range, a step): such a schedule follows elapsed time. */
  readonly fixedHour: boolean;
}

export type CronResult =
  | { readonly ok: true; readonly cron: Cron }
  | {
      readonly ok: false;
      readonly field: FieldName | 'expression';
      readonly message: string;
      readonly remedy?: string;
    };

const MONTHS = fieldOf('month').names;

/** Parses an expression; a message names the field, its rule and the value got. */
export function parseCron(expression: string): CronResult {
  const text = expression.trim();
  const expanded = text.startsWith('@') ? presetOf(text.toLowerCase()) : text;
  if (expanded === undefined) return unknownPreset(text);
  const fields = expanded.split(/\s+/);
  if (fields.length !== 5 || text.startsWith('cron(')) return wrongCount(text);
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const minutes = parseField('minute', minute);
  const hours = parseField('hour', hour);
  const days = parseDays(day);
  const months = parseField('month', month);
  const weekdays = parseWeekdays(weekday);
  for (const result of [minutes, hours, days, months, weekdays]) if (!result.ok) return result;
  if (!(minutes.ok && hours.ok && days.ok && months.ok && weekdays.ok)) return wrongCount(text);
  const cron: Cron = {
    expression: fields.join(' '),
    minutes: minutes.value,
    hours: hours.value,
    months: new Set(months.value),
    days: days.value,
    weekdays: weekdays.value,
    fixedHour: !/[*/-]/.test(hour),
  };
  return (
    impossible(cron, day, months.value.map((value) => MONTHS[value - 1]).join(', ')) ?? { ok: true, cron }
  );
}

/** True when the calendar day fits. `month` is 1-12. */
export function matchesDay(cron: Cron, year: number, month: number, day: number): boolean {
  if (!cron.months.has(month)) return false;
  if (cron.days === undefined && cron.weekdays === undefined) return true;
  return cron.days?.(year, month, day) === true || cron.weekdays?.(year, month, day) === true;
}

function presetOf(name: string): string | undefined {
  const presets: Readonly<Record<string, string>> = PRESETS;
  return Object.hasOwn(presets, name) ? presets[name] : undefined;
}

function unknownPreset(text: string): CronResult {
  const meant = nearest(text, Object.keys(PRESETS));
  const remedy = meant ? `did you mean ${meant}` : `presets are ${Object.keys(PRESETS).join(' ')}`;
  return { ok: false, field: 'expression', message: `must be 5 fields or a preset, got ${text}`, remedy };
}

function wrongCount(text: string): CronResult {
  const written = /^cron\((.*)\)$/.exec(text)?.[1];
  const fields = (written ?? text).split(/\s+/).filter((field) => field !== '');
  return {
    ok: false,
    field: 'expression',
    message: `must have 5 fields (minute hour day month weekday), got ${written === undefined ? fields.length : text}`,
    remedy: remedyFor(fields),
  };
}

function remedyFor(fields: readonly string[]): string {
  if (fields.length === 5) return `write '${fields.join(' ')}'`;
  if (fields.length !== 6) return `every day at 02:00 is '0 2 * * *'`;
  // AWS puts a year last and needs a `?`; other crons put seconds first.
  const aws = fields.includes('?') || /^[12]\d{3}/.test(fields[5] ?? '');
  if (!aws) return `leave out the seconds: '${fields.slice(1).join(' ')}'`;
  const numbered = /\d/.test(fields[4] ?? '') ? ' and count weekdays from 0 = Sunday, not 1' : '';
  return `leave out AWS's year${numbered}: '${fields.slice(0, 5).join(' ')}'`;
}

/** A date no month has would never run, and never say so. */
function impossible(cron: Cron, day: string, month: string): CronResult | undefined {
  if (cron.weekdays !== undefined || cron.days === undefined || happens(cron)) return undefined;
  return { ok: false, field: 'day', message: `day must exist in its month, got ${day} in ${month}` };
}

function happens(cron: Cron): boolean {
  const first = Date.UTC(2000, 0, 1);
  // Within 28 years months of every length begin on every weekday.
  for (let index = 0; index < 28 * 365.25; index++) {
    const date = new Date(first + index * 86_400_000);
    if (matchesDay(cron, date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())) return true;
  }
  return false;
}

/** Days of a month, 1-12. */
export function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
