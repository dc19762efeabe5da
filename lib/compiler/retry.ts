import type { Retrier } from '../asl/states.ts';
import { toSeconds } from '../base/duration.ts';
import { NOT_READY, SENSOR_TIMEOUT } from '../engines/sensor.ts';
import type { PokeNode, TaskNode } from '../model/task.ts';
import { isRunWait } from './answers.ts';
import { authorRetriers, never, retrierOf } from './author-retries.ts';
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

/** A task's `Retry`: the busy ones and polls, what no rule may retry, then the author's rules. */
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
