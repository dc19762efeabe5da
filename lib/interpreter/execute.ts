/** Runs a state machine as Step Functions would. */
import type { ChildExecution, HistoryEvent } from '../asl/events.ts';
import { MAX_EXECUTION_SECONDS, MAX_PAYLOAD_BYTES } from '../asl/limits.ts';
import type { StateMachine } from '../asl/states.ts';
import type { Clock } from '../base/clock.ts';
import type { Json } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import { Execution, type World } from './execution.ts';
import { Aborted, Failure } from './failure.ts';
import { Frame, Group } from './frame.ts';
import { errorDetails, History } from './history.ts';
import { adopt, isLonger, textOf } from './json-text.ts';
import { type ResourceHandler, TaskError } from './resource.ts';
import { runBranch } from './run.ts';
import { TaskTokens } from './tokens.ts';

export interface ExecuteOptions {
  readonly clock: Clock;
  /** For jitter, `$random` and `$uuid`. */
  readonly random: Random;
  /** Does the work of Task states, and reads what a Map's ItemReader names. */
  readonly resources: ResourceHandler;
  /** Shared by executions that wake one another. @default a new one */
  readonly tokens?: TaskTokens;
  /** What `$states.context.Execution` says. */
  readonly execution?: {
    readonly id?: string;
    readonly name?: string;
    readonly roleArn?: string;
    /** @default the clock's now */
    readonly startTimeMs?: number;
  };
  readonly stateMachine?: { readonly id?: string; readonly name?: string };
  /** Called with every event as it is written. What it throws ends the run and is thrown on. */
  readonly onEvent?: (event: HistoryEvent) => void;
  /**
   * The same for events of executions that this one starts, at any depth: those of distributed Maps, and nested ones
   * where `withNestedExecutions` has it too. Each has its own ids and its own limit.
   */
  readonly onChildEvent?: (event: HistoryEvent, execution: ChildExecution) => void;
  /** Whether the result carries the events. @default true */
  readonly keepEvents?: boolean;
  /** StopExecution: ends the execution as ABORTED. */
  readonly signal?: AbortSignal;
}

export interface ExecutionResult {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly events: readonly HistoryEvent[];
  /** States entered and tries made again, those of Maps and branches included. */
  readonly transitions: number;
}

/**
 * Runs a machine in JSONata mode to its end. A machine is compiled once: do not change one that has run.
 *
 * @throws {TaskError} `InvalidExecutionInput` when the input is larger than 256 KiB
 */
export function execute(
  machine: StateMachine,
  input: Json,
  options: ExecuteOptions,
): Promise<ExecutionResult> {
  const own = adopt(input);
  if (isLonger(textOf(own), MAX_PAYLOAD_BYTES)) {
    const cause = `The input must be at most ${MAX_PAYLOAD_BYTES} bytes of JSON.`;
    throw new TaskError('InvalidExecutionInput', cause);
  }
  return new Run(begin(own, options), machine, options).result(own);
}

function begin(input: Json, options: ExecuteOptions): Execution {
  const { clock, random, resources, onEvent, onChildEvent, keepEvents = true } = options;
  const tokens = options.tokens ?? new TaskTokens();
  const world: World = { clock, random, resources, tokens, runBranch, onChildEvent, transitions: 0 };
  const { name = 'execution', roleArn = '', startTimeMs = clock.now() } = options.execution ?? {};
  const machineName = options.stateMachine?.name ?? 'machine';
  const id = options.execution?.id ?? `${machineName}:${name}`;
  const context = {
    Execution: {
      Id: id,
      Input: input,
      Name: name,
      RoleArn: roleArn,
      StartTime: new Date(startTimeMs).toISOString(),
      RedriveCount: 0,
    },
    StateMachine: { Id: options.stateMachine?.id ?? machineName, Name: machineName },
  };
  return new Execution(world, new History(clock, { keep: keepEvents, onEvent }), { id, context });
}

/** The machine's line of states, and the three ways it can be ended from outside. */
class Run {
  readonly #execution: Execution;
  readonly #machine: StateMachine;
  readonly #options: ExecuteOptions;
  readonly #group = new Group();
  readonly #frame: Frame;
  readonly #timer = new AbortController();
  #end: (settle: () => ExecutionResult) => void = () => undefined;

  constructor(execution: Execution, machine: StateMachine, options: ExecuteOptions) {
    this.#execution = execution;
    this.#machine = machine;
    this.#options = options;
    this.#frame = new Frame(execution, undefined);
    this.#group.frames.push(this.#frame);
  }

  result(input: Json): Promise<ExecutionResult> {
    const { signal } = this.#options;
    const stop = () => this.#end(() => this.#aborted());
    return new Promise<ExecutionResult>((resolve, reject) => {
      let isOver = false;
      this.#end = (settle) => {
        if (isOver) return;
        isOver = true;
        signal?.removeEventListener('abort', stop);
        this.#timer.abort(new Aborted());
        this.#group.close();
        try {
          resolve(settle());
        } catch (thrown) {
          reject(thrown);
        }
      };
      this.#start(input);
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted) stop();
    });
  }

  #start(input: Json): void {
    try {
      const { RoleArn } = Object(this.#execution.context['Execution']);
      this.#execution.history.add('ExecutionStarted', 0, { input: textOf(input), roleArn: RoleArn });
      if (this.#options.signal?.aborted) return;
      this.#startTimer();
      const output = runBranch(this.#machine, this.#frame, input);
      if (!(output instanceof Promise)) this.#end(() => this.#succeeded(output));
      else
        output.then(
          (value) => this.#end(() => this.#succeeded(value)),
          (thrown) => this.#end(() => this.#failed(thrown)),
        );
    } catch (thrown) {
      this.#end(() => this.#failed(thrown));
    }
  }

  #startTimer(): void {
    const { TimeoutSeconds = MAX_EXECUTION_SECONDS } = this.#machine;
    const seconds = Math.min(TimeoutSeconds, MAX_EXECUTION_SECONDS);
    const { clock } = this.#execution;
    const ignore = (): void => undefined;
    clock
      .until(clock.now() + seconds * 1_000, this.#timer.signal)
      .then(() => this.#end(() => this.#timedOut()), ignore);
  }

  #succeeded(output: Json): ExecutionResult {
    this.#execution.history.end('ExecutionSucceeded', this.#frame.cursor, { output: textOf(output) });
    return { status: 'SUCCEEDED', output, ...this.#common() };
  }

  #failed(thrown: unknown): ExecutionResult {
    if (!(thrown instanceof Failure)) throw thrown;
    const details = errorDetails(thrown.error, thrown.causeText);
    this.#execution.history.end('ExecutionFailed', this.#frame.cursor, details);
    return { status: 'FAILED', ...details, ...this.#common() };
  }

  #timedOut(): ExecutionResult {
    this.#execution.history.end('ExecutionTimedOut', this.#frame.cursor, {});
    return { status: 'TIMED_OUT', error: 'States.Timeout', ...this.#common() };
  }

  #aborted(): ExecutionResult {
    const details = abortDetails(this.#options.signal?.reason);
    // AWS counts it from no event.
    this.#execution.history.end('ExecutionAborted', 0, details);
    return { status: 'ABORTED', ...details, ...this.#common() };
  }

  #common(): { events: readonly HistoryEvent[]; transitions: number } {
    return { events: this.#execution.history.events, transitions: this.#execution.world.transitions };
  }
}

/** StopExecution's error and cause, from an abort's reason. */
function abortDetails(reason: unknown): { error?: string; cause?: string } {
  if (reason instanceof TaskError)
    return errorDetails(reason.error || undefined, reason.causeText || undefined);
  return reason instanceof Error && reason.name !== 'AbortError'
    ? { error: reason.name, cause: reason.message }
    : {};
}
