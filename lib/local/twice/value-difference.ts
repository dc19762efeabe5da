import { isObject, type Json } from '../../base/json.ts';

/** Where two values first differ: `output.rows.0.at: 1, then 2`; `undefined` where they are the same. */
export function valueDifference(
  one: Json | undefined,
  other: Json | undefined,
  path = 'output',
): string | undefined {
  if (Array.isArray(one) && Array.isArray(other) && one.length !== other.length)
    return `${path}: ${one.length} items, then ${other.length}`;
  if (isParent(one) && isParent(other) && Array.isArray(one) === Array.isArray(other)) {
    for (const key of new Set([...Object.keys(one), ...Object.keys(other)])) {
      const got = valueDifference(one[key], other[key], `${path}.${key}`);
      if (got !== undefined) return got;
    }
    return undefined;
  }
  return Object.is(one, other) ? undefined : `${path}: ${shown(one)}, then ${shown(other)}`;
}

function isParent(value: Json | undefined): value is Readonly<Record<string, Json>> {
  return Array.isArray(value) || isObject(value);
}

function shown(value: Json | undefined): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`;
}
