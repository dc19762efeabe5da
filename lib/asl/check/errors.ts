/**
 * Retry and Catch.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
import { MAX_RETRY_ATTEMPTS, MAX_RETRY_DELAY_SECONDS, MAX_RETRY_INTERVAL_SECONDS } from '../limits.ts';
import { allow, entries, number, oneOf, type Place, required, text } from './values.ts';

const RETRIER = new Set(
  'Comment ErrorEquals IntervalSeconds MaxAttempts BackoffRate MaxDelaySeconds JitterStrategy'.split(' '),
);
const CATCHER = new Set('Comment ErrorEquals Next Assign Output'.split(' '));
const CATCHER_JSONPATH = new Set('Comment ErrorEquals Next Assign ResultPath'.split(' '));

export function checkRetry(state: Place): void {
  const retriers = entries(state, 'Retry');
  retriers.forEach((retrier, index) => {
    allow(retrier, RETRIER);
    checkErrorEquals(retrier, index === retriers.length - 1);
    number(retrier, 'IntervalSeconds', { min: 0, max: MAX_RETRY_INTERVAL_SECONDS, constant: true });
    number(retrier, 'MaxAttempts', { min: 0, max: MAX_RETRY_ATTEMPTS, constant: true });
    number(retrier, 'BackoffRate', { min: 1, fraction: true, constant: true });
    number(retrier, 'MaxDelaySeconds', { min: 1, max: MAX_RETRY_DELAY_SECONDS, constant: true });
    oneOf(retrier, 'JitterStrategy', ['NONE', 'FULL']);
  });
}

export function checkCatch(state: Place): void {
  const catchers = entries(state, 'Catch');
  catchers.forEach((catcher, index) => {
    allow(catcher, state.jsonata ? CATCHER : CATCHER_JSONPATH);
    checkErrorEquals(catcher, index === catchers.length - 1);
    required(catcher, 'Next');
    text(catcher, 'Next');
  });
}

function checkErrorEquals(entry: Place, last: boolean): void {
  required(entry, 'ErrorEquals');
  const names = entry.object['ErrorEquals'];
  if (names === undefined) return;
  const path = `${entry.path}/ErrorEquals`;
  if (!Array.isArray(names)) {
    entry.findings.refuse(path, 'Expected value of type [ARRAY]');
    return;
  }
  if (names.length === 0) entry.findings.refuse(path, 'Value cannot be empty');
  names.forEach((name: unknown, index) => {
    if (typeof name !== 'string')
      entry.findings.refuse(`${path}[${index}]`, 'Expected value of type [STRING]');
  });
  if ((names.length > 1 || !last) && hasCatchAll(names))
    entry.findings.refuse(path, 'States.ALL must appear alone and at end of list');
}

function hasCatchAll(names: readonly unknown[]): boolean {
  return names.includes('States.ALL');
}
