/** Which faults of AWS's services mean that the same call may succeed later. */
import { BUSY, engineError } from './errors.ts';

/**
 * Names by which services throttle, or say that they are not well.
 *
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
 */
const BUSY_NAMES =
  /Throttl|TooManyRequests|RequestLimitExceeded|ProvisionedThroughputExceeded|SlowDown|InternalServer|InternalFailure|ServiceUnavailable|TransactionConflict|Timeout|^InternalError$|^Network$/;

/** Faults of the network: whether the call has had an effect is unknown. */
const NETWORK_CODES = /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN|ENOTFOUND|UND_ERR|ERR_STREAM_PREMATURE_CLOSE)/;

/** `Engine.Busy` where the fault passes, else what `other` makes of it. */
export function busyOr(thrown: unknown, other: (error: Error) => Error): Error {
  if (!(thrown instanceof Error)) return other(new Error(String(thrown)));
  const passes = BUSY_NAMES.test(thrown.name) || isNetwork(thrown) || statusOf(thrown) >= 500;
  return passes ? engineError(BUSY, `${thrown.name}: ${thrown.message}`, { cause: thrown }) : other(thrown);
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
