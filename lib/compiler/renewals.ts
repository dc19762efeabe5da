/** Waits for a token that are renewed now and then, so that a lost wake-up is noticed, and end after a time in all. */
import { expr, isExpression, unwrap } from '../asl/jsonata.ts';
import type { Num, Retrier } from '../asl/states.ts';
import { RENEWAL } from './waiting-states.ts';

const START = '$max([1, $min([';

/** Of a try of the wait: as long as those of latches, and no longer than what is left of `seconds`. */
export function renewedTimeout(seconds: number): string {
  const renewed = `${RENEWAL.seconds} * $power(${RENEWAL.factor}, $states.context.State.RetryCount), ${RENEWAL.longestSeconds}`;
  const waited = '($millis() - $toMillis($states.context.State.EnteredTime)) / 1000';
  return expr(`${START}${renewed}, $ceil(${seconds} - ${waited})])])`);
}

/** True for what {@link renewedTimeout} gives. */
export function isRenewed(timeout: Num | undefined): boolean {
  return isExpression(timeout) && unwrap(timeout).startsWith(START);
}

/** The wait is made anew, with another token; so often that one of them is past the time in all, or the last ends with it. */
export function renewalRetrier(attempts: number): Retrier {
  return { ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: attempts, BackoffRate: 1 };
}
