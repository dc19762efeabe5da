/** Runs attempts in virtual time: real machines, their tasks scripted. */
import { shortHash } from '../../base/hash.ts';
import type { Json } from '../../base/json.ts';
import { seededRandom } from '../../base/random.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import type { RecordedRun } from '../../history/recorded-run.ts';
import { childEvent, type RunEvent } from '../../history/run-event.ts';
import type { ExecutionResult } from '../../interpreter/execute.ts';
import { type ResourceHandler, TaskError } from '../../interpreter/resource.ts';
import { TaskTokens } from '../../interpreter/tokens.ts';
import type { DagNode } from '../../model/dag.ts';
import { keyOfRun, type Run, type RunKey } from '../../model/run.ts';
import type { RunInput, TaskEvent } from '../../model/run-input.ts';
import { executionInput } from '../../orchestrator/execution-input.ts';
import type { ExecutionStart, Launcher } from '../../orchestrator/ports.ts';
import { executeParts } from '../execute-parts.ts';
import { CompiledCache } from '../launch/compiled-cache.ts';
import type { Ledger } from '../launch/ledger.ts';
import { WatchedAttempt } from '../launch/watched-attempt.ts';
import { placeFacts } from '../run-input.ts';
import type { Script } from '../script.ts';
import { SimulatedPools } from '../simulated-pools.ts';
import { type SimulatedWork, simulatedWorld } from '../simulated-world.ts';

export interface VirtualLauncherOptions {
  readonly clock: VirtualClock;
  readonly ledger: Ledger;
  /** What the attempts before recorded. */
  readonly recorded: (run: RunKey) => Promise<RecordedRun | undefined>;
  /** The DAG of a run, with its functions. */
  readonly dagOf: (dagId: string) => DagNode | undefined;
  readonly scriptOf: (dagId: string) => Script;
  /** Of retries with jitter. */
  readonly seed: number;
  /** Does for real what no script says. */
  readonly workOf?: ((dag: DagNode, execution: VirtualExecution) => SimulatedWork) | undefined;
  readonly wrap?: ((resources: ResourceHandler) => ResourceHandler) | undefined;
  readonly onTry?: ((event: TaskEvent) => void) | undefined;
  /** Sees every history event. */
  readonly onEvent?: ((execution: VirtualExecution, event: RunEvent) => void) | undefined;
}

/** One attempt of one run. */
export interface VirtualExecution {
  readonly run: Run;
  readonly input: RunInput;
  readonly startMs: number;
  readonly watched: WatchedAttempt;
  /** What tasks gave, in the order they ended: by task, or `task@instance`. */
  readonly outputs: Map<string, Json>;
  /** Absent: it goes on, or died. */
  result?: ExecutionResult;
}

interface Live {
  readonly stop: AbortController;
  ended: Promise<void>;
  /** Nobody runs it any more, and nobody is told. */
  isDead: boolean;
}

interface Begun {
  readonly name: string;
  readonly live: Live;
  readonly before: RecordedRun | undefined;
}

export class VirtualLauncher implements Launcher {
  /** Of the execution that was begun last, by its name. */
  readonly executions = new Map<string, VirtualExecution>();
  /** What went wrong while an end was recorded: a mistake of ours, or of a test's own script. */
  failure: unknown;
  readonly #options: VirtualLauncherOptions;
  readonly #compiled = new CompiledCache();
  readonly #live = new Map<string, Live>();
  readonly #tokens = new TaskTokens();
  readonly #pools = new SimulatedPools(this.#tokens);

  constructor(options: VirtualLauncherOptions) {
    this.#options = options;
  }

  nameFor({ dagId, id, attempt }: Run): string {
    return `${dagId}:${id}#${attempt}`;
  }

  async start(start: ExecutionStart): Promise<void> {
    const name = start.run.execution ?? '';
    if (this.executions.has(name)) return;
    const { recorded } = this.#options;
    const before = start.rerun === undefined ? undefined : await recorded(keyOfRun(start.run));
    const live: Live = { stop: new AbortController(), isDead: false, ended: Promise.resolve() };
    this.#live.set(name, live);
    const { execution, ended } = this.#begun(start, { name, live, before });
    this.executions.set(name, execution);
    live.ended = ended.catch((error: unknown) => {
      this.failure ??= error;
    });
  }

  async stop(execution: string, _run: unknown, cause: string): Promise<void> {
    this.#live.get(execution)?.stop.abort(new TaskError('Dag.Cancelled', cause));
  }

  async describe(name: string): Promise<'unknown' | 'running' | 'ended' | 'lost'> {
    const execution = this.executions.get(name);
    if (execution === undefined) return 'unknown';
    if (execution.result !== undefined) return 'ended';
    return this.#live.has(name) ? 'running' : 'lost';
  }

  /** Resolves when it runs nothing; rejects with what went wrong. */
  async idle(): Promise<void> {
    while (this.#live.size > 0) await Promise.all([...this.#live.values()].map(({ ended }) => ended));
    if (this.failure !== undefined) throw this.failure;
  }

  /** What runs dies with its process: nobody is told. */
  kill(): void {
    for (const [name, live] of this.#live) {
      live.isDead = true;
      live.stop.abort();
      this.#live.delete(name);
    }
  }

  #begun(
    { run, version, rerun, records }: ExecutionStart,
    { name, live, before }: Begun,
  ): { readonly execution: VirtualExecution; readonly ended: Promise<void> } {
    const { clock, ledger, seed, dagOf, workOf } = this.#options;
    const dag = dagOf(run.dagId) ?? version.dag;
    const compiled = this.#compiled.get(dag, version, rerun);
    const startMs = clock.now();
    const place = placeFacts(startMs, Object.keys(compiled.parts ?? {}));
    const input = executionInput(dag, run, { place, rerun });
    const watched = new WatchedAttempt({
      run,
      manifest: compiled.manifest,
      before,
      ledger,
      now: () => clock.now(),
    });
    const execution: VirtualExecution = { run, input, startMs, watched, outputs: new Map() };
    const id = `${dag.id}:${name}`;
    const world = simulatedWorld({
      input,
      records,
      clock,
      tokens: this.#tokens,
      pools: this.#pools,
      script: this.#options.scriptOf(dag.id),
      onTry: this.#options.onTry,
      work: workOf?.(dag, execution),
      onOutput: noteOutput(execution),
    });
    const onEvent = (event: RunEvent) => {
      if (live.isDead) return;
      watched.apply(event);
      this.#options.onEvent?.(execution, event);
    };
    const running = executeParts(compiled, input, {
      clock,
      tokens: this.#tokens,
      random: seededRandom(seed + Number.parseInt(shortHash(name), 16)),
      resources: this.#options.wrap?.(world) ?? world,
      execution: { id, name, startTimeMs: startMs },
      stateMachine: { id: dag.id, name: dag.id },
      signal: live.stop.signal,
      onEvent,
      onChildEvent: (event, child) => onEvent(childEvent(event, child)),
    });
    return { execution, ended: this.#ended(execution, { name, id, live }, running) };
  }

  async #ended(
    execution: VirtualExecution,
    { name, id, live }: { readonly name: string; readonly id: string; readonly live: Live },
    running: Promise<ExecutionResult>,
  ): Promise<void> {
    const result = await running;
    this.#pools.leave(id);
    if (live.isDead) return;
    const { error, cause, transitions } = result;
    await execution.watched.end({
      endMs: this.#options.clock.now(),
      transitions,
      ...(error === undefined ? {} : { error }),
      ...(cause === undefined ? {} : { cause }),
    });
    execution.result = result;
    this.#live.delete(name);
  }
}

/** Keeps what tasks give. */
export function noteOutput({ outputs }: VirtualExecution): (event: TaskEvent, output: Json) => void {
  return ({ task, instance }, output) => {
    outputs.set(instance === undefined ? task : `${task}@${instance}`, output);
  };
}
