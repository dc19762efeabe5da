/** Errors as `application/problem+json`. @see https://www.rfc-editor.org/rfc/rfc9457 */
import { DefinitionError, problemText, RefusedError } from '../base/errors.ts';

/** One mistake of a request: which field broke which rule with which value. */
export interface FieldError {
  /** `body.from`, `query.limit`, `path.dagId`, `header.idempotency-key`. */
  readonly field: string;
  readonly rule: string;
  /** As JSON, cut. Absent: nothing was given. */
  readonly value?: string;
}

export interface Problem {
  /** Names the kind of problem; the same as `code`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Path of the request. */
  readonly instance: string;
  readonly code: string;
  readonly errors?: readonly FieldError[];
}

/** A request that is refused before anything is asked of the orchestrator. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: string;
  readonly errors: readonly FieldError[];

  constructor(
    code: keyof typeof STATUS,
    detail: string,
    errors: readonly FieldError[] = [],
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.code = code;
    this.errors = errors;
  }
}

/** Statuses of the codes that {@link ProblemError} and `RefusedError` carry; others follow from their first word. */
const STATUS = {
  'malformed-request': 400,
  'invalid-request': 400,
  'invalid-cursor': 400,
  usage: 400,
  'not-here': 403,
  'cross-site': 403,
  'read-only': 403,
  'not-found': 404,
  'no-run': 404,
  'retired-dag': 404,
  'method-not-allowed': 405,
  'idempotency-key-in-use': 409,
  'body-too-large': 413,
  'content-type': 415,
  'wrong-host': 421,
  'idempotency-key-reused': 422,
  'unknown-param': 422,
  'invalid-param': 422,
  'invalid-params': 422,
  'missing-param': 422,
  'too-many-dates': 422,
  'needs-confirmation': 422,
  'unscheduled-dag': 422,
  'depends-on-past-order': 422,
  'depends-on-past-reprocess': 422,
  'rerun-too-large': 422,
  'reply-too-large': 500,
  'too-many-streams': 503,
  'no-store': 503,
  'no-table': 503,
  'not-writable': 503,
  'store-busy': 503,
  'store-corrupt': 503,
  'store-newer': 503,
  'store-older': 503,
  internal: 500,
} as const;

const BY_PREFIX = [
  ['unknown-', 404],
  ['invalid-', 422],
  ['missing-', 422],
] as const;

/** Everything that is refused because of how things are is a conflict. */
const CONFLICT = 409;

export function statusOf(code: string): number {
  const known = new Map<string, number>(Object.entries(STATUS)).get(code);
  return known ?? BY_PREFIX.find(([prefix]) => code.startsWith(prefix))?.[1] ?? CONFLICT;
}

const MAX_DETAIL = 4_000;

/** What a client is told of anything thrown; of our own mistakes nothing but that. */
export function problemOf(thrown: unknown, instance: string): Problem {
  if (thrown instanceof ProblemError) return problem(thrown.code, thrown.message, instance, thrown.errors);
  if (thrown instanceof RefusedError)
    return problem(thrown.code, thrown.message, instance, paramErrors(thrown.message));
  if (thrown instanceof DefinitionError)
    return problem('invalid-definition', thrown.problems.map(problemText).join('\n'), instance);
  return problem('internal', 'request: must not fail, but this one did; see the log of the server', instance);
}

/** Mistakes of params, each a line of the message: `dag "sales" › params.rows: must be at least 1, got 0; remedy`. */
function paramErrors(message: string): readonly FieldError[] {
  return message.split('\n').flatMap((line) => {
    const [, field, rule = '', value] =
      /^dag "[^"]*" › (params[^:]*): (.*?), got (.*?)(?:; .*)?$/.exec(line) ?? [];
    if (field === undefined || value === undefined) return [];
    return [{ field: `body.${field}`, rule, ...(value === 'nothing' ? {} : { value: value.slice(0, 200) }) }];
  });
}

function problem(
  code: string,
  detail: string,
  instance: string,
  errors: readonly FieldError[] = [],
): Problem {
  return {
    type: `urn:tutti:problem:${code}`,
    title: titleOf(code),
    status: statusOf(code),
    detail: detail.length > MAX_DETAIL ? `${detail.slice(0, MAX_DETAIL)}…` : detail,
    instance: instance.length > 200 ? `${instance.slice(0, 200)}…` : instance,
    code,
    ...(errors.length === 0 ? {} : { errors: errors.slice(0, 20) }),
  };
}

/** `unknown-dag` → `Unknown dag`. */
function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.slice(0, 1).toUpperCase() + words.slice(1);
}

export function problemResponse(problem: Problem, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
  });
}
