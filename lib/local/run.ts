/** Runs one DAG here, for one data interval: the same machine that is deployed, on this laptop. */
import { join, resolve } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import { type Compiled, compile } from '../compiler/compile.ts';
import { Projector } from '../history/project.ts';
import type { ModuleRun, TaskRun } from '../history/task-run.ts';
import type { ExecutionResult } from '../interpreter/execute.ts';
import type { DagNode } from '../model/dag.ts';
import type { Environment } from '../model/environment.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RecordedOutput, Rerun, RunInput } from '../model/run-input.ts';
import { checkedParams } from '../orchestrator/params.ts';
import { taskErrorOf } from '../runtime/task-error-of.ts';
import { intervalOf } from '../schedule/run-interval.ts';
import type { Question } from './approval-files.ts';
import type { Surroundings } from './context/fn-context.ts';
import { holdDatabases } from './hold-databases.ts';
import { Broken, LocalExecution } from './local-execution.ts';
import { systemPlatform } from './platform.ts';
import { checkRunsHere, simulatedTasks } from './preflight.ts';
import { thisProcess } from './process-alive.ts';
import { createRunFolder, endOf, type RunFolder, type RunRecord } from './run-folder.ts';
import { runInput } from './run-input.ts';
import { type RunBody, runInProcess } from './run-task.ts';
import type { TaskLogLine } from './try-log.ts';

export interface RunOptions {
  /** The project's folder: `.tutti/` is in it. */
  readonly root: string;
  /** What connections mean here. @default { name: 'local', connections: {} } */
  readonly environment?: Environment;
  /** Over the declared defaults. @default {} */
  readonly params?: JsonObject;
  /** The interval that holds it: `2026-08-22` or `2026-08-22T02:00:00Z`. @default the newest complete interval */
  readonly logicalDate?: string;
  /** The DAG, compiled before. @default compiled now */
  readonly compiled?: Compiled;
  /** With `compiled` a machine of reruns: what runs again, and what became of the rest. @default everything runs */
  readonly rerun?: Rerun;
  /** With `rerun`: what the run before had recorded in its table. @default nothing */
  readonly records?: readonly RecordedOutput[];
  /** Where functions run: `isolate/pool.ts` has another. @default this process */
  readonly runBody?: RunBody;
  /** Folder of `ctx.files`. @default '<root>/.tutti/data' */
  readonly filesFolder?: string;
  /** Ends the run as cancelled; its tasks are aborted. */
  readonly signal?: AbortSignal;
  /** @default this machine's */
  readonly clock?: Clock;
  /** Of retries with jitter. @default this machine's */
  readonly random?: Random;
  /** Value of a secret. @default the environment variable of that name */
  readonly secret?: (name: string) => string | undefined;
  /** The run exists and begins. */
  readonly onStart?: (run: StartedRun) => void;
  /** Something happened: ask the projector when it is time to show it. Called with every event, so it must be quick. */
  readonly onProgress?: (projector: Projector) => void;
  /** Every line of every task's log, as it is written. */
  readonly onLog?: (line: TaskLogLine) => void;
  /** A task waits for a person: `tutti approve` answers, from another terminal. */
  readonly onAsk?: (question: Question) => void;
}

/** A run that begins. */
export interface StartedRun {
  readonly id: string;
  /** Absolute. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly input: RunInput;
  readonly projector: Projector;
  /** Tasks that are simulated: nothing real happens there. */
  readonly simulated: readonly string[];
  /** Records the run as failed at once, for a process that ends in the middle of it; `States.Timeout` as timed out. */
  readonly abandon: (error: string, cause: string) => void;
}

/** What outlives the run. */
type RunFacts = Omit<StartedRun, 'projector' | 'abandon'>;

/** How a run ended. */
export interface RunOutcome extends RunFacts {
  readonly state: 'success' | 'failed' | 'cancelled';
  /** The execution's own end: `TIMED_OUT` where the run took longer than its `runTimeout`. */
  readonly status: ExecutionResult['status'];
  readonly startMs: number;
  readonly endMs: number;
  readonly tasks: readonly TaskRun[];
  /** Maps, groups with retries and loops, outer before inner. */
  readonly modules: readonly ModuleRun[];
  /** States entered, and retries, of all its executions. */
  readonly transitions: number;
  readonly error?: string;
  readonly cause?: string;
}

/**
 * Runs a DAG to its end. A failed run is an outcome, not an error.
 *
 * @throws {DefinitionError} when the DAG has mistakes
 * @throws {RefusedError} when it cannot run here; nothing was started. `not-writable` also when the disk fills up during the run
 */
export async function runDag(dag: DagNode, options: RunOptions): Promise<RunOutcome> {
  const {
    root: given,
    environment = { name: 'local', connections: {} },
    clock = systemPlatform.clock,
    rerun,
  } = options;
  const compiled = options.compiled ?? compile(dag);
  const root = resolve(given);
  const place: Surroundings = {
    root,
    filesFolder: resolve(options.filesFolder ?? join(root, '.tutti', 'data')),
    environment,
    secret: options.secret ?? systemPlatform.secret,
    variables: systemPlatform.variables,
  };
  const params = checkedParams(dag, options.params);
  const interval = intervalOf(dag, options.logicalDate, clock.now());
  checkRunsHere(dag, environment, place.secret);
  const release = await holdDatabases(dag, place);
  try {
    return await new LocalRun({ dag, compiled, place, clock, options }).run((id, startMs) =>
      runInput(dag, { id, interval, params, startMs, parts: Object.keys(compiled.parts ?? {}), rerun }),
    );
  } finally {
    await release();
  }
}

interface Setting {
  readonly dag: DagNode;
  readonly compiled: Compiled;
  readonly place: Surroundings;
  readonly clock: Clock;
  readonly options: RunOptions;
}

/** One run, from its folder to its outcome. */
class LocalRun {
  readonly #setting: Setting;
  readonly #simulated: readonly string[];
  readonly #projector: Projector;
  readonly #startMs: number;
  readonly #broken = new Broken();

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#simulated = simulatedTasks(setting.dag);
    this.#projector = new Projector(setting.compiled.manifest);
    this.#startMs = setting.clock.now();
  }

  async run(inputOf: (id: string, startMs: number) => RunInput): Promise<RunOutcome> {
    const { dag, compiled, options } = this.#setting;
    const folder = createRunFolder({
      root: this.#setting.place.root,
      dagId: dag.id,
      startMs: this.#startMs,
      manifest: compiled.manifest,
      record: (id) => this.#record(inputOf(id, this.#startMs)),
      onError: this.#broken.tell,
    });
    const input = inputOf(folder.id, this.#startMs);
    const execution = this.#execution(folder, input);
    const started = this.#started(folder, input);
    const abandon = (error: string, cause: string) => {
      execution.abandon({ error, cause });
      folder.save({ ...this.#record(input), ...this.#end('failed', { error, cause }) });
    };
    options.onStart?.({ ...started, projector: this.#projector, abandon });
    try {
      const outcome = this.#outcome(started, await execution.run());
      folder.save({ ...this.#record(input), ...endOf(outcome) });
      return outcome;
    } catch (error) {
      this.#recordFailure(folder, input, error);
      throw error;
    }
  }

  #execution(folder: RunFolder, input: RunInput): LocalExecution {
    const { dag, compiled, place, clock, options } = this.#setting;
    return new LocalExecution(folder, {
      dag,
      compiled,
      input,
      place,
      clock,
      random: options.random ?? systemPlatform.random,
      startMs: this.#startMs,
      runBody: options.runBody ?? runInProcess,
      broken: this.#broken,
      records: options.records,
      signal: options.signal,
      onEvent: (event) => {
        this.#projector.apply(event);
        options.onProgress?.(this.#projector);
      },
      onLog: options.onLog,
      onAsk: options.onAsk,
    });
  }

  /** So that nobody takes the run for a running one; where that cannot be written either, the error says why. */
  #recordFailure(folder: RunFolder, input: RunInput, thrown: unknown): void {
    const { error, causeText: cause } = taskErrorOf(thrown);
    try {
      folder.save({ ...this.#record(input), ...this.#end('failed', { error, cause }) });
    } catch {
      // The first error is the one to tell.
    }
  }

  #end(state: 'failed', why: { readonly error: string; readonly cause: string }): Partial<RunRecord> {
    return endOf({ state, endMs: this.#setting.clock.now(), ...why });
  }

  #started({ id, path }: RunFolder, input: RunInput): RunFacts {
    return { id, folder: path, manifest: this.#setting.compiled.manifest, input, simulated: this.#simulated };
  }

  #outcome(started: RunFacts, result: ExecutionResult): RunOutcome {
    const { status, error, cause, transitions } = result;
    const state = this.#projector.runState();
    return {
      ...started,
      state: state === 'running' ? 'failed' : state,
      status,
      startMs: this.#startMs,
      endMs: this.#setting.clock.now(),
      tasks: this.#projector.tasks(),
      modules: this.#projector.modules(),
      transitions,
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    };
  }

  #record(input: RunInput): RunRecord {
    return {
      id: input.run.id,
      dagId: this.#setting.dag.id,
      state: 'running',
      input,
      startedAt: new Date(this.#startMs).toISOString(),
      ...thisProcess(),
      simulated: this.#simulated,
    };
  }
}
