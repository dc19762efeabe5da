import { DefinitionError, RefusedError } from '../base/errors.ts';

/** What the process answers to the shell. */
export const EXIT = {
  ok: 0,
  /** The thing itself failed: a run, a check. */
  failed: 1,
  /** The command was not understood: an unknown flag, a param of the wrong type. */
  usage: 2,
  notFound: 3,
  /** Somebody else holds what is needed: the database file, this folder's runs. */
  conflict: 5,
  timedOut: 6,
  /** Ctrl-C: 128 + SIGINT, as shells do. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Refusals that are not simply "failed". */
const BY_CODE: Readonly<Record<string, ExitCode>> = {
  usage: EXIT.usage,
  'unknown-param': EXIT.usage,
  'invalid-param': EXIT.usage,
  'missing-param': EXIT.usage,
  'invalid-params': EXIT.usage,
  'invalid-date': EXIT.usage,
  'invalid-logical-date': EXIT.usage,
  'unknown-dag': EXIT.notFound,
  'unknown-run': EXIT.notFound,
  'unknown-task': EXIT.notFound,
  'no-pipelines': EXIT.notFound,
  'root-not-found': EXIT.notFound,
  'invalid-choice': EXIT.usage,
  'invalid-instant': EXIT.usage,
  'invalid-script': EXIT.usage,
  'no-run': EXIT.notFound,
  'params-of-run': EXIT.usage,
  'run-goes-on': EXIT.conflict,
  'other-version': EXIT.conflict,
  'no-code': EXIT.conflict,
  'upstream-not-done': EXIT.conflict,
  'output-not-recorded': EXIT.conflict,
  'rerun-too-large': EXIT.conflict,
  'database-locked': EXIT.conflict,
  'run-ended': EXIT.conflict,
  'already-answered': EXIT.conflict,
  'not-waiting': EXIT.conflict,
  'run-exists': EXIT.conflict,
  'not-a-folder': EXIT.usage,
  'files-exist': EXIT.conflict,
  'invalid-mocks': EXIT.usage,
  'invalid-endpoint': EXIT.usage,
  'mocks-not-found': EXIT.notFound,
  'port-in-use': EXIT.conflict,
  'no-store': EXIT.notFound,
  'no-table': EXIT.notFound,
  'store-newer': EXIT.conflict,
  'store-older': EXIT.conflict,
  'port-refused': EXIT.conflict,
  'dev-runs': EXIT.conflict,
  'needs-yes': EXIT.usage,
  'not-confirmed': EXIT.failed,
  interrupted: EXIT.interrupted,
  'unknown-environment': EXIT.usage,
  'wrong-account': EXIT.conflict,
  'wrong-region': EXIT.conflict,
  'no-cdk': EXIT.usage,
  'invalid-range': EXIT.usage,
  'invalid-retention': EXIT.usage,
  'invalid-cursor': EXIT.usage,
  'invalid-id': EXIT.usage,
  'invalid-limit': EXIT.usage,
  'too-many-dates': EXIT.usage,
  'needs-confirmation': EXIT.usage,
  'unscheduled-dag': EXIT.usage,
  'depends-on-past-order': EXIT.usage,
  'depends-on-past-reprocess': EXIT.usage,
  'retired-dag': EXIT.notFound,
  'backfill-ended': EXIT.conflict,
  'nothing-failed': EXIT.conflict,
  'store-busy': EXIT.conflict,
  'unknown-backfill': EXIT.notFound,
  'unknown-version': EXIT.notFound,
  'not-pinned': EXIT.conflict,
  'no-log': EXIT.conflict,
  'nobody-runs-it': EXIT.conflict,
  'invalid-request': EXIT.usage,
  'not-here': EXIT.usage,
  'not-deployed': EXIT.notFound,
  'no-credentials': EXIT.usage,
  'expired-credentials': EXIT.usage,
  'invalid-credentials': EXIT.usage,
  'clock-skew': EXIT.usage,
  forbidden: EXIT.conflict,
  unreachable: EXIT.conflict,
  'active-runs': EXIT.conflict,
  'invalid-event': EXIT.usage,
  'invalid-manifest': EXIT.usage,
};

/** Exit code of an error that reached the surface. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof RefusedError ? (BY_CODE[error.code] ?? EXIT.failed) : EXIT.failed;
}

/** Exit code of what was asked for of several: where each was refused, that of the first refusal. */
export function exitCodeOfAll(
  results: readonly { readonly problem?: { readonly code: string } }[],
): ExitCode {
  const [first] = results;
  if (first?.problem === undefined || results.some(({ problem }) => problem === undefined)) return EXIT.ok;
  return BY_CODE[first.problem.code] ?? EXIT.failed;
}

/** The error as the document of `--json`. */
export function errorDocument(error: unknown): { readonly error: Readonly<Record<string, unknown>> } {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof DefinitionError)
    return { error: { code: 'definition', message, problems: error.problems } };
  return { error: { code: error instanceof RefusedError ? error.code : 'internal', message } };
}
