import type { Expression, Operand, Operator, Ref, Value } from '../model/ref.ts';
import { exprRef } from './refs.ts';

type Scalar = string | number | boolean | null | undefined;
type Ordered = string | number | null | undefined;

/** The type a literal stands for: `3` → number. */
type Widened<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T;

/** What may be compared with `A`: where `A` is a Ref, a value of its type. */
type Other<A> = A extends { readonly $ref: unknown; readonly __type?: readonly [infer T] }
  ? Value<T> | Value<NonNullable<T>>
  : Value<Widened<A>>;

/** Text with values in it, put together during the run: text`raw/${run.interval.date}.json`. */
export function text(
  strings: TemplateStringsArray,
  ...values: readonly Value<string | number | boolean>[]
): Ref<string> {
  const parts = strings.flatMap((string, index): Operand[] => {
    const before: Operand[] = string === '' ? [] : [string];
    return index < values.length ? [...before, operand(values[index])] : before;
  });
  return exprRef({ kind: 'text', parts });
}

/** True where both are the same. */
export function eq<A extends Value<Scalar>>(a: A, b: Other<A>): Ref<boolean> {
  return call('eq', a, b);
}

/** True where they differ. */
export function ne<A extends Value<Scalar>>(a: A, b: Other<A>): Ref<boolean> {
  return call('ne', a, b);
}

/** a > b, of two numbers or two texts. */
export function gt<A extends Value<Ordered>>(a: A, b: Other<A>): Ref<boolean> {
  return call('gt', a, b);
}

/** a ≥ b, of two numbers or two texts. */
export function gte<A extends Value<Ordered>>(a: A, b: Other<A>): Ref<boolean> {
  return call('gte', a, b);
}

/** a < b, of two numbers or two texts. */
export function lt<A extends Value<Ordered>>(a: A, b: Other<A>): Ref<boolean> {
  return call('lt', a, b);
}

/** a ≤ b, of two numbers or two texts. */
export function lte<A extends Value<Ordered>>(a: A, b: Other<A>): Ref<boolean> {
  return call('lte', a, b);
}

/** True where all are. */
export function and(...conditions: readonly Value<boolean>[]): Ref<boolean> {
  return call('and', ...conditions);
}

/** True where one is. */
export function or(...conditions: readonly Value<boolean>[]): Ref<boolean> {
  return call('or', ...conditions);
}

/** True where the condition is false. */
export function not(condition: Value<boolean>): Ref<boolean> {
  return call('not', condition);
}

/** True where the value is there and not null; false also where its task did not run. */
export function exists(ref: Ref<unknown>): Ref<boolean> {
  return call('exists', ref);
}

/** The value where it is there and not null, else `fallback`. */
export function orElse<T, D>(ref: Ref<T>, fallback: Value<D>): Ref<NonNullable<T> | Widened<D>> {
  return call('orElse', ref, fallback);
}

function call<T>(op: Operator, ...args: readonly unknown[]): Ref<T> {
  const expression: Expression = { kind: 'call', op, args: args.map(operand) };
  return exprRef(expression);
}

/** As it is: `task()` makes it plain data, and tells what is none. */
function operand(value: unknown): Operand {
  return value as Operand;
}
