import { type Problem, problemText, RefusedError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { nearest } from '../base/suggest.ts';
import type { DagNode, ParamNode } from '../model/dag.ts';

/**
 * Values of `--param name=value`, read as the DAG's params say: a number, `true`, JSON for lists and objects.
 * What a schema says beyond the type is checked where the run starts.
 *
 * @throws {RefusedError} `invalid-param` with every mistake
 */
export function readParams(dag: DagNode, assignments: readonly string[]): JsonObject {
  const values: Record<string, Json> = {};
  const problems: Problem[] = [];
  for (const assignment of assignments) {
    const [name = '', text] = split(assignment);
    const param = dag.params[name];
    const found = param === undefined ? unknown(dag, name) : read(name, text, param);
    if ('value' in found) values[name] = found.value;
    else problems.push(found.problem);
  }
  if (problems.length > 0) throw new RefusedError('invalid-param', problems.map(problemText).join('\n'));
  return values;
}

type Reading = { readonly value: Json } | { readonly problem: Problem };

function split(assignment: string): readonly [string, string] {
  const at = assignment.indexOf('=');
  return [assignment.slice(0, at), assignment.slice(at + 1)];
}

function unknown(dag: DagNode, name: string): Reading {
  const names = Object.keys(dag.params);
  const near = nearest(name, names);
  const known = names.length === 0 ? 'it has no params' : `its params are ${names.join(', ')}`;
  return {
    problem: {
      code: 'invalid-param',
      path: `dag "${dag.id}" › param "${name}"`,
      message: 'is not declared',
      remedy: near === undefined ? known : `did you mean "${near}"?`,
    },
  };
}

function read(name: string, text: string, param: ParamNode): Reading {
  const value = jsonOf(text, param.type);
  if (value !== undefined) return { value };
  return {
    problem: {
      code: 'invalid-param',
      path: `param "${name}"`,
      message: `must be ${WANTED[param.type]}, got ${JSON.stringify(text)}`,
      remedy: `write --param ${name}=${EXAMPLES[param.type]}`,
    },
  };
}

function jsonOf(text: string, type: ParamNode['type']): Json | undefined {
  if (type === 'string') return text;
  const value = parsed(text);
  if (type === 'integer') return Number.isSafeInteger(value) ? value : undefined;
  if (type === 'array') return Array.isArray(value) ? value : undefined;
  if (type === 'object')
    return value !== null && !Array.isArray(value) && typeof value === 'object' ? value : undefined;
  return typeof value === type ? value : undefined;
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const WANTED: Readonly<Record<ParamNode['type'], string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'a JSON object',
  array: 'a JSON list',
};

const EXAMPLES: Readonly<Record<ParamNode['type'], string>> = {
  string: 'text',
  number: '1.5',
  integer: '3',
  boolean: 'true',
  object: `'{"key": 1}'`,
  array: `'["one", "two"]'`,
};
