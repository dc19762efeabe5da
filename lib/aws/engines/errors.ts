/** Errors of engines, by the names that the machine's retriers know. */
import { JOB_TIMEOUT, REFUSED } from '../../engines/called.ts';
import { namedError } from '../../runtime/named-error.ts';
import { taskErrorOf } from '../../runtime/task-error-of.ts';

export { JOB_TIMEOUT, REFUSED };

/** The job goes on: the same state asks again. */
export const NOT_READY = 'Engine.NotReady';
/** Throttled, or out of reach: the same submission is made again. */
export const BUSY = 'Engine.Busy';
export const JOB_FAILED = 'Engine.JobFailed';

type EngineErrorName =
  | typeof NOT_READY
  | typeof BUSY
  | typeof REFUSED
  | typeof JOB_FAILED
  | typeof JOB_TIMEOUT;

export function engineError(name: EngineErrorName, message: string, options?: ErrorOptions): Error {
  return namedError(name, message, options);
}

export function isEngineError(error: unknown, name: EngineErrorName): boolean {
  return error instanceof Error && error.name === name;
}

/** Shorter ones would be found in innocent text. */
const SHORTEST_SECRET = 6;

/** The error, or a text as one, under the name that retry rules know, with every secret in its text replaced by `***`. */
export function redacted(thrown: unknown, secrets: readonly string[]): Error {
  const { error: name, causeText } = taskErrorOf(thrown);
  const told = withoutSecrets(causeText, secrets);
  if (thrown instanceof Error && thrown.name === name && told === causeText) return thrown;
  return namedError(name, told);
}

export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .reduce((told, secret) => told.replaceAll(secret, '***'), text);
}
