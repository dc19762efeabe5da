/** Changes of runs and DAGs: asked for, and pushed to any number of streams by one reader of the store. */
import type { Clock } from '../base/clock.ts';
import type { Changes, RunStore } from '../store/store.ts';

/** How often the store is read while anybody listens. */
const POLL_MS = 250;
/** Silence is broken so often: what stands between may close what says nothing. */
const HEARTBEAT_MS = 15_000;
/** Most streams of one process. */
const MOST_LISTENERS = 200;
/** Runs of one reply. */
export const CHANGES_LIMIT = 200;

/** Who is told; must not throw. */
export interface Listener {
  changed(changes: Changes): void;
  heartbeat(): void;
  /** Nothing more comes: the server ends, or the store cannot be read. */
  ended(): void;
}

/** Reads the store for all that listen, and only while somebody does. */
export class Live {
  readonly #runs: RunStore;
  readonly #clock: Clock;
  readonly #end: AbortSignal | undefined;
  readonly #listeners = new Set<Listener>();
  #arriving = 0;
  #reading = false;
  #cursor: string | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(runs: RunStore, clock: Clock, end: AbortSignal | undefined) {
    this.#runs = runs;
    this.#clock = clock;
    this.#end = end;
  }

  /** False where there are too many listeners, or the server ends. */
  hasPlace(): boolean {
    return this.#listeners.size + this.#arriving < MOST_LISTENERS && this.#end?.aborted !== true;
  }

  /**
   * First what changed after a cursor, then everything that changes from then on, until the signal.
   *
   * @throws {RefusedError} `invalid-cursor`
   */
  async listen(listener: Listener, since: string | undefined, signal: AbortSignal): Promise<void> {
    this.#arriving += 1;
    try {
      await this.#inTurn(() => this.#join(listener, since, signal));
    } finally {
      this.#arriving -= 1;
    }
    if (this.#reading || this.#listeners.size === 0) return;
    this.#reading = true;
    // Ends with its last listener; where it fails, they are all told that it ended.
    this.#read().catch(() => undefined);
  }

  async #join(listener: Listener, since: string | undefined, signal: AbortSignal): Promise<void> {
    let changes = await this.#runs.changes(since, CHANGES_LIMIT);
    listener.changed(changes);
    while (!signal.aborted && isNews(changes) && changes.resync !== true) {
      changes = await this.#runs.changes(changes.cursor, CHANGES_LIMIT);
      if (isNews(changes)) listener.changed(changes);
    }
    if (signal.aborted) return;
    // Where others listen, all go on from where the last read ended, which is not later than this.
    this.#cursor ??= changes.cursor;
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }

  async #read(): Promise<void> {
    let spokeAt = this.#clock.now();
    try {
      while (this.#listeners.size > 0 && this.#end?.aborted !== true) {
        if (await this.#inTurn(() => this.#tell())) spokeAt = this.#clock.now();
        else if (this.#clock.now() - spokeAt >= HEARTBEAT_MS) {
          for (const listener of this.#listeners) listener.heartbeat();
          spokeAt = this.#clock.now();
        }
        await this.#clock.until(this.#clock.now() + POLL_MS, this.#end);
      }
    } finally {
      this.#reading = false;
      this.#cursor = undefined;
      for (const listener of this.#listeners) listener.ended();
      this.#listeners.clear();
    }
  }

  async #tell(): Promise<boolean> {
    const changes = await this.#runs.changes(this.#cursor, CHANGES_LIMIT);
    this.#cursor = changes.cursor;
    if (!isNews(changes)) return false;
    for (const listener of this.#listeners) listener.changed(changes);
    return true;
  }

  /** One at a time: who joins has seen everything before the next read, and nothing that is older after it. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

export function isNews({ runs, dags, resync }: Changes): boolean {
  return runs.length > 0 || dags.length > 0 || resync === true;
}
