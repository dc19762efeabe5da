import type { HistoryEvent } from '../asl/events.ts';
import type { Clock } from '../base/clock.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { seededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { Compiled } from '../compiler/compile.ts';
import { Projector } from '../history/project.ts';
import { childEvent } from '../history/run-event.ts';
import { type ExecutionResult, execute } from '../interpreter/execute.ts';
import { type ResourceHandler, TaskError } from '../interpreter/resource.ts';
import { TaskTokens } from '../interpreter/tokens.ts';
import type { RunInput, TaskEvent } from '../model/run-input.ts';
import { latchTable } from './latch-table.ts';
import { recordOutput, withRecorded } from './recorded.ts';
import { play, type Script } from './script.ts';
import { moduleOf, type SimulatedModule, type SimulatedTask, taskOf } from './simulated.ts';

/** A clock that moves by itself while it runs some work. */
export interface DrivenClock extends Clock {
  drive<T>(work: Promise<T>): Promise<T>;
}

export interface SimulateOptions {
  /** Over what the params declare. @default {} */
  readonly params?: JsonObject;
  /** Of retries with jitter. @default 1 */
  readonly seed?: number;
  /** Where time comes from. @default a `VirtualClock` at 2026-01-02T00:00:00Z */
  readonly clock?: DrivenClock;
  /** Keep every history event in the result. @default true */
  readonly keepEvents?: boolean;
  /** Sees every try of a task as it starts, recorded values put into its `args`. */
  readonly onTry?: (event: TaskEvent) => void;
  /** Stands between the machine and the world: to delay an answer, or to lose one. */
  readonly wrap?: (resources: ResourceHandler) => ResourceHandler;
}

/** What a run did; instants are seconds since its start. */
export interface Simulation {
  readonly state: 'running' | 'success' | 'failed' | 'cancelled';
  readonly endSec: number;
  readonly tasks: Readonly<Record<string, SimulatedTask>>;
  /** Maps, groups with retries and loops. */
  readonly modules: Readonly<Record<string, SimulatedModule>>;
  /** States entered, and retries. */
  readonly transitions: number;
  readonly status: ExecutionResult['status'];
  readonly error?: string;
  readonly cause?: string;
  /** Empty unless kept. */
  readonly events: readonly HistoryEvent[];
}

/** Executes a compiled DAG in virtual time, its tasks doing what the script says: a week takes milliseconds. */
export async function simulate(
  compiled: Compiled,
  script: Script,
  options: SimulateOptions = {},
): Promise<Simulation> {
  const { seed = 1, keepEvents = true } = options;
  const clock: DrivenClock = options.clock ?? new VirtualClock(Date.UTC(2026, 0, 2));
  const startMs = clock.now();
  const tokens = new TaskTokens();
  const projector = new Projector(compiled.manifest);
  const world = worldOf(script, tokens, clock, options.onTry);
  const work = execute(compiled.definition, inputOf(compiled, options.params), {
    clock,
    random: seededRandom(seed),
    resources: options.wrap?.(world) ?? world,
    tokens,
    keepEvents,
    onEvent: (event) => projector.apply(event),
    onChildEvent: (event, child) => projector.apply(childEvent(event, child)),
  });
  const result = await clock.drive(work);
  const since = (instantMs: number) => (instantMs - startMs) / 1000;
  return {
    state: projector.runState(),
    endSec: since(clock.now()),
    tasks: Object.fromEntries(projector.tasks().map((task) => [task.id, taskOf(task, since)])),
    modules: Object.fromEntries(projector.modules().map((module) => [module.id, moduleOf(module, since)])),
    transitions: result.transitions,
    status: result.status,
    ...(result.error === undefined ? {} : { error: result.error }),
    ...(result.cause === undefined ? {} : { cause: result.cause }),
    events: result.events,
  };
}

/** Functions play the script; latches are served by a table of their own. */
function worldOf(
  script: Script,
  tokens: TaskTokens,
  clock: Clock,
  onTry: SimulateOptions['onTry'],
): ResourceHandler {
  const table = latchTable(tokens);
  return async (call) => {
    if (call.resource !== 'arn:aws:states:::lambda:invoke') {
      const answer = table.handle(call);
      if (answer !== undefined) return answer;
      throw new TaskError('Simulation.UnknownResource', `nothing here answers ${call.resource}`);
    }
    const sent = eventOf(call.arguments);
    const { task, execution, args, record } = sent;
    const event = args === undefined ? sent : { ...sent, args: withRecorded(table, execution, args) };
    onTry?.(event);
    const reply = await play(script, event, clock, call.signal);
    if (record) recordOutput(table, execution, task, reply.out ?? {});
    return { Payload: reply };
  };
}

/** @throws {TaskError} when a state calls the function with something else than a task */
function eventOf(args: Json): TaskEvent {
  const payload = isObject(args) ? args['Payload'] : undefined;
  if (isObject(payload) && typeof payload['task'] === 'string' && typeof payload['try'] === 'number') {
    return payload as TaskEvent;
  }
  throw new TaskError('Simulation.UnknownCall', `no task in ${JSON.stringify(args)}`);
}

function inputOf({ manifest }: Compiled, params: JsonObject = {}): RunInput {
  return {
    run: {
      id: 'simulated',
      dagId: manifest.dagId,
      attempt: '1',
      logicalDate: '2026-01-01T00:00:00Z',
      interval: { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z', date: '2026-01-01' },
      table: 'tutti',
      expires: '1800000000',
      fns: { main: 'main' },
    },
    params: { ...defaultsOf(manifest.params), ...params },
  };
}

/** What each param is where nobody gives it. */
function defaultsOf(schema: JsonObject): JsonObject {
  const properties = isObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  const defaults = properties.map(
    ([name, param]) => [name, isObject(param) ? param['default'] : undefined] as const,
  );
  return Object.fromEntries(defaults.filter(([, value]) => value !== undefined));
}
