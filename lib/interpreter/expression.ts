/** One JSONata expression, as Step Functions evaluates it: 2.0.6, without `$eval`. */
import jsonata from 'jsonata';
import type { Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import { AWS_FUNCTIONS, type EvaluationHost, HOST, memoryError, QueryError } from './aws-functions.ts';
import { guard, meter } from './guard.ts';
import type { Variables } from './variables.ts';

/** What an expression can see. */
export interface Scope {
  /** `$states`. */
  readonly states: StatesVariable;
  readonly variables: Pick<Variables, 'get'>;
  readonly clock: Clock;
  readonly random: Random;
}

/** `$states`. @see https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html#transforming-reserved-states-variable */
interface StatesVariable {
  readonly input: Json;
  readonly context: Json;
  readonly result?: Json;
  readonly errorOutput?: Json;
}

/** Gives the expression's value, `undefined` where there is none; a promise unless it is a plain path. */
export type Query = (scope: Scope) => unknown;

/** Compiled expressions by source; dropped all at once when there are too many. */
const compiled = new Map<string, Query>();
const MAX_COMPILED = 5_000;

const PATH = /^\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)$/;

/** Words that JSONata reads otherwise than as a field's name. */
const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** Compiles an expression (without `{% %}`); a syntax error shows when it is evaluated. */
export function compileQuery(source: string): Query {
  const known = compiled.get(source);
  if (known !== undefined) return known;
  const query = compilePath(source) ?? lazily(source);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(source, query);
  return query;
}

/** `$a.b.c` where every step is a member of a plain object: JSONata gives the same, later. */
function compilePath(source: string): Query | undefined {
  const match = PATH.exec(source);
  if (match === null) return undefined;
  const [, root = '', rest = ''] = match;
  const steps = rest === '' ? [] : rest.slice(1).split('.');
  if (AWS_FUNCTIONS.has(root) || [root, ...steps].some((word) => KEYWORDS.has(word))) return undefined;
  const general = lazily(source);
  return (scope) => {
    const start = root === 'states' ? scope.states : scope.variables.get(root);
    const found = start === undefined ? IRREGULAR : follow(start, steps);
    if (found !== IRREGULAR) return found;
    return general(scope);
  };
}

/** Told apart from every value: the path leaves plain objects, JSONata decides. */
const IRREGULAR = Symbol('irregular');

function follow(start: unknown, steps: readonly string[]): unknown {
  let value = start;
  for (const step of steps) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return IRREGULAR;
    value = ownMember(value, step);
    if (value === undefined) return IRREGULAR;
  }
  return value;
}

function ownMember(object: object, name: string): unknown {
  return Object.hasOwn(object, name) ? Reflect.get(object, name) : undefined;
}

/** Parses when it is asked first: what a catcher would say is seldom needed. */
function lazily(source: string): Query {
  let query: Query | undefined;
  return (scope) => {
    query ??= compileJsonata(source);
    return query(scope);
  };
}

function compileJsonata(source: string): Query {
  let expression: jsonata.Expression;
  try {
    expression = jsonata(source);
  } catch (thrown) {
    const error = queryError(thrown);
    return () => Promise.reject(error);
  }
  const { variables, isSimple } = inspect(expression.ast());
  for (const name of variables) {
    const own = AWS_FUNCTIONS.get(name);
    if (own !== undefined) expression.registerFunction(name, own.run, own.signature);
    if (name === 'eval') expression.assign(name, undefined);
  }
  if (!isSimple) guard(expression);
  return (scope) => evaluate(expression, bindings(scope, variables));
}

async function evaluate(expression: jsonata.Expression, bound: Record<string, unknown>): Promise<unknown> {
  try {
    return await expression.evaluate(undefined, bound);
  } catch (thrown) {
    throw queryError(thrown);
  }
}

function bindings(scope: Scope, variables: ReadonlySet<string>): Record<string, unknown> {
  const host: EvaluationHost = { nowMs: scope.clock.now(), random: scope.random, meter: meter() };
  const bound: Record<string, unknown> = { [HOST]: host };
  for (const name of variables) {
    const value = name === 'states' ? scope.states : scope.variables.get(name);
    if (value !== undefined) bound[name] = value;
  }
  return bound;
}

/** What the compiled expression refers to, and whether its work is bounded by the size of its data. */
interface Inspection {
  readonly variables: ReadonlySet<string>;
  readonly isSimple: boolean;
}

/** Kinds of nodes that neither recurse nor multiply. */
const SIMPLE_NODES: ReadonlySet<unknown> = new Set([
  'path',
  'name',
  'variable',
  'string',
  'number',
  'value',
  'binary',
  'unary',
  'function',
  'condition',
  'bind',
  'block',
]);

const LEAF_STEPS: ReadonlySet<unknown> = new Set(['name', 'variable', 'string']);

function inspect(ast: unknown): Inspection {
  const variables = new Set<string>();
  const seen = new Set<object>();
  let isSimple = true;
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return;
    seen.add(node);
    if (isNode(node)) {
      if (node.type === 'variable' && typeof node.value === 'string') variables.add(node.value);
      isSimple &&= isSimpleNode(node);
    }
    Object.values(node).forEach(visit);
  };
  visit(ast);
  return { variables, isSimple };
}

interface AstNode {
  readonly type: string;
  readonly value?: unknown;
  readonly steps?: readonly unknown[];
  readonly [key: string]: unknown;
}

function isNode(value: object): value is AstNode {
  return 'type' in value && typeof value.type === 'string';
}

function isSimpleNode(node: AstNode): boolean {
  if (!SIMPLE_NODES.has(node.type) || node.value === '..') return false;
  if ('predicate' in node || 'stages' in node || 'group' in node) return false;
  if (node.type !== 'path') return true;
  return (node.steps ?? [])
    .slice(1)
    .every((step) => isNode(Object(step)) && LEAF_STEPS.has(Object(step).type));
}

function queryError(thrown: unknown): QueryError {
  if (thrown instanceof QueryError) return thrown;
  // A text or list beyond what the engine can hold.
  if (thrown instanceof RangeError && thrown.message.startsWith('Invalid')) return memoryError();
  const { message, code } = Object(thrown);
  return new QueryError(typeof message === 'string' ? message : String(thrown), {
    code: typeof code === 'string' ? code : undefined,
    cause: thrown,
  });
}
