import { TaskError } from './resource.ts';

interface FailureOptions extends ErrorOptions {
  /** AWS's `Cause`. */
  readonly text?: string | undefined;
  /** Further names under which Retry and Catch know the error. */
  readonly aliases?: readonly string[];
  /** When it failed, where that is told later. */
  readonly atMs?: number | undefined;
}

/** A state that failed: what Retry and Catch match, and what the execution fails with. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly error: string | undefined;
  readonly causeText: string | undefined;
  readonly aliases: readonly string[];
  readonly atMs: number | undefined;

  constructor(error: string | undefined, options: FailureOptions = {}) {
    super(`${error ?? 'failed'}: ${options.text ?? ''}`, options);
    this.error = error;
    this.causeText = options.text;
    this.aliases = options.aliases ?? [];
    this.atMs = options.atMs;
  }
}

/** A failure that ends the execution whatever Retry and Catch say: the history is full. */
export class FatalFailure extends Failure {}

/** A field that could not be evaluated; the visit adds the state's name and event. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';
  /** `Output/result`, `Choices[0]/Condition`. */
  readonly field: string;
  readonly text: string;

  constructor(field: string, options: ErrorOptions & { readonly text: string }) {
    super(`${field}: ${options.text}`, options);
    this.field = field;
    this.text = options.text;
  }
}

/** Thrown in a branch that was ended from outside: nobody looks at it. */
export class Aborted extends Error {
  override readonly name = 'AbortError';

  constructor() {
    super('the state was aborted');
  }
}

/** What a task threw, as a failure. */
export function taskFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (thrown instanceof TaskError)
    return new Failure(thrown.error, { text: thrown.causeText, cause: thrown, atMs: thrown.atMs });
  if (thrown instanceof Error) return new Failure(thrown.name, { text: thrown.message, cause: thrown });
  return new Failure('Error', { text: String(thrown), cause: thrown });
}

/**
 * Whether a Retrier or Catcher with these names takes the failure.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
 */
export function matches(names: readonly string[], failure: Failure): boolean {
  if (failure instanceof FatalFailure || failure.error === 'States.Runtime') return false;
  return names.some((name) => matchesName(name, failure));
}

function matchesName(name: string, failure: Failure): boolean {
  if (name === failure.error || failure.aliases.includes(name)) return true;
  if (failure.error === 'States.DataLimitExceeded') return false;
  return name === 'States.ALL' || (name === 'States.TaskFailed' && failure.error !== 'States.Timeout');
}
