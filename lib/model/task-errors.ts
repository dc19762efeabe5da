/**
 * Errors with a meaning for the run. They are known by `name`, never by `instanceof`:
 * a task may run in another process, and on AWS the name is all that arrives.
 */

/** Thrown in a task: it ends skipped, and what is below follows by its trigger rule. */
export class SkipTask extends Error {
  /** Retry rules name a class by it, also where a bundler renames the class. */
  static override readonly name = 'SkipTask';
  override readonly name = 'SkipTask';
}

/** Thrown in a task: it fails without a retry, unless a retry rule names `FailTask`. */
export class FailTask extends Error {
  /** Retry rules name a class by it, also where a bundler renames the class. */
  static override readonly name = 'FailTask';
  override readonly name = 'FailTask';
}

/** An HTTP answer of 400 and above. Its name carries the status: `retries: { on: 'Http.503', attempts: 5 }`. */
export class HttpError extends Error {
  override readonly name: `Http.${number}`;
  readonly status: number;
  /** The parsed body. */
  readonly body: unknown;

  constructor(status: number, message: string, options: ErrorOptions & { readonly body?: unknown } = {}) {
    super(message, options);
    this.name = `Http.${status}`;
    this.status = status;
    this.body = options.body;
  }
}

/** Name by which retry rules and history know an error: its `name`, or its class where the class sets none. */
export function errorName(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  return error.name === 'Error' ? error.constructor.name : error.name;
}
