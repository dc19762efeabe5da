/** A failed task: `error` is what Retry and Catch match. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly error: string;
  readonly causeText: string;
  /** When it failed, milliseconds since the epoch, where it is told later. Absent: now. */
  readonly atMs: number | undefined;

  constructor(error: string, cause: string, options?: ErrorOptions & { readonly atMs?: number }) {
    super(`${error}: ${cause}`, options);
    this.error = error;
    this.causeText = cause;
    this.atMs = options?.atMs;
  }
}
