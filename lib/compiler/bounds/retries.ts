/** How often a state may be tried again. */
import type { Retrier, TaskState } from '../../asl/states.ts';
import { ENGINES } from '../../engines/all.ts';
import { JOB_TIMEOUT } from '../../engines/called.ts';
import { FUNCTION_TIMEOUT_SECONDS, TRY_TIMEOUT } from '../../model/task.ts';
import { isRenewed } from '../renewals.ts';
import { RENEWAL, WAIT_TIMEOUT } from '../waiting-states.ts';
import type { Hint } from './hints.ts';

/**
 * Errors that say "not yet": a job that still runs, a thing that is not there. They end with time, not by a count.
 */
const NOT_YET = /\.NotReady$/;

/** Faults of a service: tried again until they pass. They count in no bound, which leaves room for them instead. */
const SERVICE_FAULT =
  /^(Lambda\.(ServiceException|AWSLambdaException|SdkClientException|TooManyRequestsException)|Engine\.Busy)$/;

/** A try took all its time. */
const TIMEOUTS: ReadonlySet<string> = new Set(['States.Timeout', TRY_TIMEOUT, JOB_TIMEOUT]);

/** Of engines that Step Functions runs itself. */
const BUSY_ENGINES: ReadonlySet<string> = new Set(ENGINES.flatMap(({ sync }) => sync?.busy.join(' ') ?? []));

/** Step Functions' default. @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const DEFAULT_ATTEMPTS = 3;

/**
 * Most retries of one visit of a state: the author's, looks at what is not ready yet, and renewals of a wait whose time
 * is over. Retries after a fault of a service (a throttled call, a lost connection) are left out.
 */
export function mostRetries(state: TaskState, hint: Hint, runSeconds: number): number {
  return (state.Retry ?? []).reduce((sum, retrier) => sum + retriesOf(state, retrier, hint, runSeconds), 0);
}

function retriesOf(state: TaskState, retrier: Retrier, hint: Hint, runSeconds: number): number {
  const { ErrorEquals, MaxAttempts = DEFAULT_ATTEMPTS } = retrier;
  if (MaxAttempts === 0 || isServiceFault(state, retrier)) return 0;
  if (ErrorEquals.every((error) => NOT_YET.test(error)))
    return Math.min(MaxAttempts, waitsWithin(hint.pollSeconds ?? runSeconds, retrier));
  if (ErrorEquals.every((error) => TIMEOUTS.has(error)))
    return Math.min(MaxAttempts, renewals(state, retrier, { ...hint, runSeconds }));
  return Math.min(MaxAttempts, waitsWithin(runSeconds, retrier));
}

/** A call of the machine's own to another service fails for no other reason. */
function isServiceFault({ Resource }: TaskState, { ErrorEquals }: Retrier): boolean {
  if (ErrorEquals.every((error) => SERVICE_FAULT.test(error))) return true;
  if (BUSY_ENGINES.has(ErrorEquals.join(' '))) return true;
  return Resource.includes(':aws-sdk:') && ErrorEquals.includes('States.ALL');
}

/** A function that gives up before Step Functions does has worked so long, seconds: the rest is its start and its end. */
const LEAST_OF_CALL = FUNCTION_TIMEOUT_SECONDS - 10;

interface Times extends Pick<Hint, 'pollSeconds'> {
  readonly runSeconds: number;
}

/** Every one is preceded by a try that took all its time. */
function renewals(
  { TimeoutSeconds }: TaskState,
  retrier: Retrier,
  { runSeconds, pollSeconds = runSeconds }: Times,
): number {
  if (TimeoutSeconds === WAIT_TIMEOUT) return waitsWithin(runSeconds, RENEWED);
  if (isRenewed(TimeoutSeconds)) return renewalsWithin(Math.min(pollSeconds, runSeconds)) + 1;
  const { ErrorEquals, IntervalSeconds = 1 } = retrier;
  const longest = ErrorEquals.includes(TRY_TIMEOUT) ? LEAST_OF_CALL : Number.POSITIVE_INFINITY;
  const each = Math.min(typeof TimeoutSeconds === 'number' ? TimeoutSeconds : 0, longest) + IntervalSeconds;
  return waitsWithin(runSeconds, { ...retrier, IntervalSeconds: each });
}

const RENEWED: Retrier = {
  ErrorEquals: [],
  IntervalSeconds: RENEWAL.seconds,
  BackoffRate: RENEWAL.factor,
  MaxDelaySeconds: RENEWAL.longestSeconds,
};

/** How often a wait is renewed in that time; the last one ends with it. */
export function renewalsWithin(seconds: number): number {
  return Math.max(0, waitsWithin(seconds, RENEWED) - 1);
}

/**
 * Waits of a retrier until `seconds` are over: the fewest that together take as long. With jitter a wait may take no
 * time at all.
 */
export function waitsWithin(seconds: number, retrier: Retrier): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
  if (retrier.JitterStrategy === 'FULL' || IntervalSeconds <= 0) return Number.POSITIVE_INFINITY;
  let wait = IntervalSeconds;
  let left = seconds;
  for (let waits = 0; ; waits++) {
    if (left <= 0) return waits;
    const steady = BackoffRate <= 1 || wait >= MaxDelaySeconds;
    if (steady) return waits + Math.ceil(left / Math.min(wait, MaxDelaySeconds));
    left -= wait;
    wait = Math.min(wait * BackoffRate, MaxDelaySeconds);
  }
}
