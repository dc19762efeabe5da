/** One execution that this process runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TaskError } from '../../interpreter/resource.ts';
import { taskErrorOf } from '../../runtime/task-error-of.ts';
import { type Broken, LocalExecution, type LocalExecutionOptions } from '../local-execution.ts';
import type { Replay } from '../replay/replay.ts';
import { endOf, type RunFolder, type RunRecord } from '../run-folder.ts';
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
  /** Of one that another process began. */
  readonly resumed?: Resumed | undefined;
  /** Lets go of what was held for it. */
  readonly release: () => Promise<void>;
}

export interface Resumed {
  readonly replay: Replay;
  /** What was written anew takes the place of what was there before; once more does nothing. */
  readonly takePlace: () => void;
  /** It cannot be led to where it was: what was there before stays. */
  readonly giveUp: (cause: string) => Promise<void>;
}

export class LiveRun {
  readonly #options: LiveRunOptions;
  readonly #stop = new AbortController();
  #isLive: boolean;

  constructor(options: LiveRunOptions) {
    this.#options = options;
    this.#isLive = options.resumed === undefined;
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
    // On the way to where it was it is told as it was before.
    if (this.#isLive) this.#options.watched.tell(everyMs);
    if (!this.#stop.signal.aborted && existsSync(join(this.#options.folder.path, STOP_FILE)))
      this.stop('it was cancelled');
  }

  async #toEnd(): Promise<void> {
    const { folder, broken, record, watched, execution: given, resumed } = this.#options;
    const replay = resumed?.replay;
    const execution = new LocalExecution(folder, {
      ...given,
      broken,
      signal: this.#stop.signal,
      onEvent: (event) => {
        watched.apply(event);
        replay?.heard();
      },
      ...(replay === undefined
        ? {}
        : {
            clock: replay.clock,
            wrap: (handler, { pools, ...parts }) =>
              replay.wrap(handler, { ...parts, regain: (places) => pools.regain(places) }),
          }),
    });
    const running = execution.run();
    if (resumed !== undefined && !(await this.#isLed(running, resumed))) return;
    const how = await running.catch((thrown: unknown) => {
      const { error, causeText: cause } = taskErrorOf(thrown);
      return { error, cause, transitions: undefined };
    });
    const endMs = given.clock.now();
    const { error, cause, transitions } = how;
    const why = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    folder.save({ ...record, ...endOf({ state: watched.state(), endMs, ...why }) });
    await watched.end({ ...why, endMs, ...(transitions === undefined ? {} : { transitions }) });
  }

  /** Leads it to where it was; false where it does not come there and is given up. */
  async #isLed(running: Promise<unknown>, { replay, takePlace, giveUp }: Resumed): Promise<boolean> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    running.then(over, over);
    try {
      await replay.drive(() => isOver);
      takePlace();
      this.#isLive = true;
      return true;
    } catch (error) {
      this.#stop.abort(error);
      await running.catch(() => undefined);
      await giveUp(error instanceof Error ? error.message : String(error));
      return false;
    }
  }
}
