import type { Json } from '../base/json.ts';
import { TaskError } from './resource.ts';

/** A task that waits for its token. */
interface TokenListener {
  success(output: Json): void;
  failure(error: string, cause: string): void;
  heartbeat(): void;
}

/**
 * The task tokens of one host, shared by all its executions, so that one can wake another.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token
 */
export class TaskTokens {
  readonly #waiting = new Map<string, TokenListener>();
  #issued = 0;

  /** Issues the token of a task that begins to wait. */
  open(executionId: string, listener: TokenListener): string {
    this.#issued += 1;
    const token = `${executionId}/${this.#issued}`;
    this.#waiting.set(token, listener);
    return token;
  }

  /** Makes a token useless: its task has ended. */
  close(token: string): void {
    this.#waiting.delete(token);
  }

  /** @throws {TaskError} when no task waits for the token */
  success(token: string, output: Json): void {
    this.#listener(token).success(output);
  }

  /** @throws {TaskError} when no task waits for the token */
  failure(token: string, error: string, cause: string): void {
    this.#listener(token).failure(error, cause);
  }

  /** @throws {TaskError} when no task waits for the token */
  heartbeat(token: string): void {
    this.#listener(token).heartbeat();
  }

  #listener(token: string): TokenListener {
    const listener = this.#waiting.get(token);
    if (listener !== undefined) return listener;
    const [, serial] = /\/(\d+)$/.exec(token) ?? [];
    if (serial !== undefined && Number(serial) <= this.#issued) {
      throw new TaskError(
        'Sfn.TaskTimedOutException',
        `Task Timed Out: 'Provided task does not exist anymore'`,
      );
    }
    throw new TaskError('Sfn.InvalidTokenException', `Invalid Token: 'Invalid token'`);
  }
}
