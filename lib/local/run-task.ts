/** One try of one task: what `lambda:invoke` does here. */
import type { Clock } from '../base/clock.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { NOT_READY, sensorNamed } from '../engines/sensor.ts';
import { type ResourceCall, TaskError } from '../interpreter/resource.ts';
import { bodyOf } from '../model/bodies.ts';
import type { FnContext, Log } from '../model/context.ts';
import type { DagNode } from '../model/dag.ts';
import type { RunInput, TaskEvent, TaskReply } from '../model/run-input.ts';
import type { TaskNode } from '../model/task.ts';
import type { Approvals, Asking } from './approvals.ts';
import { withConsole } from './context/captured-console.ts';
import { fnContext, type Surroundings } from './context/fn-context.ts';
import { localEngine } from './engines/all.ts';
import type { EngineCall } from './engines/local-engine.ts';
import { type LargeValues, withLarge } from './large-values.ts';
import type { LatchTable } from './latch-table.ts';
import { LookCounter, seenBy } from './look.ts';
import { outputOf, wantedOf } from './outputs.ts';
import { recordOutput, withRecorded } from './recorded.ts';
import { taskErrorOf } from './task-error-of.ts';

/** Runs a function's body: in this process, or in a child. */
export type RunBody = (call: BodyCall) => Promise<unknown> | unknown;

export interface BodyCall {
  readonly dag: DagNode;
  readonly task: TaskNode;
  readonly args: JsonObject;
  readonly context: FnContext;
  readonly input: RunInput;
  readonly place: Surroundings;
}

export interface TaskWorld {
  readonly dag: DagNode;
  readonly place: Surroundings;
  readonly clock: Clock;
  readonly table: LatchTable;
  readonly runBody: RunBody;
  /** Opens the log of a try; `close` when it is over. */
  readonly openLog: (event: TaskEvent) => TryLog;
  readonly approvals: Pick<Approvals, 'ask'>;
  /** Outputs too large for the machine. */
  readonly values: LargeValues;
  /** Numbers the tries of sensors. @default nothing was looked for yet */
  readonly looks?: LookCounter;
}

export interface TryLog {
  readonly log: Log;
  readonly close: () => void;
}

/** Sees the work of engines: it ends soon after its signal, a function's may never. */
export type Watch = (work: Promise<unknown>) => void;

/** Does the work of a task's state: runs its function or engine and replies with what later states read. */
export function taskRunner(world: TaskWorld): (call: ResourceCall, watch: Watch) => Promise<Json> {
  const tasks = new Map(world.dag.tasks.map((task) => [task.id, task]));
  const { looks = new LookCounter() } = world;
  return async (call, watch) => {
    const sent = eventOf(call.arguments);
    const task = tasks.get(sent.task);
    if (task === undefined)
      throw new TaskError('Dag.UnknownTask', `dag "${world.dag.id}": has no task "${sent.task}"`);
    const event = looks.begin(sent);
    const { log, close } = world.openLog(event);
    if (task.call.kind === 'approve') return asks(world, event, { log, close, signal: call.signal });
    try {
      const reply = await replyOf(world, { task, event, log, signal: call.signal, watch });
      return { Payload: reply };
    } catch (thrown) {
      const error = taskErrorOf(thrown);
      looks.end(event, error.error);
      if (!call.signal.aborted) logEnd(log, error, thrown);
      throw error;
    } finally {
      close();
    }
  };
}

function asks(world: TaskWorld, event: TaskEvent, asking: Asking): Json {
  const { approvals } = world;
  approvals.ask(event, givenArgs(world, event), asking);
  return {};
}

interface Try {
  readonly task: TaskNode;
  readonly event: TaskEvent;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly watch: Watch;
}

async function replyOf(world: TaskWorld, current: Try): Promise<TaskReply> {
  const { task, event, log, signal } = current;
  const { execution: input } = event;
  const args = givenArgs(world, event);
  const { mapIndex } = event;
  const context = fnContext(world.place, { task: task.id, try: event.try, mapIndex, input, log, signal });
  const work = withConsole(log, () => started(world, current, { args, context }));
  const output = outputOf(task.id, isThenable(work) ? await untilAborted(work, signal) : work);
  const out = wantedOf(event, output, world.values);
  if (event.record === true) recordOutput(world.table, input, event, out);
  return { out, ...verdictOf(task, output) };
}

/** The call's arguments with what was recorded or kept as files put in. */
function givenArgs({ table, values }: TaskWorld, { args, execution }: TaskEvent): JsonObject {
  return args === undefined ? {} : withLarge(withRecorded(table, execution, args), values);
}

interface Started {
  readonly args: JsonObject;
  readonly context: FnContext;
}

function started(world: TaskWorld, { task, event, watch }: Try, { args, context }: Started): unknown {
  const { call } = task;
  const body = () =>
    world.runBody({ dag: world.dag, task, args, context, input: event.execution, place: world.place });
  const engine = (node: EngineNode, want: readonly string[]) => {
    const { attempt } = event.execution.run;
    const work = runEngine(world, node, { task: task.id, attempt, want, context });
    watch(work);
    return work;
  };
  const want = event.want ?? [];
  if (call.kind === 'engine') return engine({ ...call, args }, want);
  if (call.kind !== 'sensor') return body();
  const { sensor, connection } = call;
  const reads = [...want, ...(sensorNamed(sensor)?.reads ?? [])];
  const look = async () =>
    sensor === 'fn'
      ? outputOf(task.id, await body())
      : engine({ engine: sensor, args, ...(connection === undefined ? {} : { connection }) }, reads);
  return seenBy(call, { ...event, args }, { look, nowMs: () => world.clock.now() });
}

type EngineNode = Omit<Extract<TaskNode['call'], { readonly kind: 'engine' }>, 'kind'>;

async function runEngine(
  world: TaskWorld,
  { engine, connection, args, local }: EngineNode,
  facts: Pick<EngineCall, 'task' | 'attempt' | 'want' | 'context'>,
): Promise<Json> {
  const call = {
    ...facts,
    engine,
    args,
    place: world.place,
    ...(connection === undefined ? {} : { connection }),
  };
  if (local?.kind === 'simulate')
    return (await import('./engines/simulate.ts')).simulated(local, call, world.clock);
  if (local?.kind === 'command')
    return (await import('./engines/process.ts')).runCommand(local.command, call);
  const run = await localEngine(engine);
  if (run === undefined)
    throw new TaskError(
      'Dag.NoStandIn',
      `task "${facts.task}" › ${engine}: has no local stand-in; add local: …`,
    );
  return run(call);
}

/** Runs a body in this process. An endless loop in it cannot be interrupted here: `--isolate` can. */
export const runInProcess: RunBody = ({ dag, task, args, context }) => {
  const body = bodyOf(dag, task.id);
  if (body === undefined)
    throw new TaskError('Dag.NoBody', `task "${task.id}": has no function; build it with fn(…)`);
  return hasInputs(task) ? body(args, context) : body(context);
};

/** A function without declared inputs gets its context alone. */
function hasInputs({ call }: TaskNode): boolean {
  const inputs = call.kind === 'sensor' ? call.args : 'inputs' in call ? call.inputs : null;
  return inputs !== null && inputs !== undefined;
}

/** Ends when the work does, or as soon as the state gives up on it; what the work does later is nobody's business. */
function untilAborted(work: PromiseLike<unknown>, signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A promise of any library: query builders are such. */
function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

/** What a brancher or short circuit decided. */
function verdictOf({ id, call }: TaskNode, output: Json): Pick<TaskReply, 'labels' | 'pass'> {
  if (call.kind === 'branch') return { labels: labelsOf(id, call.labels, output) };
  if (call.kind !== 'shortCircuitFn') return {};
  if (typeof output === 'boolean') return { pass: output };
  throw new TaskError(
    'Dag.BadOutput',
    `task "${id}" › output: must be true or false, got ${JSON.stringify(output)}; return a comparison`,
  );
}

function labelsOf(id: string, labels: readonly string[], output: Json): readonly string[] {
  const chosen: readonly Json[] = output === null ? [] : Array.isArray(output) ? output : [output];
  const known = chosen.filter((label) => typeof label === 'string').filter((label) => labels.includes(label));
  if (known.length === chosen.length) return known;
  const wrong = chosen.find((label) => typeof label !== 'string' || !labels.includes(label));
  throw new TaskError(
    'Dag.UnknownLabel',
    `task "${id}" › output: must be labels of this branch, got ${JSON.stringify(wrong)}; return ${labels.map((label) => `"${label}"`).join(', ')} or nothing`,
  );
}

function eventOf(args: Json): TaskEvent {
  const payload = isObject(args) ? args['Payload'] : undefined;
  if (isObject(payload) && typeof payload['task'] === 'string' && isObject(payload['execution'])) {
    return payload as TaskEvent;
  }
  throw new TaskError('Dag.UnknownCall', `no task in ${JSON.stringify(args)}`);
}

/** What a task threw, as the last line of its log: to skip is no error, to look again no end. */
function logEnd(log: Log, { error, causeText }: TaskError, thrown: unknown): void {
  if (error === NOT_READY) return;
  if (error === 'SkipTask') log.info(causeText === '' ? 'skipped' : `skipped: ${causeText}`);
  else log.error(`${error}: ${causeText}`, stackOf(thrown));
}

function stackOf(thrown: unknown): object | undefined {
  if (!(thrown instanceof TaskError)) return thrown instanceof Error ? { stack: thrown.stack } : undefined;
  // What failed in a child process has its stack there.
  return typeof thrown.cause === 'string' ? { stack: thrown.cause } : undefined;
}
