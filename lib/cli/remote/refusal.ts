/** Answers that are no success, as the refusals that commands know. */
import { RefusedError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';

export interface Refused {
  readonly environment: string;
  /** Whether it was only read. */
  readonly reads: boolean;
  /** Action and resource: `lambda:InvokeFunctionUrl of tutti-prod-api-read`. */
  readonly what: string;
}

/** A problem of the API is the same refusal that it was there; what AWS says before the API is asked is told with its remedy. */
export function refusalOf({ status, headers }: Response, text: string, of: Refused): RefusedError {
  const body = objectIn(text);
  const isProblem = /^application\/problem\+json/.test(headers.get('content-type') ?? '');
  if (isProblem && typeof body['code'] === 'string')
    return problemOf(body['code'], String(body['detail'] ?? body['code']), of);
  const said = String(body['Message'] ?? body['message'] ?? body['__type'] ?? text.slice(0, 200)).slice(
    0,
    300,
  );
  const kind = `${body['__type'] ?? ''} ${said}`;
  // Too old, or the clock of this machine is wrong: a signature is good for five minutes.
  if (/signature (?:expired|not yet current)/i.test(kind)) return clockSkew(said);
  if (/expired/i.test(kind)) return expired(said);
  if (
    /signature.*(?:not match|mismatch)|InvalidSignature|UnrecognizedClient|InvalidClientToken|security token.*invalid/i.test(
      kind,
    )
  )
    return invalid(said);
  if (status === 403 || status === 401 || /AccessDenied|not authorized/i.test(kind))
    return forbidden(said, of);
  return new RefusedError(
    'unreachable',
    `tutti › ${of.environment}: must answer, got ${status}${said === '' ? '' : ` "${said}"`}; try again in a moment`,
  );
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** Of our own mistakes the API says nothing: the log has all. */
function problemOf(code: string, detail: string, { environment, what }: Refused): RefusedError {
  if (code !== 'internal') return new RefusedError(code, detail);
  return new RefusedError(
    code,
    `tutti › ${environment}: must not fail, but ${what.split(' of ').at(-1)} did; look why: aws logs tail /tutti/${environment} --since 10m --filter-pattern ERROR`,
  );
}

function forbidden(said: string, { environment, reads, what }: Refused): RefusedError {
  const policy = `tutti-${environment}-${reads ? 'reader' : 'operator'}`;
  const other = reads ? ` (or tutti-${environment}-operator, which may also change things)` : '';
  return new RefusedError(
    'forbidden',
    `tutti › ${environment}: must be allowed to you, got 403 "${said}" for ${what}; ask for the managed policy ${policy}${other}, or use another AWS_PROFILE`,
  );
}

function expired(said: string): RefusedError {
  return new RefusedError(
    'expired-credentials',
    `tutti › AWS credentials: must be valid, got expired ones ("${said}"); sign in again: aws sso login`,
  );
}

function invalid(said: string): RefusedError {
  return new RefusedError(
    'invalid-credentials',
    `tutti › AWS credentials: must be of this account and right, got ones that AWS does not know ("${said}"); look at aws sts get-caller-identity`,
  );
}

function clockSkew(said: string): RefusedError {
  return new RefusedError(
    'clock-skew',
    `tutti › clock: must be right within five minutes, got a signature out of its time ("${said}"); set the clock of this machine`,
  );
}
