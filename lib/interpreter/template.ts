/** JSON with `{% … %}` in it, compiled once per state. */
import { isObject, type Json } from '../base/json.ts';
import { QueryError } from './aws-functions.ts';
import { compileQuery, type Scope } from './expression.ts';
import { EvaluationError } from './failure.ts';
import { NotJson, textOf, toJson } from './json-text.ts';

/** Gives the field's value. Throws or rejects with {@link EvaluationError}. */
export type Template = (scope: Scope) => Json | Promise<Json>;

export type Kind = 'array' | 'boolean' | 'number' | 'object' | 'string';

/** Compiles a field; `field` is its path in the state, for messages. */
export function template(json: Json, field: string): Template {
  if (isConstant(json)) return () => json;
  if (typeof json === 'string') return expressionTemplate(sourceOf(json), field);
  if (isObject(json)) return objectTemplate(json, field);
  return Array.isArray(json) ? listTemplate(json, field) : () => json;
}

/** Like {@link template}, for a field that may be absent. */
export function optionalTemplate(json: Json | undefined, field: string): Template | undefined {
  return json === undefined ? undefined : template(json, field);
}

/** A field whose value must be of one kind. */
export function typedTemplate(json: Json, field: string, kind: Kind): Template {
  const value = template(json, field);
  const source = typeof json === 'string' && isExpression(json) ? sourceOf(json) : undefined;
  const check = (result: Json): Json => {
    if (kindOf(result) === kind) return result;
    const said = source === undefined ? 'The value' : `The JSONata expression '${source}'`;
    throw new EvaluationError(field, {
      text: `${said} specified for the field '${field}' returned an unexpected result type. Expected '${kind}', but was '${kindOf(result)}' for value: ${textOf(result)}`,
    });
  };
  return (scope) => {
    const result = value(scope);
    return result instanceof Promise ? result.then(check) : check(result);
  };
}

/** True for `{% … %}`. */
export function isExpression(text: string): boolean {
  return text.startsWith('{%') && text.endsWith('%}');
}

function sourceOf(text: string): string {
  return text.slice(2, -2).trim();
}

function kindOf(value: Json): Kind | 'null' {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  const kind = typeof value;
  return kind === 'string' || kind === 'number' || kind === 'boolean' ? kind : 'object';
}

function isConstant(json: Json): boolean {
  if (typeof json === 'string') return !isExpression(json);
  if (Array.isArray(json)) return json.every(isConstant);
  return isObject(json)
    ? Object.values(json).every((member) => member === undefined || isConstant(member))
    : true;
}

function expressionTemplate(source: string, field: string): Template {
  const query = compileQuery(source);
  const where = `The JSONata expression '${source}' specified for the field '${field}'`;
  const accept = (result: unknown): Json => {
    if (result === undefined)
      throw new EvaluationError(field, { text: `${where} returned nothing (undefined).` });
    try {
      return toJson(result);
    } catch (cause) {
      if (!(cause instanceof NotJson)) throw cause;
      throw new EvaluationError(field, { text: `${where} returned an unsupported result type.`, cause });
    }
  };
  const refuse = (cause: unknown): never => {
    if (!(cause instanceof QueryError)) throw cause;
    const said = cause.code === undefined ? `: ${cause.message}` : `. ${cause.code}: ${cause.message}`;
    throw new EvaluationError(field, { text: `${where} threw an error during evaluation${said}`, cause });
  };
  return (scope) => {
    const result = query(scope);
    return result instanceof Promise ? result.then(accept, refuse) : accept(result);
  };
}

function objectTemplate(json: { readonly [key: string]: Json | undefined }, field: string): Template {
  const keys = Object.keys(json).filter((key) => json[key] !== undefined);
  const members = keys.map((key) => template(json[key] ?? null, `${field}/${key}`));
  return (scope) =>
    assemble(members, scope, (values) => Object.fromEntries(keys.map((key, index) => [key, values[index]])));
}

function listTemplate(json: readonly Json[], field: string): Template {
  const members = json.map((item, index) => template(item, `${field}[${index}]`));
  return (scope) => assemble(members, scope, (values) => values);
}

/** Evaluates the members in order, without a promise where none of them has one. */
function assemble(
  members: readonly Template[],
  scope: Scope,
  build: (values: Json[]) => Json,
): Json | Promise<Json> {
  const values: Json[] = [];
  for (const member of members) {
    const value = member(scope);
    if (value instanceof Promise) return assembleLater(members, scope, values, value).then(build);
    values.push(value);
  }
  return build(values);
}

async function assembleLater(
  members: readonly Template[],
  scope: Scope,
  values: Json[],
  pending: Promise<Json>,
): Promise<Json[]> {
  values.push(await pending);
  for (const member of members.slice(values.length)) values.push(await member(scope));
  return values;
}
