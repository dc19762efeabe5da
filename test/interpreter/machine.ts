/** Small machines for tests of the interpreter, run in virtual time. */
import type { HistoryEvent } from '../../lib/asl/events.ts';
import type { State, StateMachine } from '../../lib/asl/states.ts';
import type { Json } from '../../lib/base/json.ts';
import { seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { type ExecuteOptions, type ExecutionResult, execute } from '../../lib/interpreter/execute.ts';
import type { ResourceCall, ResourceHandler } from '../../lib/interpreter/resource.ts';
import { TaskError } from '../../lib/interpreter/resource.ts';

export const LAMBDA = 'arn:aws:states:::lambda:invoke';

/** A machine of these states, the first of them first. */
export function machine(
  states: Readonly<Record<string, State>>,
  more: Partial<StateMachine> = {},
): StateMachine {
  const [StartAt = ''] = Object.keys(states);
  return { QueryLanguage: 'JSONata', StartAt, States: states, ...more };
}

/** A machine with one state, named `S`. */
export function single(state: State): StateMachine {
  return machine({ S: state });
}

export interface TestRun extends ExecutionResult {
  /** Seconds of virtual time. */
  readonly seconds: number;
  readonly types: readonly string[];
}

/** Runs a machine to its end. */
export async function run(
  definition: StateMachine,
  input: Json = {},
  options: Partial<ExecuteOptions> & { readonly clock?: VirtualClock } = {},
): Promise<TestRun> {
  const clock = options.clock ?? new VirtualClock(0);
  const startMs = clock.now();
  const result = await clock.drive(
    execute(definition, input, { random: seededRandom(7), resources: nothing, ...options, clock }),
  );
  return {
    ...result,
    seconds: (clock.now() - startMs) / 1_000,
    types: result.events.map(({ type }) => type),
  };
}

/** Events of one type. */
export function eventsOf({ events }: ExecutionResult, type: HistoryEvent['type']): readonly HistoryEvent[] {
  return events.filter((event) => event.type === type);
}

/** Answers that take time: `seconds` each, then the result or the error. */
export function timed(
  clock: VirtualClock,
  answer: (call: ResourceCall) => {
    readonly seconds: number;
    readonly result?: Json;
    readonly error?: string;
  },
): ResourceHandler {
  return async (call) => {
    const { seconds, result = null, error } = answer(call);
    await clock.until(clock.now() + seconds * 1_000, call.signal);
    if (error !== undefined) throw new TaskError(error, `because of ${error}`);
    return result;
  };
}

/** Fails with these errors, one a call, then answers `done`. */
export function failing(...errors: readonly string[]): ResourceHandler {
  const left = [...errors];
  return () => {
    const error = left.shift();
    if (error !== undefined) throw new TaskError(error, `because of ${error}`);
    return 'done';
  };
}

function nothing(): Json {
  return null;
}
