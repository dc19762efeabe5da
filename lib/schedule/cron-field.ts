/** One field of a cron expression: numbers, names, lists, ranges, steps. */

export type FieldName = 'minute' | 'hour' | 'day' | 'month' | 'weekday';

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
  return {
    ok: false,
    field,
    message: `${field} must be ${min}-${max}${or}, got ${text === '' ? 'nothing' : text}`,
  };
}

function parseItem(field: FieldName, item: string): CronField {
  const { min, max } = RULES[field];
  const [span = '', step, ...more] = item.split('/');
  if (more.length > 0) return outOfRange(field, item);
  const size = max - min + (field === 'weekday' ? 0 : 1);
  const every = step === undefined ? 1 : /^\d+$/.test(step) ? Number(step) : 0;
  if (every < 1 || every >= Math.max(size, 2))
    return {
      ok: false,
      field,
      message: `${field} step must be 1-${size - 1}, got ${step === '' ? 'nothing' : step}`,
    };
  const range =
    span === '*' ? [min, field === 'weekday' ? 6 : max] : parseRange(field, span, step !== undefined);
  if (!Array.isArray(range)) return range;
  const [from = min, to = max] = range;
  const value: number[] = [];
  for (let number = from; number <= to; number += every) value.push(number);
  return { ok: true, value };
}

function parseRange(field: FieldName, span: string, open: boolean): readonly number[] | FieldFailure {
  const [low = '', high, ...more] = span.split('-');
  const { max } = RULES[field];
  const from = parseNumber(field, low);
  const end = high === undefined ? undefined : parseNumber(field, high);
  if (from === undefined) return outOfRange(field, more.length > 0 ? span : low);
  if (high === undefined) return [from, open ? (field === 'weekday' ? 6 : max) : from];
  if (end === undefined || more.length > 0) return outOfRange(field, more.length > 0 ? span : high);
  // A week may end on Sunday: FRI-SUN.
  const to = field === 'weekday' && end === 0 ? 7 : end;
  if (from <= to) return [from, to];
  return {
    ok: false,
    field,
    message: `${field} range must not run backwards, got ${span}`,
    remedy: `write ${low}-${field === 'weekday' ? 6 : max},${RULES[field].min}-${high}`,
  };
}
