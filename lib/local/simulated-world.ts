import type { Clock } from '../base/clock.ts';
import { isObject, type Json } from '../base/json.ts';
import { type ResourceCall, type ResourceHandler, TaskError } from '../interpreter/resource.ts';
import type { TaskTokens } from '../interpreter/tokens.ts';
import type { RecordedOutput, RunInput, TaskEvent } from '../model/run-input.ts';
import { memoryValues, withLarge } from './large-values.ts';
import { type LatchTable, latchTable } from './latch-table.ts';
import { recordEarlier, recordOutput, withRecorded } from './recorded.ts';
import { answer, type Playing, play, type Script } from './script.ts';
import { SimulatedPools } from './simulated-pools.ts';

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
}

/** Functions and people play the script; latches and pools are served by a table and queues of their own. */
export function simulatedWorld(world: SimulatedWorld): ResourceHandler {
  const { input, tokens, onTry, table = latchTable(world.tokens) } = world;
  recordEarlier(table, input, world.records);
  const pools = new SimulatedPools(tokens);
  const values = memoryValues();
  return async (call) => {
    if (call.resource !== 'arn:aws:states:::lambda:invoke') return tableAnswer(table, call);
    const payload = isObject(call.arguments) ? call.arguments['Payload'] : undefined;
    const served = pools.handle(payload);
    if (served !== undefined) return { Payload: served };
    const sent = eventOf(payload);
    const { execution, args } = sent;
    const given = args && { args: withLarge(withRecorded(table, execution, args), values) };
    const event = { ...sent, ...given };
    onTry?.(event);
    return call.pattern === 'waitForTaskToken'
      ? answered(world, event, call)
      : replied(world, event, { table, values, signal: call.signal });
  };
}

function tableAnswer(table: LatchTable, call: ResourceCall): Json {
  const found = table.handle(call);
  if (found !== undefined) return found;
  throw new TaskError('Simulation.UnknownResource', `nothing here answers ${call.resource}`);
}

async function replied(
  { script, clock }: SimulatedWorld,
  event: TaskEvent,
  { table, ...playing }: Required<Playing> & { readonly table: LatchTable },
): Promise<Json> {
  const reply = await play(script, event, clock, playing);
  if (event.record) recordOutput(table, event.execution, event, reply.out ?? {});
  return { Payload: reply };
}

/** The call itself is over at once; the answer comes by the token. */
function answered(
  { script, clock, tokens }: SimulatedWorld,
  event: TaskEvent,
  { signal }: ResourceCall,
): Json {
  const token = event.token ?? '';
  answer(script, event, clock, signal).then(
    (output) => tokens.success(token, output),
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
