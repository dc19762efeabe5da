import type { Clock } from '../base/clock.ts';
import { isObject, type Json } from '../base/json.ts';
import { objectOf } from '../engines/sync.ts';
import { type ResourceCall, type ResourceHandler, TaskError } from '../interpreter/resource.ts';
import type { TaskTokens } from '../interpreter/tokens.ts';
import type { RecordedOutput, RunInput, TaskEvent } from '../model/run-input.ts';
import { withLarge } from '../runtime/large-values.ts';
import { type LargeValues, memoryValues } from './large-values.ts';
import { type LatchTable, latchTable } from './latch-table.ts';
import { recordEarlier, recordOutput, withRecorded } from './recorded.ts';
import { answer, isScripted, type Playing, play, type Script } from './script.ts';
import { SimulatedPools } from './simulated-pools.ts';
import { type SyncCall, syncCall } from './sync-call.ts';

export interface SimulatedWorld {
  /** Of the run: what a rerun is told of is recorded from its start. */
  readonly input: RunInput;
  readonly script: Script;
  readonly tokens: TaskTokens;
  readonly clock: Clock;
  /** Sees every try of a task as it starts, recorded values put into its `args`. */
  readonly onTry: ((event: TaskEvent) => void) | undefined;
  /** Of a rerun: what the execution before had in its table. */
  readonly records: readonly RecordedOutput[] | undefined;
  /** The run's table. @default a new one */
  readonly table?: LatchTable;
  /** Shared with other runs. @default pools of this run alone */
  readonly pools?: SimulatedPools | undefined;
  /** Does what the script says nothing of, functions for example; `undefined` where it does not either. */
  readonly work?: SimulatedWork | undefined;
  /** Sees what a try gave that succeeded. */
  readonly onOutput?: ((event: TaskEvent, output: Json) => void) | undefined;
}

/** Does the work of a task for real. */
export type SimulatedWork = (event: TaskEvent, call: ResourceCall, kept: Kept) => Promise<Json> | undefined;

/** What a run keeps beside its machine. */
interface Kept {
  readonly table: LatchTable;
  readonly values: LargeValues;
}

/** Functions and people play the script; latches and pools are served by a table and queues of their own. */
export function simulatedWorld(world: SimulatedWorld): ResourceHandler {
  const { input, tokens, table = latchTable(world.tokens) } = world;
  recordEarlier(table, input, world.records);
  const pools = world.pools ?? new SimulatedPools(tokens);
  const values = memoryValues();
  return async (call) => {
    const byItself = syncCall(call);
    if (byItself !== undefined) return engineAnswer(world, byItself, { table, values, signal: call.signal });
    if (call.resource !== 'arn:aws:states:::lambda:invoke') return tableAnswer(table, call);
    const payload = isObject(call.arguments) ? call.arguments['Payload'] : undefined;
    const served = pools.handle(payload);
    return served === undefined ? taskAnswer(world, payload, { call, table, values }) : { Payload: served };
  };
}

async function taskAnswer(
  world: SimulatedWorld,
  payload: Json | undefined,
  { call, ...kept }: Kept & { readonly call: ResourceCall },
): Promise<Json> {
  const event = given(eventOf(payload), kept);
  world.onTry?.(event);
  const done = isScripted(world.script, event) ? undefined : world.work?.(event, call, kept);
  if (done !== undefined) return done;
  return call.pattern === 'waitForTaskToken'
    ? answered(world, event, call)
    : replied(world, event, { ...kept, signal: call.signal });
}

/** An engine that Step Functions runs itself: all that it gives goes into its answer. */
async function engineAnswer(
  world: SimulatedWorld,
  { job, event }: SyncCall,
  { signal, values }: Kept & Pick<Playing, 'signal'>,
): Promise<Json> {
  const { script, clock, onTry, onOutput } = world;
  onTry?.(event);
  let given: Json = {};
  const onGiven = (output: Json) => {
    given = output;
    onOutput?.(event, output);
  };
  await play(script, event, clock, { signal, values, onGiven });
  return job.answer(objectOf(given));
}

/** An event with what was recorded or kept as files put into its arguments. */
function given(event: TaskEvent, { table, values }: Kept): TaskEvent {
  const { execution, args } = event;
  return args === undefined
    ? event
    : { ...event, args: withLarge(withRecorded(table, execution, args), values) };
}

function tableAnswer(table: LatchTable, call: ResourceCall): Json {
  const found = table.handle(call);
  if (found !== undefined) return found;
  throw new TaskError('Simulation.UnknownResource', `nothing here answers ${call.resource}`);
}

async function replied(
  { script, clock, onOutput }: SimulatedWorld,
  event: TaskEvent,
  { table, ...playing }: Required<Omit<Playing, 'onGiven'>> & { readonly table: LatchTable },
): Promise<Json> {
  const onGiven = (output: Json) => onOutput?.(event, output);
  const reply = await play(script, event, clock, { ...playing, onGiven });
  if (event.record) recordOutput(table, event.execution, event, reply.out ?? {});
  return { Payload: reply };
}

/** The call itself is over at once; the answer comes by the token. */
function answered(
  { script, clock, tokens, onOutput }: SimulatedWorld,
  event: TaskEvent,
  { signal }: ResourceCall,
): Json {
  const token = event.token ?? '';
  answer(script, event, clock, signal).then(
    (output) => {
      onOutput?.(event, output);
      tokens.success(token, output);
    },
    (thrown) => {
      if (thrown instanceof TaskError) tokens.failure(token, thrown.error, thrown.causeText);
    },
  );
  return {};
}

/** @throws {TaskError} when a state calls the function with something else than a task */
function eventOf(payload: Json | undefined): TaskEvent {
  if (isObject(payload) && typeof payload['task'] === 'string' && typeof payload['try'] === 'number') {
    return payload as TaskEvent;
  }
  throw new TaskError('Simulation.UnknownCall', `no task in ${JSON.stringify(payload)}`);
}
