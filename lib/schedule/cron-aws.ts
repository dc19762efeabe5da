/**
 * AWS's form of cron: 6 fields with a year, `?` in one of the two day fields, weekdays counted from 1 = Sunday.
 *
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based
 */
import { type FieldFailure, parseField } from './cron-field.ts';

const WEEKDAYS = 'SUN MON TUE WED THU FRI SAT'.split(' ');

/** The fields as cron has them, and the years; `undefined`: any. */
export type AwsForm =
  | { readonly ok: true; readonly fields: readonly string[]; readonly years: ReadonlySet<number> | undefined }
  | FieldFailure;

/**
 * Reads `cron(0 2 * * ? *)`, and the 6 fields alone where they can be nothing else: a `?` or a year stands where only
 * AWS has one. `undefined` for other text.
 */
export function readAws(text: string): AwsForm | undefined {
  const written = /^cron\((.*)\)$/i.exec(text)?.[1];
  const fields = (written ?? text).trim().split(/\s+/);
  const [, , day = '', , weekday = '', year = ''] = fields;
  const isAws = written !== undefined || day === '?' || weekday === '?' || /^[12]\d{3}/.test(year);
  if (fields.length !== 6 || !isAws) return undefined;
  if ((day === '?') === (weekday === '?')) return notOneDayField(fields);
  const years = parseField('year', year);
  if (!years.ok) return years;
  const named: string[] = [];
  for (const item of weekday.split(',')) {
    const name = nameOf(item.toUpperCase());
    if (name === undefined) return wrongWeekday(item);
    named.push(name);
  }
  return {
    ok: true,
    fields: [...fields.slice(0, 4), named.join(',')],
    years: year === '*' ? undefined : new Set(years.value),
  };
}

/** A weekday, range, step, `5L` or `5#2` by name; `L` alone is the week's last day. `undefined` where a number is none. */
function nameOf(item: string): string | undefined {
  if (item === 'L') return 'SAT';
  const [span = '', ...steps] = item.split('/');
  const [base = '', nth] = span.split('#');
  const ends = base.split('-').map((end) => {
    const [, number, last = ''] = /^(\d+)(L?)$/.exec(end) ?? [];
    if (number === undefined) return end;
    const name = WEEKDAYS[Number(number) - 1];
    return name === undefined ? undefined : `${name}${last}`;
  });
  if (ends.includes(undefined)) return undefined;
  return [ends.join('-') + (nth === undefined ? '' : `#${nth}`), ...steps].join('/');
}

function wrongWeekday(got: string): FieldFailure {
  return {
    ok: false,
    field: 'weekday',
    message: `weekday must be 1-7 or SUN-SAT in AWS's form, got ${got}`,
    remedy: "AWS counts from 1 = Sunday: write the day's name",
  };
}

function notOneDayField(fields: readonly string[]): FieldFailure {
  const [minute, hour, day = '', month, weekday = '', year] = fields;
  const [withDay, withWeekday] = day === '*' || day === '?' ? ['?', weekday] : [day, '?'];
  const either = `${minute} ${hour} ${withDay} ${month} ${withWeekday === '?' && withDay === '?' ? '*' : withWeekday} ${year}`;
  return {
    ok: false,
    field: 'day',
    message: `day and weekday must have one ? in AWS's form, got ${day} and ${weekday}`,
    remedy: `write '${either}'`,
  };
}
