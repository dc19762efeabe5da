import type { Problem } from '../../base/errors.ts';
import type { Json } from '../../base/json.ts';
import type { DagNode, ParamNode } from '../../model/dag.ts';
import { dagPath, orList, place, shown } from './rule.ts';

type Check = (param: ParamNode, value: Json) => string | undefined;

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: (value) => Array.isArray(value),
};

/** In this order; the first breach of a param is told. */
const CHECKS: readonly Check[] = [type, allowed, atLeast, atMost, matches, items];

/** The default of each param obeys the param's own schema. */
export function paramDefault(dag: DagNode): readonly Problem[] {
  return Object.entries(dag.params).flatMap(([name, param]) => {
    const rule = breach(param);
    if (rule === undefined) return [];
    return [
      {
        code: 'param-default',
        path: dagPath(dag, `params.${name}.${rule.field}`),
        message: rule.message,
        ...rule.remedy,
        ...place(dag),
      },
    ];
  });
}

interface Breach {
  readonly field: string;
  readonly message: string;
  readonly remedy: Pick<Problem, 'remedy'>;
}

function breach(param: ParamNode): Breach | undefined {
  const { default: value, type: kind, pattern } = param;
  if (!(kind in TYPES)) {
    return {
      field: 'type',
      message: `must be a type of JSON Schema, got ${shown(kind)}`,
      remedy: { remedy: `write ${orList(Object.keys(TYPES))}` },
    };
  }
  if (pattern !== undefined && expressionOf(pattern) === undefined) {
    return { field: 'pattern', message: `must be a regular expression, got ${shown(pattern)}`, remedy: {} };
  }
  if (value === undefined) return undefined;
  for (const check of CHECKS) {
    const rule = check(param, value);
    if (rule !== undefined) {
      return {
        field: 'default',
        message: `${rule}, got ${shown(value)}`,
        remedy: { remedy: 'change the default or the schema' },
      };
    }
  }
  return undefined;
}

function type(param: ParamNode, value: Json): string | undefined {
  if (TYPES[param.type]?.(value) === true) return undefined;
  return `must be ${/^[aeio]/.test(param.type) ? 'an' : 'a'} ${param.type}`;
}

function allowed(param: ParamNode, value: Json): string | undefined {
  const { enum: values } = param;
  if (!Array.isArray(values)) return undefined;
  const written = values.map((item) => JSON.stringify(item));
  return written.includes(JSON.stringify(value)) ? undefined : `must be ${orList(written)}`;
}

function atLeast({ minimum }: ParamNode, value: Json): string | undefined {
  const breaks = typeof minimum === 'number' && typeof value === 'number' && value < minimum;
  return breaks ? `must be at least ${minimum}` : undefined;
}

function atMost({ maximum }: ParamNode, value: Json): string | undefined {
  const breaks = typeof maximum === 'number' && typeof value === 'number' && value > maximum;
  return breaks ? `must be at most ${maximum}` : undefined;
}

function matches({ pattern }: ParamNode, value: Json): string | undefined {
  const expression = expressionOf(pattern);
  if (expression === undefined || typeof value !== 'string' || expression.test(value)) return undefined;
  return `must match ${expression}`;
}

function items({ items: schema }: ParamNode, value: Json): string | undefined {
  if (!Array.isArray(value) || typeof schema !== 'object' || schema === null || !('type' in schema))
    return undefined;
  const fits = typeof schema['type'] === 'string' ? TYPES[schema['type']] : undefined;
  const wrong = fits === undefined ? undefined : value.find((item) => !fits(item));
  return wrong === undefined
    ? undefined
    : `must be a list of ${String(schema['type'])} items without ${shown(wrong)}`;
}

function expressionOf(pattern: unknown): RegExp | undefined {
  if (typeof pattern !== 'string') return undefined;
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
}
