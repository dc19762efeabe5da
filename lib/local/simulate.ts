import type { Clock } from '../base/clock.ts';
import type { JsonObject } from '../base/json.ts';
import { seededRandom } from '../base/random.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { Projector } from '../history/project.ts';
import { childEvent, type RunEvent } from '../history/run-event.ts';
import type { ExecutionResult } from '../interpreter/execute.ts';
import type { ResourceHandler } from '../interpreter/resource.ts';
import { TaskTokens } from '../interpreter/tokens.ts';
import type { Manifest } from '../model/manifest.ts';
import type { RecordedOutput, Rerun, TaskEvent } from '../model/run-input.ts';
import { executeParts, type Machines } from './execute-parts.ts';
import type { Script } from './script.ts';
import { moduleOf, type SimulatedModule, type SimulatedTask, taskOf } from './simulated.ts';
import { simulatedInput } from './simulated-input.ts';
import { simulatedWorld } from './simulated-world.ts';

/** A clock that moves by itself while it runs some work. */
export interface DrivenClock extends Clock {
  drive<T>(work: Promise<T>): Promise<T>;
}

export interface SimulateOptions {
  /** Over what the params declare. @default {} */
  readonly params?: JsonObject;
  /** For the machine of reruns: what runs again, and what became of the rest. */
  readonly rerun?: Rerun;
  /** With `rerun`: what the run before had recorded in its table. @default nothing */
  readonly records?: readonly RecordedOutput[];
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
  /** Maps, groups with retries and loops, by id; the run's own tries under `''`. */
  readonly modules: Readonly<Record<string, SimulatedModule>>;
  /** States entered, and retries, of all executions. */
  readonly transitions: number;
  readonly status: ExecutionResult['status'];
  readonly error?: string;
  readonly cause?: string;
  /** Of all executions, in the order they came. Empty unless kept. */
  readonly events: readonly RunEvent[];
}

/** A compiled DAG, with the machines it starts. */
export interface SimulatedDag extends Machines {
  readonly manifest: Manifest;
}

/** Executes a compiled DAG in virtual time, its tasks doing what the script says: a week takes milliseconds. */
export async function simulate(
  compiled: SimulatedDag,
  script: Script,
  options: SimulateOptions = {},
): Promise<Simulation> {
  const clock: DrivenClock = options.clock ?? new VirtualClock(Date.UTC(2026, 0, 2));
  const startMs = clock.now();
  const projector = new Projector(compiled.manifest);
  const events: RunEvent[] = [];
  const onEvent = (event: RunEvent) => {
    projector.apply(event);
    if (options.keepEvents !== false) events.push(event);
  };
  const { transitions, ...result } = await clock.drive(
    started(compiled, script, { options, clock, onEvent }),
  );
  const since = (instantMs: number) => (instantMs - startMs) / 1000;
  return {
    state: projector.runState(),
    endSec: since(clock.now()),
    tasks: Object.fromEntries(projector.tasks().map((task) => [task.id, taskOf(task, since)])),
    modules: Object.fromEntries(projector.modules().map((module) => [module.id, moduleOf(module, since)])),
    transitions,
    status: result.status,
    ...(result.error === undefined ? {} : { error: result.error }),
    ...(result.cause === undefined ? {} : { cause: result.cause }),
    events,
  };
}

interface Start {
  readonly options: SimulateOptions;
  readonly clock: Clock;
  readonly onEvent: (event: RunEvent) => void;
}

function started(
  compiled: SimulatedDag,
  script: Script,
  { options, clock, onEvent }: Start,
): Promise<ExecutionResult> {
  const tokens = new TaskTokens();
  const input = simulatedInput(compiled.manifest, Object.keys(compiled.parts ?? {}), options);
  const world = simulatedWorld({
    input,
    script,
    tokens,
    clock,
    onTry: options.onTry,
    records: options.records,
  });
  return executeParts(compiled, input, {
    clock,
    random: seededRandom(options.seed ?? 1),
    tokens,
    resources: options.wrap?.(world) ?? world,
    onEvent,
    onChildEvent: (event, child) => onEvent(childEvent(event, child)),
  });
}
