/** Follows an attempt's history, and tells the ledger what has changed in it. */
import { Projector } from '../../history/project.ts';
import { type RecordedRun, RecordedRunReader } from '../../history/recorded-run.ts';
import type { RunEvent } from '../../history/run-event.ts';
import type { Manifest } from '../../model/manifest.ts';
import { keyOfRun, type Run } from '../../model/run.ts';
import { attemptEnd, endState, type HowItEnded } from '../../orchestrator/attempt-end.ts';
import type { AttemptKey, RunEnd } from '../../orchestrator/end.ts';
import { projectionOf } from '../../orchestrator/projection.ts';
import type { TaskRunRow } from '../../store/store.ts';
import type { Ledger } from './ledger.ts';

/** Of the time a run takes, what telling the ledger of it may take: maps have thousands of instances. */
const SHARE = 0.05;

export interface WatchedOptions {
  readonly run: Run;
  readonly manifest: Manifest;
  /** What the attempts before recorded, where this one runs only some tasks again. */
  readonly before?: RecordedRun | undefined;
  readonly ledger: Ledger;
  readonly now: () => number;
}

export class WatchedAttempt {
  readonly projector: Projector;
  readonly #options: WatchedOptions;
  readonly #recorded: RecordedRunReader;
  /** Text of each row as it was last told, by task and instance. */
  readonly #told = new Map<string, string>();
  #telling: Promise<void> = Promise.resolve();
  #isTelling = false;
  #hasChanged = false;
  #notBeforeMs = 0;

  constructor(options: WatchedOptions) {
    this.#options = options;
    this.projector = new Projector(options.manifest);
    this.#recorded = new RecordedRunReader(options.manifest, options.before);
  }

  apply(event: RunEvent): void {
    this.projector.apply(event);
    this.#recorded.apply(event);
    this.#hasChanged = true;
  }

  /** Tells what has changed since, unless it is too early; `everyMs`: at most so often. */
  tell(everyMs: number): void {
    const startMs = this.#options.now();
    if (!this.#hasChanged || this.#isTelling || startMs < this.#notBeforeMs) return;
    this.#isTelling = true;
    this.#hasChanged = false;
    const { cells, rows } = projectionOf(this.#attempt(), this.projector);
    const changed = rows.filter((row) => this.#isNew(row));
    const tookMs = this.#options.now() - startMs;
    this.#notBeforeMs = startMs + Math.max(everyMs, tookMs / SHARE);
    this.#telling = this.#options.ledger
      .progress(this.#key(), { cells, rows: changed })
      // What was not kept now is kept with the end.
      .catch(() => undefined)
      .finally(() => {
        this.#isTelling = false;
      });
  }

  /** Tells the end, after what was told before. */
  async end(how: HowItEnded): Promise<RunEnd['state']> {
    await this.#telling;
    const { run, manifest } = this.#options;
    const { projector } = this;
    const recorded = this.#recorded.read(projector);
    const end = attemptEnd({ run, manifest, projector, recorded }, how);
    await this.#options.ledger.ended(end);
    return end.state;
  }

  /** Of an execution that has ended. */
  state(): RunEnd['state'] {
    return endState(this.projector);
  }

  #isNew(row: TaskRunRow): boolean {
    const key = `${row.task}#${row.instance ?? ''}`;
    const text = JSON.stringify(row);
    if (this.#told.get(key) === text) return false;
    this.#told.set(key, text);
    return true;
  }

  #key(): AttemptKey {
    const { run } = this.#options;
    return { ...keyOfRun(run), attempt: run.attempt };
  }

  #attempt() {
    const { manifest, run } = this.#options;
    return { manifest, attempt: run.attempt, cells: run.cells };
  }
}
