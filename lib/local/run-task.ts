/** One try of one task: what `lambda:invoke` does here. */
import type { Clock } from '../base/clock.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { objectOf } from '../engines/sync.ts';
import { type ResourceCall, TaskError } from '../interpreter/resource.ts';
import { asksOf } from '../model/asks.ts';
import type { FnContext, Log } from '../model/context.ts';
import type { DagNode } from '../model/dag.ts';
import type { RunInput, TaskEvent, TaskReply } from '../model/run-input.ts';
import type { TaskNode } from '../model/task.ts';
import { callBody, type FnCall } from '../runtime/body.ts';
import { withConsole } from '../runtime/captured-console.ts';
import { withLarge } from '../runtime/large-values.ts';
import { logEnd } from '../runtime/log-end.ts';
import { LookCounter } from '../runtime/look.ts';
import { outputOf } from '../runtime/outputs.ts';
import { taskErrorOf } from '../runtime/task-error-of.ts';
import { verdictOf } from '../runtime/verdict.ts';
import { type EngineNode, isThenable, startWork, untilAborted, type Ways } from '../runtime/work.ts';
import type { Approvals, Asking } from './approvals.ts';
import { fnContext, type Surroundings } from './context/fn-context.ts';
import { localEngine } from './engines/all.ts';
import type { EngineCall } from './engines/local-engine.ts';
import type { LargeValues } from './large-values.ts';
import type { LatchTable } from './latch-table.ts';
import { wantedOf } from './outputs.ts';
import { recordOutput, withRecorded } from './recorded.ts';
import type { RunWaits } from './run-waits.ts';
import { type SyncCall, syncCall } from './sync-call.ts';

/** Runs a function's body: in this process, or in a child. */
export type RunBody = (call: BodyCall) => Promise<unknown> | unknown;

export interface BodyCall extends FnCall {
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
  /** Where nobody waits for runs of other DAGs, absent. */
  readonly runWaits?: Pick<RunWaits, 'wait'>;
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
    const byItself = syncCall(call);
    const sent = byItself?.event ?? eventOf(call.arguments);
    const task = tasks.get(sent.task);
    if (task === undefined)
      throw new TaskError('Dag.UnknownTask', `dag "${world.dag.id}": has no task "${sent.task}"`);
    const event = looks.begin(sent);
    const { log, close } = world.openLog(event);
    if (task.call.kind === 'approve') return asks(world, event, { log, close, signal: call.signal });
    return tried(
      world,
      { call, task, event, watch, byItself, end: (error) => looks.end(event, error) },
      { log, close },
    );
  };
}

interface Trying extends Pick<Try, 'task' | 'event' | 'watch'> {
  readonly call: ResourceCall;
  /** Of an engine that Step Functions runs itself. */
  readonly byItself: SyncCall | undefined;
  readonly end: (error: string) => void;
}

async function tried(world: TaskWorld, trying: Trying, { log, close }: TryLog): Promise<Json> {
  const { call, byItself, task, event, watch, end } = trying;
  const current = { task, event, log, signal: call.signal, watch };
  try {
    if (call.pattern === 'waitForTaskToken') {
      await world.runWaits?.wait(event, givenArgs(world, event), { log, close, signal: call.signal });
      return {};
    }
    if (byItself === undefined) return { Payload: await replyOf(world, current) };
    return byItself.job.answer(objectOf(await outputIn(world, current, event.args ?? {})));
  } catch (thrown) {
    const error = taskErrorOf(thrown);
    end(error.error);
    if (!call.signal.aborted) logEnd(log, error, thrown);
    throw error;
  } finally {
    close();
  }
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
  const { task, event } = current;
  const output = await outputIn(world, current, givenArgs(world, event));
  const out = wantedOf(event, output, world.values);
  if (event.record === true) recordOutput(world.table, event.execution, event, out);
  return { out, ...verdictOf(task, output) };
}

async function outputIn(world: TaskWorld, current: Try, args: JsonObject): Promise<Json> {
  const { task, event, log, signal } = current;
  const { execution: input, mapIndex } = event;
  const facts = { task: task.id, try: event.try, mapIndex, input, log, signal, asks: asksOf(world.dag) };
  const context = fnContext(world.place, facts);
  const work = withConsole(log, () =>
    startWork({ task, event, args }, waysOf(world, current, { args, context })),
  );
  return outputOf(task.id, isThenable(work) ? await untilAborted(work, signal) : work);
}

/** The call's arguments with what was recorded or kept as files put in. */
function givenArgs({ table, values }: TaskWorld, { args, execution }: TaskEvent): JsonObject {
  return args === undefined ? {} : withLarge(withRecorded(table, execution, args), values);
}

function waysOf(
  world: TaskWorld,
  { task, event, watch }: Try,
  { args, context }: { readonly args: JsonObject; readonly context: FnContext },
): Ways {
  return {
    body: () =>
      world.runBody({ dag: world.dag, task, args, context, input: event.execution, place: world.place }),
    engine(node, want) {
      const { execution, instance } = event;
      const { attempt } = execution.run;
      const work = runEngine(world, node, { task: task.id, instance, attempt, want, context });
      watch(work);
      return work;
    },
    nowMs: () => world.clock.now(),
  };
}

async function runEngine(
  world: TaskWorld,
  { engine, connection, args, local }: EngineNode,
  facts: Pick<EngineCall, 'task' | 'instance' | 'attempt' | 'want' | 'context'>,
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
export const runInProcess: RunBody = callBody;

function eventOf(args: Json): TaskEvent {
  const payload = isObject(args) ? args['Payload'] : undefined;
  if (isObject(payload) && typeof payload['task'] === 'string' && isObject(payload['execution'])) {
    return payload as TaskEvent;
  }
  throw new TaskError('Dag.UnknownCall', `no task in ${JSON.stringify(args)}`);
}
