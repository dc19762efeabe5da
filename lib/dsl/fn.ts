import type { Duration } from '../base/duration.ts';
import type { TaskBody } from '../model/bodies.ts';
import type { FnContext } from '../model/context.ts';
import type { FunctionVpc } from '../model/task.ts';

/** A function task before it has an id: what {@link fn} makes. */
export interface Fn<Output> {
  readonly kind: 'fn';
  /** `null`: the body takes its context alone. */
  readonly inputs: unknown;
  readonly body: TaskBody;
  readonly options: FnOptions;
  /** Phantom: carries `Output` for inference. */
  readonly __output?: readonly [Output];
}

/** What it asks of the Lambda function that runs it on AWS: one of its own where it differs. Here it changes nothing. */
export interface FnOptions {
  /** MB, 128 to 10,240. @default the DAG function's, 512 */
  readonly memory?: number;
  /** MB of `/tmp`, 512 to 10,240. @default 512 */
  readonly ephemeralStorage?: number;
  /** The network it is in; `false`: in none. @default the environment's */
  readonly vpc?: FunctionVpc | false;
  /** Longest one try may take, at most 15 minutes; here, too. @default the task's `timeout`, else 15 minutes */
  readonly timeout?: Duration;
}

export const FN_OPTIONS = [
  'memory',
  'ephemeralStorage',
  'vpc',
  'timeout',
] as const satisfies readonly (keyof FnOptions)[];

/** Inputs as the body gets them: every Ref is its value. */
export type Resolved<T> = 0 extends 1 & T
  ? T
  : T extends { readonly $ref: unknown; readonly __type?: readonly [infer U] }
    ? U
    : T extends readonly unknown[]
      ? { readonly [K in keyof T]: Resolved<T[K]> }
      : T extends object
        ? { readonly [K in keyof T]: Resolved<T[K]> }
        : T;

/**
 * Anything; told apart so that returned labels (`'big'`, `['big', 'small']`) keep their literal types.
 * What is no JSON is refused during the run.
 */
export type Returned =
  | string
  | number
  | boolean
  | null
  | undefined
  // biome-ignore lint/suspicious/noConfusingVoidType: a body may return nothing
  | void
  | object
  | readonly ('' | (string & {}) | number | boolean | null | undefined | object)[];

type Awaitable<T> = T | Promise<T>;

/**
 * A TypeScript function as a task: in this process here, in the DAG's Lambda function on AWS. What it
 * returns is the task's output: JSON, at most 6 MiB, and 64 KiB in the fields that later tasks read; write
 * more with `files.write`. Throw {@link SkipTask} to end skipped, {@link FailTask} to fail without a retry.
 *
 * @example task('fetch', fn({ day: run.interval.date }, async ({ day }, { http }) => http(shop).get(`/orders/${day}`)))
 */
export function fn<Output extends Returned>(
  body: (context: FnContext) => Awaitable<Output>,
  options?: FnOptions,
): Fn<Output>;
export function fn<Inputs extends object, Output extends Returned>(
  inputs: Inputs,
  body: (inputs: Resolved<Inputs>, context: FnContext) => Awaitable<Output>,
  options?: FnOptions,
): Fn<Output>;
export function fn(...given: readonly unknown[]): Fn<never> {
  return { kind: 'fn', ...partsOf(given) };
}

/** What stands in `fn(inputs?, body, options?)`. */
export function partsOf(given: readonly unknown[]): Pick<Fn<never>, 'inputs' | 'body'> & { options: object } {
  const [first, second, third] = given;
  const [inputs, body, options] = isBody(first) ? [null, first, second] : [first, second, third];
  return {
    inputs,
    body: isBody(body) ? body : noBody,
    options: typeof options === 'object' && options !== null ? options : {},
  };
}

/** The body of an `fn` that was given none; `task()` refuses it. */
export const noBody: TaskBody = () => undefined;

/** True for what {@link fn} makes. */
export function isFn(call: unknown): call is Fn<unknown> {
  return typeof call === 'object' && call !== null && 'kind' in call && call.kind === 'fn' && 'body' in call;
}

function isBody(value: unknown): value is TaskBody {
  return typeof value === 'function';
}
