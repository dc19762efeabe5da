/** Checks of single fields, with AWS's messages. */
import { isObject, type JsonObject } from '../../base/json.ts';
import { isExpression } from '../jsonata.ts';
import type { Findings } from './finding.ts';

/** An object of the definition under check, where it stands, and whether `{% %}` is evaluated in it. */
export interface Place {
  readonly object: JsonObject;
  readonly path: string;
  readonly jsonata: boolean;
  readonly findings: Findings;
}

export interface NumberRule {
  readonly min?: number;
  readonly max?: number;
  /** Fractions allowed. @default false */
  readonly fraction?: boolean;
  /** A constant even in JSONata mode, as all numbers of a retrier. @default false */
  readonly constant?: boolean;
}

/** The place of the object in `field`; `undefined`, and a finding, where it is none. */
export function inner(place: Place, field: string): Place | undefined {
  const object = place.object[field];
  const path = `${place.path}/${field}`;
  if (isObject(object)) return { ...place, object, path };
  if (object !== undefined) place.findings.refuse(path, 'Expected value of type [OBJECT]');
  return undefined;
}

/** The places of the objects in the list `field`; findings for a value of another shape. */
export function entries(place: Place, field: string): readonly Place[] {
  const list = place.object[field];
  const path = `${place.path}/${field}`;
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    place.findings.refuse(path, 'Expected value of type [ARRAY]');
    return [];
  }
  return list.flatMap((object: unknown, index) => {
    if (isObject(object)) return [{ ...place, object, path: `${path}[${index}]` }];
    place.findings.refuse(`${path}[${index}]`, 'Expected value of type [OBJECT]');
    return [];
  });
}

/** Every field of `names` must be there. */
export function required(place: Place, ...names: readonly string[]): void {
  const missing = names.filter((name) => place.object[name] === undefined);
  if (missing.length === 0) return;
  place.findings.refuse(place.path || '/', `These fields are required: [${missing.join(', ')}]`);
}

/** No field but those of `allowed` may be there. */
export function allow(place: Place, allowed: ReadonlySet<string>): void {
  for (const field of Object.keys(place.object)) {
    if (!allowed.has(field) && place.object[field] !== undefined)
      place.findings.refuse(place.path || '/', `Field '${field}' is not supported`);
  }
}

/** Of the fields exactly one may be there. */
export function exactlyOne(place: Place, names: readonly string[]): void {
  const found = names.filter((name) => place.object[name] !== undefined);
  if (found.length === 1) return;
  const rule = found.length === 0 ? 'This object should have only one' : 'There should only be one';
  place.findings.refuse(place.path, `${rule} of the following fields: [${names.join(', ')}]`);
}

export function number(place: Place, field: string, rule: NumberRule): void {
  const value = place.object[field];
  if (value === undefined || (place.jsonata && !rule.constant && isExpression(value))) return;
  const path = `${place.path}/${field}`;
  if (typeof value !== 'number' || !(rule.fraction || Number.isInteger(value))) {
    place.findings.refuse(path, `Expected value of type ${rule.fraction ? 'Number' : 'Integer'}`);
    return;
  }
  const written = (limit: number) => (rule.fraction ? limit.toFixed(1) : String(limit));
  if (rule.min !== undefined && value < rule.min)
    place.findings.refuse(path, `Minimum value is ${written(rule.min)}`);
  if (rule.max !== undefined && value > rule.max)
    place.findings.refuse(path, `Maximum value is ${written(rule.max)}`);
}

export function text(place: Place, field: string): void {
  const value = place.object[field];
  if (value !== undefined && typeof value !== 'string')
    place.findings.refuse(`${place.path}/${field}`, 'Expected value of type [STRING]');
}

export function oneOf(place: Place, field: string, values: readonly string[]): void {
  const value = place.object[field];
  if (value === undefined) return;
  const path = `${place.path}/${field}`;
  if (typeof value !== 'string') place.findings.refuse(path, 'Expected value of type [STRING]');
  else if (!values.includes(value))
    place.findings.refuse(path, `Value should be one of the following: [${values.join(', ')}]`);
}
