/**
 * One state alone, as TestState runs it: one try, no waiting between tries, and whatever Retry and Catch make of it.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html
 */
import type { HistoryEvent } from '../asl/events.ts';
import type { MapState, ParallelState, State, TaskState } from '../asl/states.ts';
import type { Clock } from '../base/clock.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Random } from '../base/random.ts';
import { Execution } from './execution.ts';
import { Failure, matches } from './failure.ts';
import { Frame, Group } from './frame.ts';
import { History } from './history.ts';
import type { ResourceHandler } from './resource.ts';
import { resilience, retryDelayMs } from './retry.ts';
import { runBranch, runnerOf } from './run.ts';
import { type MockedContainer, mockedContainer } from './states/mocked.ts';
import { TaskTokens } from './tokens.ts';
import { type Step, Visit } from './visit.ts';

export interface SingleOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly resources: ResourceHandler;
  readonly name: string;
  readonly input: Json;
  readonly variables: Readonly<Record<string, Json>>;
  /** `Execution` and `StateMachine` of `$states.context`. */
  readonly context: JsonObject;
  /** The whole of `$states.context`, in place of what the state would see. */
  readonly fixedContext?: JsonObject | undefined;
  /** `$states.context.Task.Token`, for a Task whose token nobody issues. */
  readonly token?: string | undefined;
  /** Tries made again so far. @default 0 */
  readonly retryCount?: number;
  /** What a Map or Parallel does in place of running its states. */
  readonly mock?: MockedContainer | undefined;
  /** Milliseconds after which it fails with `States.Timeout`. */
  readonly timeoutMs: number;
}

export interface SingleOutcome {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  /** Where it leads, unless it failed or wants another try. */
  readonly step: Step | undefined;
  readonly failure: Failure | undefined;
  /** Which retrier and which catcher took the failure, from 0. */
  readonly handling: {
    readonly retryIndex?: number;
    readonly retryBackoffIntervalSeconds?: number;
    readonly catchIndex?: number;
  };
  readonly events: readonly HistoryEvent[];
}

/** Runs a state once. */
export async function runSingle(state: State, options: SingleOptions): Promise<SingleOutcome> {
  const { clock, random, resources, context } = options;
  const world = {
    clock,
    random,
    resources,
    tokens: new TaskTokens(),
    runBranch,
    onChildEvent: undefined,
    transitions: 0,
  };
  const history = new History(clock, { keep: true });
  const frame = new Frame(new Execution(world, history, { id: 'test', context }), undefined);
  frame.variables.assign(options.variables);
  const visit = new SingleVisit(frame, state, options);
  const bare: State = isResilient(state) ? { ...state, Retry: undefined, Catch: undefined } : state;
  const { mock } = options;
  const attempt =
    mock !== undefined && (state.Type === 'Map' || state.Type === 'Parallel')
      ? () => mockedContainer(state, mock)(visit)
      : () => runnerOf(bare)(visit);
  try {
    const step = await within(attempt, frame, options);
    return { status: 'SUCCEEDED', step, failure: undefined, handling: {}, events: history.events };
  } catch (thrown) {
    const handled = await handle(visit, visit.failure(thrown));
    return { ...handled, events: history.events };
  }
}

/** A visit whose context can be given from outside. */
class SingleVisit extends Visit {
  readonly #fixed: JsonObject | undefined;

  constructor(frame: Frame, state: State, options: SingleOptions) {
    super(frame, options.name, state, options.input);
    this.#fixed = options.fixedContext;
    this.token = options.token;
    this.retryCount = options.retryCount ?? 0;
  }

  override context(map?: JsonObject): JsonObject {
    return this.#fixed ?? super.context(map);
  }
}

async function within(
  attempt: () => Step | Promise<Step>,
  frame: Frame,
  { clock, timeoutMs }: SingleOptions,
): Promise<Step> {
  const timer = new AbortController();
  const timeout = clock.until(clock.now() + timeoutMs, timer.signal).then(() => {
    const group = new Group();
    group.frames.push(frame);
    group.close();
    throw new Failure('States.Timeout');
  });
  try {
    return await Promise.race([attempt(), timeout]);
  } finally {
    timer.abort();
    timeout.catch(() => undefined);
  }
}

type Handled = Omit<SingleOutcome, 'events'>;

function isResilient(state: State): state is TaskState | ParallelState | MapState {
  return state.Type === 'Task' || state.Type === 'Parallel' || state.Type === 'Map';
}

async function handle(visit: Visit, failure: Failure): Promise<Handled> {
  const { state, retryCount, frame } = visit;
  const policy = resilience(isResilient(state) ? state : {});
  const retryIndex = policy.retriers.findIndex(({ ErrorEquals }) => matches(ErrorEquals, failure));
  const retrier = policy.retriers[retryIndex];
  const tried = retrier === undefined ? {} : { retryIndex };
  if (retrier !== undefined && retryCount < (retrier.MaxAttempts ?? 3)) {
    const retryBackoffIntervalSeconds = retryDelayMs(retrier, retryCount + 1, () => 1) / 1_000;
    const handling = { retryIndex, retryBackoffIntervalSeconds };
    return { status: 'RETRIABLE', step: undefined, failure, handling };
  }
  const catchIndex = policy.catchers.findIndex(({ ErrorEquals }) => matches(ErrorEquals, failure));
  const catcher = policy.catchers[catchIndex];
  if (catcher === undefined || frame.isClosed)
    return { status: 'FAILED', step: undefined, failure, handling: tried };
  const errorOutput: Json = { Error: failure.error ?? '', Cause: failure.causeText ?? '' };
  try {
    const to = { next: catcher.Next, fallback: errorOutput, extra: { errorOutput } };
    const step = await visit.exit(catcher.flow, to);
    return { status: 'CAUGHT_ERROR', step, failure, handling: { ...tried, catchIndex } };
  } catch (thrown) {
    return { status: 'FAILED', step: undefined, failure: visit.failure(thrown), handling: tried };
  }
}
