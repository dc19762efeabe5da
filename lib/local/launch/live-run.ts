/** One execution that this process runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TaskError } from '../../interpreter/resource.ts';
import { type Broken, LocalExecution, type LocalExecutionOptions } from '../local-execution.ts';
import { endOf, type RunFolder, type RunRecord } from '../run-folder.ts';
import { taskErrorOf } from '../task-error-of.ts';
import type { WatchedAttempt } from './watched-attempt.ts';

/** In an execution's folder: another process asks for its end; it holds why. */
export const STOP_FILE = 'stop';

/** Error of an execution that somebody stopped. */
const CANCELLED = 'Dag.Cancelled';

export interface LiveRunOptions {
  readonly folder: RunFolder;
  readonly broken: Broken;
  readonly record: RunRecord;
  readonly watched: WatchedAttempt;
  readonly execution: Omit<LocalExecutionOptions, 'onEvent' | 'signal' | 'broken'>;
  /** Lets go of what was held for it. */
  readonly release: () => Promise<void>;
}

export class LiveRun {
  readonly #options: LiveRunOptions;
  readonly #stop = new AbortController();

  constructor(options: LiveRunOptions) {
    this.#options = options;
  }

  /** Runs it to its end, and tells that; rejects where that cannot be kept. */
  async run(): Promise<void> {
    try {
      await this.#toEnd();
    } finally {
      await this.#options.release();
    }
  }

  stop(cause: string): void {
    this.#stop.abort(new TaskError(CANCELLED, cause));
  }

  /** Tells the ledger how far it is, and sees whether another process wants it stopped. */
  look(everyMs: number): void {
    this.#options.watched.tell(everyMs);
    if (!this.#stop.signal.aborted && existsSync(join(this.#options.folder.path, STOP_FILE)))
      this.stop('it was cancelled');
  }

  async #toEnd(): Promise<void> {
    const { folder, broken, record, watched, execution: given } = this.#options;
    const execution = new LocalExecution(folder, {
      ...given,
      broken,
      signal: this.#stop.signal,
      onEvent: (event) => watched.apply(event),
    });
    const how = await execution.run().catch((thrown: unknown) => {
      const { error, causeText: cause } = taskErrorOf(thrown);
      return { error, cause, transitions: undefined };
    });
    const endMs = given.clock.now();
    const { error, cause, transitions } = how;
    const why = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    folder.save({ ...record, ...endOf({ state: watched.state(), endMs, ...why }) });
    await watched.end({ ...why, endMs, ...(transitions === undefined ? {} : { transitions }) });
  }
}
