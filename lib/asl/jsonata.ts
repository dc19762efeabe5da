/**
 * Writing JSONata into a definition.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
 * @see https://docs.jsonata.org/overview
 */
import type { Json } from '../base/json.ts';

/** A name that needs no backquotes in a path. */
const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Words the parser reads as something else than a name. */
const WORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** JSONata text → the string Step Functions evaluates: `{% text %}`. */
export function expr(text: string): string {
  return `{% ${text} %}`;
}

/** True for `{% … %}`, the only form in which a string of a definition is evaluated. */
export function isExpression(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 4 && value.startsWith('{%') && value.endsWith('%}');
}

/** `{% text %}` → `text`; any other string as it is. */
export function unwrap(expression: string): string {
  return isExpression(expression) ? expression.slice(2, -2).trim() : expression;
}

/**
 * A JSON value as JSONata text. JSON is JSONata; only the brackets of an expression inside a
 * string are written as escapes, so that no reader of `{% … %}` ends too early.
 */
export function literal(value: Json): string {
  return JSON.stringify(value).replaceAll('%}', '%\\u007d').replaceAll('{%', '\\u007b%');
}

/** `object.name`, or `object[0]`; names that are no identifiers are quoted. `object` is JSONata text. */
export function member(object: string, name: string | number): string {
  if (typeof name === 'number') return `${object}[${name}]`;
  if (PLAIN_NAME.test(name) && !WORDS.has(name)) return `${object}.${name}`;
  // Backquotes know no escape.
  if (name === '' || /[`\\]|%\}|\{%/.test(name)) return `$lookup(${object}, ${literal(name)})`;
  return `${object}.\`${name}\``;
}
