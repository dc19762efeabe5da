/** What a task's own retry rules are in its state. */
import type { Retrier } from '../asl/states.ts';
import { toSeconds } from '../base/duration.ts';
import { engineNamed } from '../engines/all.ts';
import { JOB_TIMEOUT, REFUSED } from '../engines/called.ts';
import {
  type CallNode,
  DEFAULT_RETRY_DELAY_SECONDS,
  type RetryRule,
  type TaskNode,
  TRY_TIMEOUT,
} from '../model/task.ts';
import { answeredBy } from './answers.ts';

export const WILDCARDS: ReadonlySet<string> = new Set(['States.ALL', 'States.TaskFailed']);

const ANY = 'States.ALL';
const STATE_TIMEOUT = 'States.Timeout';

/**
 * The author's rules in their order, and ahead of the first one for every error what that does not mean: `FailTask`,
 * `SkipTask` and what an engine refuses are retried by a rule that names them, whichever it is.
 */
export function authorRetriers(task: TaskNode): readonly Retrier[] {
  const rules = rulesOf(task).map(retrierOf);
  const wild = rules.findIndex(({ ErrorEquals }) => ErrorEquals.some((name) => WILDCARDS.has(name)));
  if (wild === -1) return rules;
  const before = rules.slice(0, wild);
  const told = new Set(before.flatMap(({ ErrorEquals }) => ErrorEquals));
  const named = byNameOnly(task.call)
    .map((names) => names.filter((name) => !told.has(name)))
    .flatMap((names) => rulesNaming(names, rules));
  const timeouts = timeoutRetriers(timeoutsOf(task.call), rules, wild);
  const lifted = new Set(timeouts.flatMap(({ ErrorEquals }) => ErrorEquals));
  const rest = untilCatchAll(rules.slice(wild)).flatMap((rule, index) =>
    index === 0 ? [rule] : without(lifted, rule),
  );
  return [...before, ...named, never('States.QueryEvaluationError'), ...timeouts, ...rest];
}

export function never(...names: readonly string[]): Retrier {
  return { ErrorEquals: names, MaxAttempts: 0 };
}

/** What a rule for every error does not mean; names that stand together are met together. */
function byNameOnly(call: CallNode): readonly (readonly string[])[] {
  const names = [['SkipTask'], ['FailTask']];
  if (call.kind === 'sensor') return call.sensor === 'fn' ? names : [...names, [REFUSED]];
  if (call.kind !== 'engine') return names;
  return [...names, [REFUSED, ...(engineNamed(call.engine)?.refused ?? [])]];
}

/**
 * Errors of a try whose time was over, `States.Timeout` first: Step Functions gave it up, or its function did, or the
 * function gave up a job that it looked at. On a laptop all of them are the first.
 */
function timeoutsOf(call: CallNode): readonly string[] {
  if (answeredBy(call) !== 'function') return [];
  return call.kind === 'engine' ? [STATE_TIMEOUT, TRY_TIMEOUT, JOB_TIMEOUT] : [STATE_TIMEOUT, TRY_TIMEOUT];
}

/** One rule is for all errors of a try whose time was over, but those that another one names. */
function rulesOf({ call, retries }: TaskNode): readonly RetryRule[] {
  const timeouts = timeoutsOf(call);
  const named = new Set(retries.flatMap(({ on = [] }) => on));
  const first = [STATE_TIMEOUT, JOB_TIMEOUT].find((name) => timeouts.includes(name) && named.has(name));
  if (first === undefined) return retries;
  const others = timeouts.filter((name) => !named.has(name));
  return retries.map((rule) => (rule.on?.includes(first) ? { ...rule, on: [...rule.on, ...others] } : rule));
}

/**
 * `States.TaskFailed` is for every error but a try's time that is over, whose name only the first of `timeouts` says to Step
 * Functions: the others stand ahead of it, with the rule that is for them.
 */
function timeoutRetriers(
  timeouts: readonly string[],
  rules: readonly Retrier[],
  wild: number,
): readonly Retrier[] {
  const upTo = rules.slice(0, wild + 1).flatMap(({ ErrorEquals }) => ErrorEquals);
  if (upTo.includes(ANY)) return [];
  const left = timeouts.filter((name) => !upTo.includes(name));
  if (left.every((name) => name === STATE_TIMEOUT)) return [];
  const behind = rules.slice(wild + 1);
  const ruleFor = (name: string) =>
    behind.find(({ ErrorEquals }) => ErrorEquals.includes(name) || ErrorEquals.includes(ANY));
  const found = new Set(left.map(ruleFor));
  return [...found].flatMap((rule) => {
    const ErrorEquals = left.filter((name) => ruleFor(name) === rule);
    return rule === undefined ? [never(...ErrorEquals)] : [{ ...rule, ErrorEquals }];
  });
}

/** What is left of a rule behind `States.TaskFailed`; one for every error has nothing but those of `lifted`. */
function without(lifted: ReadonlySet<string>, rule: Retrier): readonly Retrier[] {
  if (lifted.size === 0) return [rule];
  const ErrorEquals = rule.ErrorEquals.filter((name) => name !== ANY && !lifted.has(name));
  return ErrorEquals.length === 0 ? [] : [{ ...rule, ErrorEquals }];
}

/** Those that a rule names, with it; the others together, never. */
function rulesNaming(names: readonly string[], rules: readonly Retrier[]): readonly Retrier[] {
  const ruleOf = (name: string) => rules.find(({ ErrorEquals }) => ErrorEquals.includes(name));
  const own = names.flatMap((name) => {
    const rule = ruleOf(name);
    return rule === undefined ? [] : [{ ...rule, ErrorEquals: [name] }];
  });
  const others = names.filter((name) => ruleOf(name) === undefined);
  return others.length === 0 ? own : [...own, never(...others)];
}

/** A rule behind one for every error can never match, and Step Functions refuses it. */
function untilCatchAll(rules: readonly Retrier[]): readonly Retrier[] {
  const last = rules.findIndex(({ ErrorEquals }) => ErrorEquals.includes(ANY));
  return last === -1 ? rules : rules.slice(0, last + 1);
}

/** One rule, for every error where it names none. */
export function retrierOf(rule: RetryRule): Retrier {
  const delay = toSeconds(rule.delay) ?? DEFAULT_RETRY_DELAY_SECONDS;
  const maxDelay = toSeconds(rule.maxDelay) ?? Number.POSITIVE_INFINITY;
  const backoff = rule.backoff ?? 1;
  // Step Functions wants a cap above the first wait: a lower one makes every wait the same.
  const grows = backoff > 1 && maxDelay > delay;
  return {
    ErrorEquals: rule.on ?? [ANY],
    IntervalSeconds: Math.min(delay, maxDelay),
    MaxAttempts: rule.attempts,
    BackoffRate: grows ? backoff : 1,
    ...(grows && Number.isFinite(maxDelay) ? { MaxDelaySeconds: maxDelay } : {}),
    ...(rule.jitter ? { JitterStrategy: 'FULL' as const } : {}),
  };
}
