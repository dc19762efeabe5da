/** What a DAG's function does for a task of an engine, and for a look by one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { toSeconds } from '../../base/duration.ts';
import type { Json } from '../../base/json.ts';
import { engineNamed } from '../../engines/all.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../model/task.ts';
import type { CallEngine, EngineContext } from '../task/engine-call.ts';
import { engineHere } from './all.ts';
import { callJob, type Desk, type JobCall } from './called.ts';
import { BUSY, isEngineError, JOB_TIMEOUT, NOT_READY, redacted } from './errors.ts';
import { jobKey } from './job.ts';
import { jobLedger } from './ledger.ts';
import { bucketOutputs } from './outputs.ts';
import { type EngineHere, type EnginePlace, jobFolder } from './place.ts';
import { tableCall } from './table-call.ts';

/** Runs the verb that the call names. */
export const callEngine: CallEngine = async (context) => callWith(await engineHere(context), context);

export type Pause = Desk['pause'];

const realPause: Pause = (ms, signal) => sleep(ms, undefined, { signal });

/** Runs a verb; `pause` waits between two polls. */
export async function callWith(
  engine: EngineHere,
  context: EngineContext,
  pause: Pause = realPause,
): Promise<Json> {
  const secrets = await secretsOf(context);
  // What is answered by a token is no look: nobody asks again soon.
  const isLook = context.event.poke !== undefined && context.event.token === undefined;
  try {
    if ('answer' in engine) return await engine.answer(context);
    if (isLook && engine.look !== undefined) return await engine.look(context);
    const desk = deskOf(context, { secrets, pause });
    return await callJob(desk, engine.open(placeOf(context, desk)), jobCall(context));
  } catch (thrown) {
    context.signal.throwIfAborted();
    const error = redacted(thrown, secrets);
    if (isLook && PASSING.some((name) => isEngineError(error, name))) return NOTHING_SEEN;
    throw error;
  }
}

/** In a look they mean "not yet": the sensor's own waits and its own timeout follow. */
const PASSING = [NOT_READY, BUSY, JOB_TIMEOUT] as const;

const NOTHING_SEEN: Json = Object.freeze({});

function deskOf(
  { clients, file, nowMs, remainingMs, signal, log }: EngineContext,
  { secrets, pause }: Pick<Desk, 'secrets' | 'pause'>,
): Desk {
  const ledger = jobLedger({
    table: tableCall(clients.dynamodb),
    outputs: bucketOutputs(clients.s3, file.bucket),
    nowMs,
  });
  return { ledger, nowMs, remainingMs, pause, signal, log, secrets };
}

function placeOf(context: EngineContext, { ledger }: Desk): EnginePlace {
  const key = jobKey(context.event);
  const isStopped = async () => (await ledger.read(key)).isStopped;
  return { ...context, dagId: key.dagId, folder: jobFolder(key), isStopped };
}

function jobCall({ event, task, call, args }: EngineContext): JobCall {
  const { since, poke } = event;
  return {
    key: jobKey(event),
    engine: call.engine,
    ...(call.connection === undefined ? {} : { connection: call.connection }),
    args,
    timeoutSeconds:
      toSeconds(task.timeout) ?? engineNamed(call.engine)?.timeoutSeconds ?? FUNCTION_TIMEOUT_SECONDS,
    ...(since === undefined || poke === undefined
      ? {}
      : { endsAtMs: Date.parse(since) + poke.timeout * 1000 }),
    retries: task.retries,
    asked: event.try,
    isLook: poke !== undefined,
  };
}

/** What the connection's requests carry, and nobody is told. */
async function secretsOf({ call, file, context }: EngineContext): Promise<readonly string[]> {
  const config = file.connections[call.connection ?? ''];
  return config?.kind === 'http' && config.secret !== undefined ? [await context.secret(config.secret)] : [];
}
