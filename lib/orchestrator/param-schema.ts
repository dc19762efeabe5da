/** The subset of JSON Schema that params use: type, enum, minimum, maximum, pattern, format, items. */
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { nearest } from '../base/suggest.ts';

/** What is wrong with a value: `must be <rule>, got <got>; <remedy>`. */
export interface Mismatch {
  /** Inside the value: `[2]`. */
  readonly path: string;
  readonly rule: string;
  readonly got: string;
  readonly remedy?: string;
}

/** The first rule of `schema` that `value` breaks. */
export function mismatch(schema: JsonObject, value: Json): Mismatch | undefined {
  for (const rule of [typeRule, enumRule, rangeRule, patternRule, formatRule, itemsRule]) {
    const found = rule(schema, value);
    if (found !== undefined) return found;
  }
  return undefined;
}

type Rule = (schema: JsonObject, value: Json) => Mismatch | undefined;

const typeRule: Rule = (schema, value) => {
  const { type } = schema;
  if (typeof type !== 'string' || typesOf(value).includes(type)) return undefined;
  return broken(`of type ${type}`, value);
};

const enumRule: Rule = ({ enum: allowed }, value) => {
  if (!Array.isArray(allowed) || allowed.some((each) => same(each, value))) return undefined;
  const near =
    typeof value === 'string'
      ? nearest(
          value,
          allowed.filter((each) => typeof each === 'string'),
        )
      : undefined;
  const rule = `one of ${allowed.map((each) => JSON.stringify(each)).join(', ')}`;
  return broken(rule, value, near === undefined ? undefined : `did you mean "${near}"?`);
};

const rangeRule: Rule = ({ minimum, maximum }, value) => {
  if (typeof value !== 'number') return undefined;
  if (typeof minimum === 'number' && value < minimum) return broken(`at least ${minimum}`, value);
  return typeof maximum === 'number' && value > maximum ? broken(`at most ${maximum}`, value) : undefined;
};

const patternRule: Rule = ({ pattern }, value) => {
  if (typeof pattern !== 'string' || typeof value !== 'string' || new RegExp(pattern, 'u').test(value))
    return undefined;
  return broken(`text that matches ${pattern}`, value);
};

const formatRule: Rule = ({ format }, value) => {
  if (typeof format !== 'string' || typeof value !== 'string') return undefined;
  const known = FORMATS[format];
  return known === undefined || known.test(value) ? undefined : broken(`a ${format}`, value, known.remedy);
};

const itemsRule: Rule = ({ items }, value) => {
  if (!isObject(items) || !Array.isArray(value)) return undefined;
  for (const [index, item] of value.entries()) {
    const found = mismatch(items, item);
    if (found !== undefined) return { ...found, path: `[${index}]${found.path}` };
  }
  return undefined;
};

/** @see https://json-schema.org/draft/2020-12/json-schema-validation#name-defined-formats */
const FORMATS: Readonly<
  Record<string, { readonly test: (text: string) => boolean; readonly remedy: string } | undefined>
> = {
  date: { test: isDate, remedy: 'write 2026-08-22' },
  'date-time': {
    test: (text) => isDate(text.slice(0, 10)) && INSTANT.test(text) && !Number.isNaN(Date.parse(text)),
    remedy: 'write 2026-08-22T02:00:00Z',
  },
  email: { test: (text) => /^[^\s@]+@[^\s@]+$/.test(text), remedy: 'write name@example.com' },
  uri: { test: (text) => URL.canParse(text), remedy: 'write https://example.com/path' },
  uuid: { test: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text), remedy: 'write a UUID' },
};

const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** A day of the calendar: 2026-02-30 is none. */
function isDate(text: string): boolean {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  return date !== undefined && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

function typesOf(value: Json): readonly string[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number'];
  return [typeof value];
}

function same(a: Json, b: Json): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function broken(rule: string, value: Json, remedy?: string): Mismatch {
  return { path: '', rule, got: JSON.stringify(value), ...(remedy === undefined ? {} : { remedy }) };
}
