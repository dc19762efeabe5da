/** A run's params, checked against what the DAG declares. */
import { RefusedError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { nearest } from '../base/suggest.ts';
import type { DagNode, ParamNode } from '../model/dag.ts';
import { type Mismatch, mismatch } from './param-schema.ts';

/**
 * Given params over the declared defaults.
 *
 * @throws {RefusedError} `unknown-param`, `invalid-param`, `missing-param`; `invalid-params` for several mistakes, all told
 */
export function checkedParams(dag: DagNode, given: JsonObject = {}): JsonObject {
  const refusals = [...unknown(dag, given), ...wrong(dag, given), ...missing(dag, given)];
  const [first] = refusals;
  if (first !== undefined) {
    const code = refusals.length === 1 ? first.code : 'invalid-params';
    throw new RefusedError(code, refusals.map(({ text }) => text).join('\n'));
  }
  const names = Object.keys(dag.params);
  const values = names.map((name) => [name, given[name] ?? dag.params[name]?.['default']] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

/**
 * A param written as text, by its declared type: `5` is a number for a number, `"5"` for text.
 * What is no value of that type stays text, for {@link checkedParams} to refuse.
 */
export function paramFromText(dag: DagNode, name: string, text: string): Json {
  const { type } = dag.params[name] ?? { type: 'string' };
  if (type === 'string') return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

interface Refusal {
  readonly code: string;
  readonly text: string;
}

function unknown(dag: DagNode, given: JsonObject): readonly Refusal[] {
  const names = Object.keys(dag.params);
  const strangers = Object.keys(given).filter((name) => !names.includes(name));
  return strangers.map((name) => {
    const near = nearest(name, names);
    const there = names.length === 0 ? 'it has no params' : `it has ${names.join(', ')}`;
    const remedy = near === undefined ? there : `did you mean "${near}"?`;
    return {
      code: 'unknown-param',
      text: `dag "${dag.id}" › params: must be declared, got "${name}"; ${remedy}`,
    };
  });
}

function wrong(dag: DagNode, given: JsonObject): readonly Refusal[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const found = dag.params[name] === undefined ? undefined : mismatch(dag.params[name], value ?? null);
    return found === undefined ? [] : [{ code: 'invalid-param', text: mismatchText(dag, name, found) }];
  });
}

function mismatchText(dag: DagNode, name: string, { path, rule, got, remedy }: Mismatch): string {
  const tail = remedy === undefined ? '' : `; ${remedy}`;
  return `dag "${dag.id}" › params.${name}${path}: must be ${rule}, got ${got}${tail}`;
}

function missing(dag: DagNode, given: JsonObject): readonly Refusal[] {
  const names = Object.entries(dag.params).filter(([name, schema]) => isMissing(schema, given[name]));
  return names.map(([name, { type }]) => ({
    code: 'missing-param',
    text: `dag "${dag.id}" › params.${name}: must be given, got nothing; give ${article(type)} ${type}, or declare a default`,
  }));
}

function isMissing(schema: ParamNode, value: Json | undefined): boolean {
  return value === undefined && schema['default'] === undefined;
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? 'an' : 'a';
}
