/** One field of a cron expression: numbers, names, lists, ranges, steps. */

export type FieldName = 'minute' | 'hour' | 'day' | 'month' | 'weekday' | 'year';

export interface FieldRule {
  readonly min: number;
  readonly max: number;
  /** From `min` upward. */
  readonly names: readonly string[];
}

export type FieldFailure = {
  readonly ok: false;
  readonly field: FieldName;
  readonly message: string;
  readonly remedy?: string;
};

/** The numbers of a field, sorted. */
export type CronField = { readonly ok: true; readonly value: readonly number[] } | FieldFailure;

const RULES: Readonly<Record<FieldName, FieldRule>> = {
  minute: { min: 0, max: 59, names: [] },
  hour: { min: 0, max: 23, names: [] },
  day: { min: 1, max: 31, names: [] },
  month: { min: 1, max: 12, names: 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ') },
  // 7 is Sunday too.
  weekday: { min: 0, max: 7, names: 'SUN MON TUE WED THU FRI SAT'.split(' ') },
  // AWS's range.
  year: { min: 1970, max: 2199, names: [] },
};

export function fieldOf(field: FieldName): FieldRule {
  return RULES[field];
}

export function parseField(field: FieldName, text: string): CronField {
  const numbers = new Set<number>();
  for (const item of text.split(',')) {
    const part = parseItem(field, item);
    if (!part.ok) return part;
    for (const value of part.value) numbers.add(value);
  }
  return { ok: true, value: [...numbers].sort((a, b) => a - b) };
}

/** A number or a name; `undefined` where it is none or out of range. */
export function parseNumber(field: FieldName, text: string): number | undefined {
  const { min, max, names } = RULES[field];
  const named = names.indexOf(text.toUpperCase());
  if (named >= 0) return named + min;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= min && value <= max ? value : undefined;
}

export function outOfRange(field: FieldName, text: string): FieldFailure {
  const { min, max, names } = RULES[field];
  const [first] = names;
  const or = first === undefined ? '' : ` or ${first}-${names.at(-1)}`;
  const message = `${field} must be ${min}-${max}${or}, got ${text === '' ? 'nothing' : text}`;
  const meant = names.find((name) => /^[a-z]{3,}$/i.test(text) && name === text.slice(0, 3).toUpperCase());
  return { ok: false, field, message, ...(meant !== undefined && { remedy: `did you mean ${meant}` }) };
}

function parseItem(field: FieldName, item: string): CronField {
  const [span = '', step, ...more] = item.split('/');
  if (more.length > 0) return outOfRange(field, item);
  const every = step === undefined ? 1 : parseStep(field, step);
  if (typeof every !== 'number') return every;
  const range = parseRange(field, span, step !== undefined);
  if (!isRange(range)) return range;
  const [from, to] = range;
  const value: number[] = [];
  for (let number = from; number <= to; number += every) value.push(number);
  return { ok: true, value };
}

/** A step as long as the whole field would fire once, which nobody means by it. */
function parseStep(field: FieldName, step: string): number | FieldFailure {
  const most = lastOf(field) - RULES[field].min;
  const every = /^\d+$/.test(step) ? Number(step) : 0;
  if (every >= 1 && every <= most) return every;
  return {
    ok: false,
    field,
    message: `${field} step must be 1-${most}, got ${step === '' ? 'nothing' : step}`,
  };
}

/** From, to. */
type Range = readonly [number, number];

function isRange(value: Range | FieldFailure): value is Range {
  return Array.isArray(value);
}

/** `*`, `5`, `5-10`; `open`: a lone number goes on to the end, as in `5/15`. */
function parseRange(field: FieldName, span: string, open: boolean): Range | FieldFailure {
  if (span === '*') return [RULES[field].min, lastOf(field)];
  const [, low = span, high] = /^([^-]+)-([^-]+)$/.exec(span) ?? [];
  const from = parseNumber(field, low);
  if (from === undefined) return outOfRange(field, low);
  if (high === undefined) return [from, open ? lastOf(field) : from];
  const end = parseNumber(field, high);
  if (end === undefined) return outOfRange(field, high);
  // A week may end on Sunday: FRI-SUN.
  const to = field === 'weekday' && end === 0 && from > 0 ? 7 : end;
  return from <= to ? [from, to] : backwards(field, low, high);
}

function backwards(field: FieldName, low: string, high: string): FieldFailure {
  const remedy = `write ${low}-${lastOf(field)},${RULES[field].min}-${high}`;
  return { ok: false, field, message: `${field} range must not run backwards, got ${low}-${high}`, remedy };
}

/** The last number that is not another word for the first. */
function lastOf(field: FieldName): number {
  return field === 'weekday' ? 6 : RULES[field].max;
}
