import { DefinitionError } from '../base/errors.ts';
import type { Expression, Path, Ref, Refs } from '../model/ref.ts';
import { callerPlace } from './at.ts';

/** The DAG a Ref belongs to. */
export interface Owner {
  readonly id: string;
}

/** For refs made by expressions: none, their operands say it. */
const owners = new WeakMap<Expression, Owner>();

type Rooted = Extract<Expression, { readonly path: Path }>;

/**
 * A Ref to a value and, through property access, to each of its parts. It is known only during a run:
 * using it as text, number or list throws, with the remedy.
 */
export function refs<T>(expression: Rooted, owner: Owner): Refs<T> {
  const frozen = Object.freeze(expression);
  owners.set(frozen, owner);
  const target = Object.freeze({ $ref: frozen });
  const proxy: unknown = new Proxy(target, {
    get: (_, key) => part(frozen, key, owner),
    set: (_, key) =>
      misuse(frozen, `has no field to set, got ${String(key)}`, 'return the value from a task'),
  });
  return proxy as Refs<T>;
}

/** A Ref to the result of an expression, or to a value without parts of the DAG `owner`. */
export function exprRef<T>(expression: Expression, owner?: Owner): Ref<T> {
  const frozen = Object.freeze(expression);
  if (owner !== undefined) owners.set(frozen, owner);
  const target = Object.freeze({ $ref: frozen });
  return new Proxy<Ref<T>>(target, {
    get: (_, key) => (key === '$ref' ? frozen : trap(frozen, key)),
  });
}

/** The DAG an expression belongs to; `undefined` for one without. */
export function ownerOf(expression: Expression): Owner | undefined {
  return owners.get(expression);
}

/** How an author names it: `fetch.output.rows[0]`, `params.region`, `run.interval.start`. */
export function nameOf(expression: Expression): string {
  switch (expression.kind) {
    case 'output':
      return `${expression.task}.output${pathText(expression.path)}`;
    case 'param':
      return `params.${expression.name}${pathText(expression.path)}`;
    case 'run':
      return `run${pathText(expression.path)}`;
    case 'item':
      return `item${pathText(expression.path)}`;
    case 'index':
      return 'index';
    case 'previous':
      return `previous${pathText(expression.path)}`;
    case 'latest':
      return 'latestOnly';
    case 'text':
      return 'text`…`';
    case 'call':
      return `${expression.op}(…)`;
  }
}

function part(expression: Rooted, key: string | symbol, owner: Owner): unknown {
  if (key === '$ref') return expression;
  const trapped = trap(expression, key);
  if (trapped !== undefined || typeof key === 'symbol') return trapped;
  const step = /^\d+$/.test(key) ? Number(key) : key;
  return refs({ ...expression, path: [...expression.path, step] }, owner);
}

/** What the language asks of a value that is used as text, number, list, JSON or promise. */
function trap(expression: Expression, key: string | symbol): unknown {
  if (key === Symbol.toPrimitive) return () => misuse(expression, AS_TEXT, USE_TEXT);
  if (key === 'toString' || key === 'valueOf') return () => misuse(expression, AS_TEXT, USE_TEXT);
  if (key === 'toJSON') return () => misuse(expression, 'cannot be written as JSON here', USE_INPUT);
  if (key === Symbol.iterator || key === Symbol.asyncIterator)
    return () => misuse(expression, 'cannot be iterated here', USE_INPUT);
  if (key === 'then') return misuse(expression, 'cannot be awaited here', USE_INPUT);
  return undefined;
}

const AS_TEXT = 'cannot be used as text or number here';
const USE_TEXT = 'put it into text`…` or sql`…`, compare it by eq(ref, value)';
const USE_INPUT = 'give it to a task: fn({ value: ref }, ({ value }) => …)';

function misuse(expression: Expression, rule: string, remedy: string): never {
  throw new DefinitionError([
    {
      code: 'ref-misused',
      path: nameOf(expression),
      message: `is known only during a run and ${rule}`,
      remedy,
      ...callerPlace(import.meta.url),
    },
  ]);
}

function pathText(path: Path): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
}
