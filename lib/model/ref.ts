import type { Json } from '../base/json.ts';
import type { Untyped } from './context.ts';

/**
 * A value known only while a run executes: a field of a task's output, a param,
 * a fact about the run, or an expression over those. Plain data: the compiler
 * turns it into JSONata (`compiler/expression.ts`).
 */
export interface Ref<T> {
  readonly $ref: Expression;
  /** Phantom: carries `T` for inference, absent at run time. Boxed, so that `undefined` in `T` is not lost. */
  readonly __type?: readonly [T];
}

/** What an argument accepts: a literal now, or a reference to a later value. */
export type Value<T> = T | Ref<T>;

export type Expression =
  /** A field of a task's output; `path` empty: the whole output. */
  | { readonly kind: 'output'; readonly task: string; readonly path: Path }
  | { readonly kind: 'param'; readonly name: string; readonly path: Path }
  /** A fact about the run: `['interval', 'start']`, `['logicalDate']`, `['id']`. */
  | { readonly kind: 'run'; readonly path: Path }
  /** The item of an instance of a mapped task or group (`of`), and its place in the list, from 0. */
  | { readonly kind: 'item'; readonly of: string; readonly path: Path }
  | { readonly kind: 'index'; readonly of: string }
  /** What the iteration before gave, in a loop (`of`). */
  | { readonly kind: 'previous'; readonly of: string; readonly path: Path }
  /** No newer interval of the schedule has ended as the state is entered; true in runs of no interval. */
  | { readonly kind: 'latest' }
  /** Text with values in it, from the tag `text`. */
  | { readonly kind: 'text'; readonly parts: readonly Operand[] }
  | { readonly kind: 'call'; readonly op: Operator; readonly args: readonly Operand[] };

export type Path = readonly (string | number)[];

/** `orElse(a, b)` is a where it exists and is not null, else b. Comparisons want two numbers or two strings. */
export type Operator = 'eq' | 'ne' | 'gt' | 'gte' | 'lt' | 'lte' | 'and' | 'or' | 'not' | 'exists' | 'orElse';

/** A literal, or `{ $ref }`. Literal objects never have a key that begins with `$`. */
export type Operand = Json | { readonly $ref: Expression };

/** A reference to a value and, through property access, to each of its parts; optional parts stay optional. */
export type Refs<T> = 0 extends 1 & T
  ? Untyped
  : [T] extends [readonly unknown[]]
    ? Ref<T> & { readonly [index: number]: Refs<T[number]> }
    : [NonNullable<T>] extends [readonly unknown[]]
      ? Ref<T> & { readonly [index: number]: Refs<NonNullable<T>[number] | undefined> }
      : [NonNullable<T>] extends [object]
        ? Ref<T> & {
            readonly [K in keyof NonNullable<T>]-?: Refs<NonNullable<T>[K] | Extract<T, null | undefined>>;
          }
        : Ref<T>;

/** True for `{ $ref: {…} }`. */
export function isRef(value: unknown): value is { readonly $ref: Expression } {
  if (typeof value !== 'object' || value === null || !('$ref' in value)) return false;
  return typeof value.$ref === 'object' && value.$ref !== null;
}

/** Every expression inside `value`, at any depth, operands of expressions included, in order of appearance. */
export function expressionsIn(value: unknown): readonly Expression[] {
  if (isRef(value)) return [value.$ref, ...expressionsIn(operandsOf(value.$ref))];
  if (Array.isArray(value)) return value.flatMap(expressionsIn);
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(expressionsIn);
  return [];
}

function operandsOf(expression: Expression): readonly Operand[] {
  if (expression.kind === 'text') return expression.parts;
  return expression.kind === 'call' ? expression.args : [];
}
