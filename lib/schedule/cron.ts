/**
 * Cron expressions of 5 fields, with AWS's `L W # ?` and Airflow's presets, and AWS's own form of 6 fields.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/authoring-and-scheduling/cron.html
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
import { nearest } from '../base/suggest.ts';
import { PRESETS } from '../model/schedule.ts';
import { readAws } from './cron-aws.ts';
import { type DayRule, parseDays, parseWeekdays } from './cron-days.ts';
import { type FieldName, fieldOf, parseField } from './cron-field.ts';

export interface Cron {
  /** The 5 fields; presets are expanded, weekdays of AWS's form are by name. */
  readonly expression: string;
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 1-12. */
  readonly months: ReadonlySet<number>;
  /** Days of the month; `undefined`: any. With both, a day that fits either one counts, as everywhere in cron. */
  readonly days: DayRule | undefined;
  readonly weekdays: DayRule | undefined;
  /** Of AWS's form. `undefined`: any. */
  readonly years: ReadonlySet<number> | undefined;
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
  const aws = readAws(expanded);
  if (aws?.ok === false) return aws;
  const fields = aws?.fields ?? expanded.split(/\s+/);
  if (fields.length !== 5 || /^(?:cron|rate|at)\(/i.test(fields.join(' '))) return wrongCount(text);
  return parseFields(fields, aws?.years) ?? wrongCount(text);
}

function parseFields(fields: readonly string[], years: Cron['years']): CronResult | undefined {
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const minutes = parseField('minute', minute);
  const hours = parseField('hour', hour);
  const days = parseDays(day);
  const months = parseField('month', month);
  const weekdays = parseWeekdays(weekday);
  for (const result of [minutes, hours, days, months, weekdays]) if (!result.ok) return result;
  if (!(minutes.ok && hours.ok && days.ok && months.ok && weekdays.ok)) return undefined;
  const cron: Cron = {
    expression: fields.join(' '),
    minutes: minutes.value,
    hours: hours.value,
    months: new Set(months.value),
    days: days.value,
    weekdays: weekdays.value,
    years,
    fixedHour: !/[*/-]/.test(hour),
  };
  return (
    impossible(cron, day, months.value.map((value) => MONTHS[value - 1]).join(', ')) ?? { ok: true, cron }
  );
}

/** True when the calendar day fits. `month` is 1-12. */
export function matchesDay(cron: Cron, year: number, month: number, day: number): boolean {
  if (!cron.months.has(month) || cron.years?.has(year) === false) return false;
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
    remedy: remedyFor(text, fields),
  };
}

function remedyFor(text: string, fields: readonly string[]): string {
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/i.exec(text);
  if (rate !== null) return `write every('${rate[1]}${rate[2]?.[0]?.toLowerCase()}')`;
  const at = /^at\((.*)\)$/i.exec(text)?.[1];
  if (at !== undefined) return `write dates(['${at}Z'])`;
  if (fields.length === 5) return `write '${fields.join(' ')}'`;
  // What AWS has not refused puts seconds first.
  if (fields.length === 6) return `leave out the seconds: '${fields.slice(1).join(' ')}'`;
  return `every day at 02:00 is '0 2 * * *'`;
}

/** A date no month has would never run, and never say so. */
function impossible(cron: Cron, day: string, month: string): CronResult | undefined {
  if (cron.weekdays !== undefined || cron.days === undefined || happens(cron)) return undefined;
  const years = cron.years === undefined ? '' : ` of ${[...cron.years].join(', ')}`;
  const message = `day must exist in its month, got ${day} in ${month}${years}`;
  return { ok: false, field: 'day', message, remedy: `the last day of a month is 'L': '0 2 L * *'` };
}

function happens(cron: Cron): boolean {
  // Within 28 years months of every length begin on every weekday.
  const years = cron.years ?? new Set(Array.from({ length: 28 }, (_, index) => 2000 + index));
  for (const year of years) {
    for (const month of cron.months) {
      for (let day = 1; day <= daysIn(year, month); day++)
        if (matchesDay(cron, year, month, day)) return true;
    }
  }
  return false;
}

/** Days of a month, 1-12. */
export function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}
