import { isObject } from '../base/json.ts';
import type { Callbacks } from '../model/dag.ts';
import { kindOf } from './kind-of.ts';
import { withoutUndefined } from './placed.ts';
import type { Tell } from './reading.ts';

/** Somebody who is told, by a name; who that is, the environment says. */
export interface Notifier {
  readonly kind: 'notifier';
  readonly name: string;
}

/** Who is told: one, or several. */
export type Told = Notifier | readonly Notifier[];

/** Who is told of what. */
export interface CallbackOptions {
  /** It failed, and will not be tried again. @default of a run the environment's default notifier; of a task nobody */
  readonly onFailure?: Told;
  /** @default nobody */
  readonly onSuccess?: Told;
  /** A try failed, and another follows; of a DAG: of each of its tasks. @default nobody */
  readonly onRetry?: Told;
  /** It was skipped; of a DAG: each of its tasks. @default nobody */
  readonly onSkipped?: Told;
  /** Its `deadline` is over, and it is not done. @default those of onFailure */
  readonly onLate?: Told;
}

export const CALLBACK_OPTIONS = [
  'onFailure',
  'onSuccess',
  'onRetry',
  'onSkipped',
  'onLate',
] as const satisfies readonly (keyof Callbacks)[];

/**
 * Somebody who is told how runs and tasks end, for `onFailure`, `onLate` and the like. The environments of
 * `tutti.config.ts` say what the name means in each: `notifiers: { oncall: { kind: 'webhook', url } }`.
 *
 * @example const oncall = notifier('oncall'); … dag('sales', { onFailure: oncall }, …)
 */
export function notifier(name: string): Notifier {
  return Object.freeze({ kind: 'notifier', name });
}

/** The names by what they are told of; what is no notifier goes to `tell`. */
export function callbacksOf(options: CallbackOptions, tell: Tell): Callbacks | undefined {
  const named = Object.fromEntries(
    CALLBACK_OPTIONS.map((option) => [option, namesOf(options[option], option, tell)] as const),
  );
  const callbacks = withoutUndefined<Callbacks>(named);
  return Object.keys(callbacks).length === 0 ? undefined : callbacks;
}

function namesOf(given: unknown, option: string, tell: Tell): readonly string[] | undefined {
  if (given === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  return list.flatMap((one) => {
    if (isNotifier(one)) return [one.name];
    tell(
      {
        code: 'not-a-notifier',
        message: `must be a notifier, got ${kindOf(one)}`,
        remedy: `write const oncall = notifier('oncall'), then { ${option}: oncall }`,
      },
      option,
    );
    return [];
  });
}

function isNotifier(value: unknown): value is Notifier {
  return isObject(value) && value['kind'] === 'notifier' && typeof value['name'] === 'string';
}
