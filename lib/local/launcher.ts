/** Runs attempts here, several at once: each in its own folder, told to the ledger while it goes on and at its end. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { RefusedError } from '../base/errors.ts';
import { shortHash } from '../base/hash.ts';
import type { RecordedRun } from '../history/recorded-run.ts';
import type { DagNode } from '../model/dag.ts';
import type { Environment } from '../model/environment.ts';
import { keyOfRun, type Run, type RunKey } from '../model/run.ts';
import type { ExecutionStart, Launcher } from '../orchestrator/ports.ts';
import { taskErrorOf } from '../runtime/task-error-of.ts';
import { isHeld, recordOf, takeOver } from './claimed-folder.ts';
import type { Surroundings } from './context/fn-context.ts';
import { holdDatabases } from './hold-databases.ts';
import { CompiledCache } from './launch/compiled-cache.ts';
import type { Ledger } from './launch/ledger.ts';
import { type LiveRun, STOP_FILE } from './launch/live-run.ts';
import { begunRun, type LaunchWorld, type Made, resumedRun } from './launch/live-runs.ts';
import { close, type Ending, endingIn, type PastAttempt, tellEnd } from './launch/past-attempt.ts';
import { readEvents } from './launch/past-events.ts';
import { checkRunsHere } from './preflight.ts';
import { type RunRecord, runsFolder } from './run-folder.ts';
import { type RunBody, runInProcess } from './run-task.ts';

const NOTHING = Promise.resolve(undefined);

const UNREADABLE: Ending = {
  state: 'failed',
  cause: 'it cannot go on after a crash: its events cannot be read to their end',
};

/** How often the ledger is told of what goes on, milliseconds. */
const TELL_MS = 100;

export interface LocalLauncherOptions {
  readonly place: Omit<Surroundings, 'environment'>;
  /** What connections mean, asked for each execution. */
  readonly environment: () => Promise<Environment>;
  /** The code of a version: its DAG with its functions; `undefined` where it is not here. */
  readonly codeOf: CodeOf;
  readonly ledger: Ledger;
  /** What the attempts before recorded. */
  readonly recorded: (run: RunKey) => Promise<RecordedRun | undefined>;
  readonly clock: Clock;
  /** Where functions run. @default this process */
  readonly runBody?: RunBody | undefined;
  /** An execution's end could not be kept: the sweep finds it later. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

export type CodeOf = (dagId: string, hash: string) => DagNode | undefined | Promise<DagNode | undefined>;

export interface LocalLauncher extends Launcher {
  /** Names of the executions that this process runs. */
  readonly running: () => readonly string[];
  /** Resolves when this process runs none. */
  readonly idle: () => Promise<void>;
}

export function localLauncher(options: LocalLauncherOptions): LocalLauncher {
  return new Launching(options);
}

class Launching implements LocalLauncher {
  readonly #options: LocalLauncherOptions;
  readonly #compiled = new CompiledCache();
  /** By execution's name. */
  readonly #live = new Map<string, { readonly run: LiveRun; readonly ended: Promise<void> }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LocalLauncherOptions) {
    this.#options = options;
  }

  nameFor({ dagId, id, attempt }: Run, nowMs: number): string {
    const stamp = new Date(nowMs).toISOString().replaceAll(/[-:.]/g, '');
    return `${stamp}-${dagId}-${shortHash(`${id}#${attempt}`)}`;
  }

  async start(start: ExecutionStart): Promise<void> {
    const name = start.run.execution ?? '';
    if (this.#live.has(name) || recordOf(this.#options.place.root, name) !== undefined) return;
    const live = await this.#begun(start, name);
    if (live !== undefined) this.#go(name, live);
  }

  async stop(execution: string, _run: RunKey, cause: string): Promise<void> {
    const { root } = this.#options.place;
    const live = this.#live.get(execution);
    if (live !== undefined) {
      live.run.stop(cause);
      return;
    }
    const record = recordOf(root, execution);
    if (record?.state !== 'running') return;
    // Whoever runs it looks for this file.
    writeFileSync(join(runsFolder(root), execution, STOP_FILE), cause);
  }

  async describe(execution: string): Promise<'unknown' | 'running' | 'ended' | 'lost'> {
    if (this.#live.has(execution)) return 'running';
    const record = recordOf(this.#options.place.root, execution);
    if (record === undefined) return 'unknown';
    if (record.state !== 'running') return 'ended';
    return isHeld(record) ? 'running' : 'lost';
  }

  async hasCode(dagId: string, hash: string): Promise<boolean> {
    return (await this.#options.codeOf(dagId, hash)) !== undefined;
  }

  running(): readonly string[] {
    return [...this.#live.keys()];
  }

  async idle(): Promise<void> {
    while (this.#live.size > 0) await Promise.all([...this.#live.values()].map(({ ended }) => ended));
  }

  /**
   * Goes on with an execution whose process is gone, or tells the end of one that has ended. One that cannot go on is
   * ended as failed, and its end told.
   */
  async settle(start: ExecutionStart): Promise<boolean> {
    const { root } = this.#options.place;
    const name = start.run.execution ?? '';
    if (this.#live.has(name)) return true;
    const record = recordOf(root, name);
    if (record === undefined) return false;
    if (record.state !== 'running') {
      await tellEnd(await this.#past(start, record));
      return true;
    }
    const taken = isHeld(record) ? undefined : takeOver(root, record);
    if (taken !== undefined) await this.#goOn(start, taken);
    return true;
  }

  async #goOn(start: ExecutionStart, record: RunRecord): Promise<void> {
    const past = await this.#past(start, record);
    const { events, isWhole } = readEvents(past.folder);
    const ending = endingIn(past.folder, events) ?? (isWhole ? undefined : UNREADABLE);
    if (ending !== undefined) {
      await close(past, ending);
      return;
    }
    try {
      const made = await this.#made(start);
      this.#go(record.id, await releasing(made, () => resumedRun({ past, made, events, ...this.#world() })));
    } catch (error) {
      // Whatever it is: nobody else goes on with what this process has taken over.
      const { causeText } = taskErrorOf(error);
      await close(past, { state: 'failed', cause: `it cannot go on after a crash: ${causeText}` });
    }
  }

  async #begun(start: ExecutionStart, name: string): Promise<LiveRun | undefined> {
    const made = await this.#made(start);
    const run = await releasing(made, () => begunRun({ start, name, made, ...this.#world() }));
    if (run === undefined) await made.release();
    return run;
  }

  /**
   * What an execution needs.
   *
   * @throws {RefusedError} when it cannot run here
   */
  async #made(start: ExecutionStart): Promise<Made> {
    const { version, rerun, records, run } = start;
    const dag = await this.#codeOf(run);
    const compiled = this.#compiled.get(dag, version, rerun);
    const place = { ...this.#options.place, environment: await this.#options.environment() };
    checkRunsHere(dag, place.environment, place.secret);
    const before = await this.#before(start);
    return { dag, compiled, place, before, records, rerun, release: await holdDatabases(dag, place) };
  }

  #before({ run, rerun }: ExecutionStart): Promise<RecordedRun | undefined> {
    return rerun === undefined ? NOTHING : this.#options.recorded(keyOfRun(run));
  }

  async #past(start: ExecutionStart, record: RunRecord): Promise<PastAttempt> {
    const { place, clock, ledger } = this.#options;
    const folder = join(runsFolder(place.root), record.id);
    const before = await this.#before(start);
    return { folder, record, run: start.run, before, ledger, now: () => clock.now() };
  }

  #world(): LaunchWorld {
    const { clock, ledger, runBody = runInProcess } = this.#options;
    return { clock, ledger, runBody };
  }

  /** @throws {RefusedError} `no-code` */
  async #codeOf({ dagId, version }: Run): Promise<DagNode> {
    const dag = await this.#options.codeOf(dagId, version);
    if (dag !== undefined) return dag;
    throw new RefusedError(
      'no-code',
      `dag "${dagId}" › version ${version.slice(0, 8)}: must be among the pipelines here, got none; bring its file back, or clear the run with --latest`,
    );
  }

  #go(name: string, run: LiveRun): void {
    const ended = run
      .run()
      .catch((error: unknown) => this.#options.onError?.(error))
      .finally(() => this.#gone(name));
    this.#live.set(name, { run, ended });
    this.#timer ??= setInterval(() => this.#look(), TELL_MS);
  }

  #look(): void {
    for (const { run } of this.#live.values()) run.look(TELL_MS);
  }

  #gone(name: string): void {
    this.#live.delete(name);
    if (this.#live.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

/** Lets go of what was held where nothing comes of it. */
async function releasing<T>({ release }: Made, work: () => T): Promise<T> {
  try {
    return work();
  } catch (error) {
    await release();
    throw error;
  }
}
