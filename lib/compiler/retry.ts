import type { Retrier } from '../asl/states.ts';
import { toSeconds } from '../base/duration.ts';
import { NOT_READY, SENSOR_TIMEOUT } from '../engines/sensor.ts';
import {
  DEFAULT_RETRY_DELAY_SECONDS,
  type PokeNode,
  type RetryRule,
  type TaskNode,
  TRY_TIMEOUT,
} from '../model/task.ts';
import { answeredBy, isRunWait } from './answers.ts';
import { renewalsWithin, waitsWithin } from './bounds/retries.ts';
import { renewalRetrier } from './renewals.ts';
import { longestWait } from './try-time.ts';

/**
 * Lambda's own faults: tried again at once and often, outside the author's retries.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/sfn-best-practices.html#bp-lambda-serviceexception
 */
export const LAMBDA_BUSY: Retrier = {
  ErrorEquals: [
    'Lambda.ServiceException',
    'Lambda.AWSLambdaException',
    'Lambda.SdkClientException',
    'Lambda.TooManyRequestsException',
  ],
  MaxAttempts: 20,
  MaxDelaySeconds: 60,
  JitterStrategy: 'FULL',
};

/** An external job that is not done yet: the poll loop of an engine, in one state. */
const POLL: Retrier = {
  ErrorEquals: ['Engine.NotReady'],
  IntervalSeconds: 10,
  MaxAttempts: 100_000,
  BackoffRate: 1.3,
  MaxDelaySeconds: 60,
};

export const ENGINE_BUSY: Retrier = {
  ErrorEquals: ['Engine.Busy'],
  IntervalSeconds: 5,
  MaxAttempts: 20,
  BackoffRate: 2,
  MaxDelaySeconds: 120,
  JitterStrategy: 'FULL',
};

export const WILDCARDS: ReadonlySet<string> = new Set(['States.ALL', 'States.TaskFailed']);

/**
 * A task's `Retry`: the busy ones and polls, what no rule may retry, then the author's rules in their order;
 * `FailTask` and `SkipTask` only by name.
 */
export function retriersOf(task: TaskNode): readonly Retrier[] {
  return [LAMBDA_BUSY, ...retriersOfCall(task), ...authorRetriers(task)];
}

function retriersOfCall(task: TaskNode): readonly Retrier[] {
  const { call } = task;
  if (isRunWait(call)) return renewing(task);
  if (call.kind === 'engine') return [POLL, ENGINE_BUSY];
  if (call.kind === 'sensor') return [pokeRetrier(call.poke), never(SENSOR_TIMEOUT)];
  // An approval's time is in all, and no is no.
  return call.kind === 'approve' ? [never('Approval.Rejected'), never('States.Timeout')] : [];
}

/** The handler of a sensor ends the wait whose time is over; that of `trigger.dag` cannot name its error. */
function renewing(task: TaskNode): readonly Retrier[] {
  if (task.call.kind === 'sensor') return [renewalRetrier(99_999_999), never(SENSOR_TIMEOUT)];
  return [renewalRetrier(renewalsWithin(longestWait(task)))];
}

/** A sensor's looks: so many that one of them is past its timeout, and ends it. */
function pokeRetrier({ pokeEvery: delay, backoff, maxPokeEvery, timeout }: PokeNode): Retrier {
  const capped = maxPokeEvery === undefined ? {} : { maxDelay: maxPokeEvery };
  const retrier = retrierOf({ on: [NOT_READY], attempts: 0, delay, backoff, ...capped });
  return { ...retrier, MaxAttempts: waitsWithin(toSeconds(timeout) ?? 0, retrier) };
}

function never(name: string): Retrier {
  return { ErrorEquals: [name], MaxAttempts: 0 };
}

/** What a rule for every error does not mean: each is retried only by a rule that names it, wherever it stands. */
const BY_NAME_ONLY = ['SkipTask', 'FailTask'];

function authorRetriers(task: TaskNode): readonly Retrier[] {
  const rules = rulesOf(task).map(retrierOf);
  const wild = rules.findIndex(({ ErrorEquals }) => ErrorEquals.some((name) => WILDCARDS.has(name)));
  if (wild === -1) return rules;
  const before = new Set(rules.slice(0, wild).flatMap(({ ErrorEquals }) => ErrorEquals));
  const named = BY_NAME_ONLY.filter((name) => !before.has(name)).map((name) => ruleNaming(name, rules));
  const expression = never('States.QueryEvaluationError');
  return [...rules.slice(0, wild), ...named, expression, ...untilCatchAll(rules.slice(wild))];
}

/** A function whose time is over says so by a name of its own: one rule is for both, unless one is for that alone. */
function rulesOf({ call, retries }: TaskNode): readonly RetryRule[] {
  const isNamed = retries.some(({ on }) => on?.includes(TRY_TIMEOUT));
  if (answeredBy(call) !== 'function' || isNamed) return retries;
  return retries.map((rule) =>
    rule.on?.includes('States.Timeout') ? { ...rule, on: [...rule.on, TRY_TIMEOUT] } : rule,
  );
}

function ruleNaming(name: string, rules: readonly Retrier[]): Retrier {
  const rule = rules.find(({ ErrorEquals }) => ErrorEquals.includes(name));
  return rule === undefined ? never(name) : { ...rule, ErrorEquals: [name] };
}

/** A rule behind one for every error can never match, and Step Functions refuses it. */
function untilCatchAll(rules: readonly Retrier[]): readonly Retrier[] {
  const last = rules.findIndex(({ ErrorEquals }) => ErrorEquals.includes('States.ALL'));
  return last === -1 ? rules : rules.slice(0, last + 1);
}

function retrierOf(rule: RetryRule): Retrier {
  const delay = toSeconds(rule.delay) ?? DEFAULT_RETRY_DELAY_SECONDS;
  const maxDelay = toSeconds(rule.maxDelay) ?? Number.POSITIVE_INFINITY;
  const backoff = rule.backoff ?? 1;
  // Step Functions wants a cap above the first wait: a lower one makes every wait the same.
  const grows = backoff > 1 && maxDelay > delay;
  return {
    ErrorEquals: rule.on ?? ['States.ALL'],
    IntervalSeconds: Math.min(delay, maxDelay),
    MaxAttempts: rule.attempts,
    BackoffRate: grows ? backoff : 1,
    ...(grows && Number.isFinite(maxDelay) ? { MaxDelaySeconds: maxDelay } : {}),
    ...(rule.jitter ? { JitterStrategy: 'FULL' as const } : {}),
  };
}
