/** One execution here, from its open folder to its end. */
import type { HistoryEvent } from '../asl/events.ts';
import type { Clock } from '../base/clock.ts';
import type { RefusedError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Compiled } from '../compiler/compile.ts';
import { childEvent, type RunEvent } from '../history/run-event.ts';
import type { ExecutionResult } from '../interpreter/execute.ts';
import type { ResourceHandler } from '../interpreter/resource.ts';
import { TaskTokens } from '../interpreter/tokens.ts';
import type { DagNode } from '../model/dag.ts';
import type { RecordedOutput, RunInput, TaskEvent } from '../model/run-input.ts';
import { captureConsole } from '../runtime/captured-console.ts';
import { LookCounter } from '../runtime/look.ts';
import type { Question } from './approval-files.ts';
import { Approvals } from './approvals.ts';
import type { Surroundings } from './context/fn-context.ts';
import { executeParts } from './execute-parts.ts';
import { fileValues } from './large-values.ts';
import { type LatchTable, latchTable } from './latch-table.ts';
import { Pools } from './pools.ts';
import { recordEarlier } from './recorded.ts';
import { localResources } from './resources.ts';
import type { RunFolder } from './run-folder.ts';
import type { RunBody, TaskWorld } from './run-task.ts';
import { RunWaits } from './run-waits.ts';
import { openTryLog, type TaskLogLine } from './try-log.ts';

export interface LocalExecutionOptions {
  readonly dag: DagNode;
  readonly compiled: Compiled;
  readonly input: RunInput;
  readonly place: Surroundings;
  readonly clock: Clock;
  readonly random: Random;
  readonly startMs: number;
  readonly runBody: RunBody;
  /** Told by the folder when it can no longer be written: the execution ends. */
  readonly broken: Broken;
  /** What the run before had recorded in its table. @default nothing */
  readonly records?: readonly RecordedOutput[] | undefined;
  /** Ends the execution as cancelled; its tasks are aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Sees every event once it is written. */
  readonly onEvent: (event: RunEvent) => void;
  readonly onLog?: ((line: TaskLogLine) => void) | undefined;
  readonly onAsk?: ((question: Question) => void) | undefined;
  /** Stands between the machine and the world. @default nothing does */
  readonly wrap?: ((resources: ResourceHandler, parts: ExecutionParts) => ResourceHandler) | undefined;
}

/** What an execution works with, for whoever stands between. */
export interface ExecutionParts {
  readonly tokens: TaskTokens;
  readonly table: LatchTable;
  readonly pools: Pools;
  readonly looks: LookCounter;
}

/** Whether an execution's folder can still be written. */
export class Broken {
  readonly #controller = new AbortController();
  failure: RefusedError | undefined;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The first failure counts. */
  readonly tell = (error: RefusedError): void => {
    this.failure ??= error;
    this.#controller.abort(error);
  };
}

export class LocalExecution {
  readonly #options: LocalExecutionOptions;
  readonly #folder: RunFolder;
  #lastEventId = 0;

  constructor(folder: RunFolder, options: LocalExecutionOptions) {
    this.#folder = folder;
    this.#options = options;
  }

  /** @throws {RefusedError} `not-writable` when its folder could no longer be written */
  async run(): Promise<ExecutionResult> {
    const restore = captureConsole();
    try {
      const result = await this.#execute();
      this.#folder.events.close();
      const { failure } = this.#options.broken;
      if (failure !== undefined) throw failure;
      return result;
    } finally {
      restore();
      this.#folder.events.close();
    }
  }

  /** Writes the end of an execution that this process cannot bring to its end. */
  abandon(details: { readonly error: string; readonly cause: string }): void {
    const { clock, onEvent } = this.#options;
    const previousEventId = this.#lastEventId;
    const type = details.error === 'States.Timeout' ? 'ExecutionTimedOut' : 'ExecutionFailed';
    const ids = { id: previousEventId + 1, previousEventId };
    const event: HistoryEvent = { ...ids, timestampMs: clock.now(), type, details };
    this.#folder.events.write(JSON.stringify(event));
    this.#folder.events.close();
    onEvent(event);
  }

  async #execute(): Promise<ExecutionResult> {
    const { dag, compiled, input, place, clock, random, records, signal, broken } = this.#options;
    const tokens = new TaskTokens();
    const table = latchTable(tokens);
    recordEarlier(table, input, records);
    const pools = new Pools({ root: place.root, tokens, clock });
    const approvals = this.#approvals(tokens);
    const runWaits = new RunWaits({ tokens, clock, runs: place.runs });
    const looks = new LookCounter();
    const { handle, settled } = this.#resources({ tokens, table, pools, looks }, { approvals, runWaits });
    const onEvent = (event: RunEvent) => this.#heard(event);
    const name = this.#folder.id;
    try {
      const result = await executeParts(compiled, input, {
        clock,
        random,
        resources: handle,
        tokens,
        execution: { id: `${dag.id}:${name}`, name, startTimeMs: this.#options.startMs },
        stateMachine: { id: dag.id, name: dag.id },
        signal: AbortSignal.any([broken.signal, ...(signal === undefined ? [] : [signal])]),
        onEvent,
        onChildEvent: (event, child) => onEvent(childEvent(event, child)),
      });
      await settled();
      return result;
    } finally {
      approvals.close();
      runWaits.close();
      await pools.close();
    }
  }

  #approvals(tokens: TaskTokens): Approvals {
    const { clock, onAsk } = this.#options;
    return new Approvals({ folder: this.#folder.path, tokens, clock, onAsk });
  }

  #resources(
    parts: ExecutionParts,
    waits: Pick<TaskWorld, 'approvals' | 'runWaits'>,
  ): ReturnType<typeof localResources> {
    const { dag, place, clock, runBody, onLog, wrap } = this.#options;
    const { table, looks } = parts;
    const openLog = (event: TaskEvent) => openTryLog(this.#folder, event, { clock, onLog });
    const values = fileValues(place.root, this.#folder.id);
    const world = { dag, place, clock, table, runBody, openLog, ...waits, values, looks };
    const { handle, settled } = localResources(world, parts.pools);
    return { handle: wrap === undefined ? handle : wrap(handle, parts), settled };
  }

  #heard(event: RunEvent): void {
    this.#folder.events.write(JSON.stringify(event));
    if (event.execution === undefined) this.#lastEventId = event.id;
    this.#options.onEvent(event);
  }
}
