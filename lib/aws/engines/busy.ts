/** Which faults of AWS's services mean that the same call may succeed later. */
import { BUSY, engineError } from './errors.ts';

/**
 * Names by which services throttle, or say that they are not well.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const BUSY_NAMES =
  /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown|InternalServer|InternalFailure|ServiceUnavailable|TransactionConflict|Timeout|^InternalError$|\.Network$/;

/** Faults of the network: whether the call has had an effect is unknown. */
const NETWORK_CODES = /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|UND_ERR|ERR_STREAM_PREMATURE_CLOSE)/;

/** `Engine.Busy` where the fault passes, else what `other` makes of it. */
export function busyOr(thrown: unknown, other: (error: Error) => Error): Error {
  if (!(thrown instanceof Error)) return other(new Error(String(thrown)));
  return isPassing(thrown)
    ? engineError(BUSY, `${thrown.name}: ${thrown.message}`, { cause: thrown })
    : other(thrown);
}

/** Whether it is a fault that passes; whether the call has had an effect is unknown. */
export function isPassing(error: Error): boolean {
  const status = statusOf(error);
  return BUSY_NAMES.test(error.name) || isNetwork(error) || status === 429 || status >= 500;
}

function isNetwork(error: Error): boolean {
  return 'code' in error && typeof error.code === 'string' && NETWORK_CODES.test(error.code);
}

function statusOf(error: Error): number {
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const status =
    typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
      ? metadata.httpStatusCode
      : 0;
  return typeof status === 'number' ? status : 0;
}
