import type { Json, JsonObject } from '../../base/json.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { compile } from '../../compiler/compile.ts';
import type { RunEvent } from '../../history/run-event.ts';
import type { DagNode } from '../../model/dag.ts';
import type { Run, RunType } from '../../model/run.ts';
import type { TaskEvent } from '../../model/run-input.ts';
import { startLane } from '../../orchestrator/lane.ts';
import { checkedParams } from '../../orchestrator/params.ts';
import type { Message } from '../../orchestrator/ports.ts';
import { registerDags } from '../../orchestrator/register.ts';
import { sweep } from '../../orchestrator/sweep.ts';
import { boundsOf, intervalOf, intervalsIn, intervalTexts, isoText } from '../../schedule/run-interval.ts';
import type { Script } from '../script.ts';
import type { Simulation } from '../simulate.ts';
import { moduleOf, taskOf } from '../simulated.ts';
import { deadlinesOf } from './agenda.ts';
import type { FakeServer } from './fake-context.ts';
import { fakeFiles, textsOf } from './fake-files.ts';
import { functionWork } from './function-work.ts';
import { noteOutput, type VirtualExecution } from './virtual-launcher.ts';
import { type VirtualWorld, virtualWorld } from './virtual-world.ts';

export interface SimulateRunOptions {
  /** What tasks do. @default each try succeeds after a second */
  readonly script?: Script;
  /**
   * Runs the functions of tasks that the script says nothing of, between the fakes below. They take no virtual time.
   *
   * @default false
   */
  readonly bodies?: boolean;
  /** The interval that holds it: a day, or an instant. @default the first one of the DAG */
  readonly logicalDate?: string;
  /** Over what the params declare. @default {} */
  readonly params?: JsonObject;
  /** How the run came to be. @default 'scheduled', 'manual' without a schedule */
  readonly type?: RunType;
  /** When it starts, ISO 8601. @default the end of its interval */
  readonly now?: string;
  /** Of retries with jitter. @default 1 */
  readonly seed?: number;
  /** With `bodies`, by connection: answers requests, or throws an `HttpError`. @default {} */
  readonly http?: Readonly<Record<string, FakeServer>>;
  /** With `bodies`, files that are there, by path. @default {} */
  readonly files?: Readonly<Record<string, string | object>>;
  /** With `bodies`, by name. @default {} */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Sees every try of a task as it starts, recorded values put into its `args`. */
  readonly onTry?: (event: TaskEvent) => void;
}

/** What one run did; instants are seconds since it started. */
export interface SimulatedRun extends Simulation {
  /** As the ledger has it at the end. */
  readonly run: Run;
  /** What tasks gave that succeeded: by task, or `task@instance`. */
  readonly outputs: Readonly<Record<string, Json>>;
  /** What people were told, in order. */
  readonly messages: readonly Message[];
  /** With `bodies`, every file at the end, as text. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Runs a DAG for one interval in virtual time, through the ledger and the compiled machine: a week takes milliseconds.
 *
 * @throws {DefinitionError} when the DAG has mistakes
 * @throws {RefusedError} `invalid-logical-date`, or where params are not what the DAG declares
 */
export async function simulateRun(dag: DagNode, options: SimulateRunOptions = {}): Promise<SimulatedRun> {
  const { script = {}, seed = 1 } = options;
  const { manifest } = compile(dag);
  const interval = intervalOf(dag, options.logicalDate ?? firstDate(dag), FIRST_MS);
  const startMs = options.now === undefined ? interval.endMs : Date.parse(options.now);
  const clock = new VirtualClock(startMs);
  const events: RunEvent[] = [];
  const files = fakeFiles(options.files);
  const fakes = { files, http: options.http ?? {}, secrets: options.secrets ?? {}, state: new Map() };
  const work = (of: DagNode, execution: VirtualExecution) =>
    functionWork({ dag: of, clock, fakes, onOutput: noteOutput(execution) });
  const world = virtualWorld({
    clock,
    seed,
    dagOf: () => dag,
    scriptOf: () => script,
    onTry: options.onTry,
    workOf: options.bodies === true ? work : undefined,
    onEvent: (_, event) => events.push(event),
  });
  const made = runOf(dag, {
    options,
    interval: intervalTexts(dag, interval),
    version: manifest.hash,
    startMs,
  });
  const { run, execution } = await clock.drive(untilOver(world, { dag, manifest }, made));
  return {
    ...simulationOf(execution, clock.now()),
    run,
    events,
    messages: world.messages,
    outputs: Object.fromEntries(execution.outputs),
    files: textsOf(files),
  };
}

/** Where nothing says when a DAG begins. */
const FIRST_MS = Date.UTC(2026, 0, 2);

/** Of the first interval that starts when the DAG does, or later. */
function firstDate(dag: DagNode): string | undefined {
  const { startMs } = boundsOf(dag);
  if (startMs === Number.NEGATIVE_INFINITY) return undefined;
  for (const interval of intervalsIn(dag.schedule, startMs, Number.MAX_SAFE_INTEGER))
    return isoText(interval.startMs);
  return dag.schedule.kind === 'manual' ? isoText(Math.max(startMs, FIRST_MS)) : undefined;
}

interface MadeRun {
  readonly options: SimulateRunOptions;
  readonly interval: Run['interval'];
  readonly version: string;
  readonly startMs: number;
}

function runOf(dag: DagNode, { options, interval, version, startMs }: MadeRun): Run {
  const type = options.type ?? (dag.schedule.kind === 'manual' ? 'manual' : 'scheduled');
  const isOfInterval = type === 'scheduled' || type === 'backfill';
  const at = isoText(startMs);
  return {
    dagId: dag.id,
    id: isOfInterval ? interval.start : `${interval.start}~simulated`,
    type,
    state: 'queued',
    lane: 'main',
    logicalDate: interval.start,
    interval,
    attempt: 1,
    version,
    params: checkedParams(dag, options.params),
    by: 'simulation',
    createdAt: at,
    queuedAt: at,
    cells: '',
    rev: 1,
  };
}

async function untilOver(
  world: VirtualWorld,
  version: Parameters<typeof registerDags>[1][number],
  made: Run,
): Promise<{ readonly run: Run; readonly execution: VirtualExecution }> {
  const { store, launcher } = world;
  const key = { dagId: made.dagId, runId: made.id };
  await registerDags(world, [version]);
  await store.runs.create(made);
  await startLane(world, { dagId: made.dagId, lane: made.lane });
  await untilIdle(world, version.dag, made);
  const run = await store.runs.get(key);
  const [execution] = launcher.executions.values();
  if (run !== undefined && execution !== undefined) return { run, execution };
  throw new Error(`unreachable: run ${made.id} did not start: ${run?.cause ?? run?.state}`);
}

/** Looks for what is late as soon as that shows. */
async function untilIdle(world: VirtualWorld, dag: DagNode, { interval }: Run): Promise<void> {
  const { clock, launcher } = world;
  let isOver = false;
  const over = launcher.idle().then(() => {
    isOver = true;
  });
  for (const afterMs of deadlinesOf(dag).toSorted((one, other) => one - other)) {
    await Promise.race([over, clock.until(Date.parse(interval.end) + afterMs)]);
    if (!isOver) await sweep(world);
  }
  await over;
}

function simulationOf(execution: VirtualExecution, nowMs: number): Omit<Simulation, 'events'> {
  const { watched, result, startMs } = execution;
  const since = (instantMs: number) => (instantMs - startMs) / 1000;
  const { projector } = watched;
  return {
    state: projector.runState(),
    endSec: since(nowMs),
    tasks: Object.fromEntries(projector.tasks().map((task) => [task.id, taskOf(task, since)])),
    modules: Object.fromEntries(projector.modules().map((module) => [module.id, moduleOf(module, since)])),
    transitions: result?.transitions ?? 0,
    status: result?.status ?? 'FAILED',
    ...(result?.error === undefined ? {} : { error: result.error }),
    ...(result?.cause === undefined ? {} : { cause: result.cause }),
  };
}
