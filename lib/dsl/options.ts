import type { Duration } from '../base/duration.ts';
import type { SourceLocation } from '../base/errors.ts';
import { isObject } from '../base/json.ts';
import { nearest } from '../base/suggest.ts';
import type { RetryRule } from '../model/task.ts';
import type { TriggerRule } from '../model/trigger-rule.ts';
import { report } from './collect.ts';
import { kindOf } from './kind-of.ts';

/** A class of errors: `FailTask`, or one of your own. */
export type ErrorClass = abstract new (...args: never) => Error;

/** When and how often a failed try is followed by another. */
export interface Retry {
  /**
   * Errors it is for: a name (`'Throttled'`, `'Http.503'`, `'States.Timeout'`), a class, or a list of both.
   *
   * @default every error but FailTask
   */
  readonly on?: string | ErrorClass | readonly (string | ErrorClass)[];
  /** Tries after the first; 0: none. */
  readonly attempts: number;
  /** Wait before the second try: `'30s'`, `'5m'`. @default '5m' */
  readonly delay?: Duration;
  /** Factor from one wait to the next, at least 1. @default 1 */
  readonly backoff?: number;
  /** Longest wait. @default none */
  readonly maxDelay?: Duration;
  /** Each wait is drawn from [0, the wait], so that many tasks do not retry at once. @default false */
  readonly jitter?: boolean;
}

/** `3`: three more tries. A list: the first rule that is for the error counts, each by itself. */
export type Retries = number | Retry | readonly Retry[];

/** What a DAG or group says for each of its tasks that does not say it itself. */
export interface Defaults {
  /** @default none */
  readonly retries?: Retries;
  /** Longest one try may take: `'30m'`. @default the engine's; of a function 15 minutes */
  readonly timeout?: Duration;
  /** @default 'all_success' */
  readonly triggerRule?: Exclude<TriggerRule, 'all_done_setup_success'>;
  /** Who is told, and asked. @default the DAG's */
  readonly owner?: string;
  /** @default [] */
  readonly tags?: readonly string[];
  /** The run waits until the task is success or skipped in the run before; the first run waits for none. @default false */
  readonly dependsOnPast?: boolean;
  /** Also until its direct downstream tasks are; means `dependsOnPast`, too. @default false */
  readonly waitForDownstream?: boolean;
}

export const DEFAULTS_OPTIONS = [
  'retries',
  'timeout',
  'triggerRule',
  'owner',
  'tags',
  'dependsOnPast',
  'waitForDownstream',
] as const satisfies readonly (keyof Defaults)[];
const RETRY_OPTIONS = ['on', 'attempts', 'delay', 'backoff', 'maxDelay', 'jitter'] as const;

/** Tells every option that does not exist, with the one that was meant. */
export function knownOptions(
  options: object,
  known: readonly string[],
  path: string,
  at?: SourceLocation,
): void {
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    report({
      code: 'unknown-option',
      path: path === '' ? name : `${path} › ${name}`,
      message: 'is no option',
      remedy: near === undefined ? `write one of ${known.join(', ')}` : `did you mean "${near}"?`,
      ...(at === undefined ? {} : { at }),
    });
  }
}

/** Retries as rules; what is out of range stays, for the rules of `compiler/rules/` to tell. */
export function retryRules(
  retries: Retries | undefined,
  path: string,
  at?: SourceLocation,
): readonly RetryRule[] {
  if (retries === undefined) return [];
  if (typeof retries === 'number') return retries === 0 ? [] : [{ attempts: retries }];
  const list: readonly Retry[] = Array.isArray(retries) ? retries : [retries];
  return list.flatMap((retry: unknown, index): readonly RetryRule[] => {
    const rule = ruleAt(retry, Array.isArray(retries) ? `${path}[${index}]` : path, at);
    return rule === undefined ? [] : [rule];
  });
}

/** Retries of a group or a run: one rule, for whatever failed. `on` stays, for a rule to tell. */
export function oneRetryRule(retries: unknown, path: string, at?: SourceLocation): RetryRule | undefined {
  return typeof retries === 'number' ? { attempts: retries } : ruleAt(retries, path, at);
}

function ruleAt(retry: unknown, path: string, at?: SourceLocation): RetryRule | undefined {
  if (isObject(retry)) {
    knownOptions(retry, RETRY_OPTIONS, path, at);
    return ruleOf(retry);
  }
  report({
    code: 'retries',
    path,
    message: `must be a number of tries or a rule, got ${kindOf(retry)}`,
    remedy: "write { attempts: 3, delay: '1m' }",
    ...(at === undefined ? {} : { at }),
  });
  return undefined;
}

function ruleOf({ on, ...rest }: object & { readonly on?: unknown }): RetryRule {
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  // What is out of range stays: the rules tell it.
  const rule = given as object as Omit<RetryRule, 'on'>;
  if (on === undefined) return rule;
  const errors = (Array.isArray(on) ? on : [on]) as readonly (string | ErrorClass)[];
  return { on: errors.map((error) => (typeof error === 'string' ? error : error.name)), ...rule };
}
