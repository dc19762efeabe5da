/** `dag.trigger` and `dag.run`: Core starts runs of other DAGs, and wakes who waits for them. Both may be asked again. */
import { isObject, type Json } from '../../base/json.ts';
import type { TickEvent, WaitEvent } from '../../deployment/events.ts';
import { coreFunctionName } from '../../deployment/names.ts';
import { AWAITED_RUN_FAILED, TRIGGERED, TRIGGERED_RUN_FAILED } from '../../engines/run-wait.ts';
import { NOT_READY } from '../../engines/sensor.ts';
import type { AwaitedRun } from '../../model/run-input.ts';
import { notThere } from '../../runtime/look.ts';
import { namedError } from '../../runtime/named-error.ts';
import { triggerRequest } from '../../runtime/trigger-request.ts';
import { InvokeCommand } from '../signed/commands.ts';
import type { EngineContext } from '../task/engine-call.ts';
import { busyOr } from './busy.ts';
import { engineError, JOB_FAILED, REFUSED } from './errors.ts';
import type { EngineHere } from './place.ts';

export const triggerDag: EngineHere = {
  async answer(context) {
    const { run } = context.event.execution;
    const { task, instance } = context.event;
    const by = { dagId: run.dagId, runId: run.id, attempt: run.attempt, task, instance };
    const started = await askTick(context, { trigger: triggerRequest(context.args, by) });
    if (context.event.token === undefined || !isObject(started)) return started;
    const { dagId, runId, logicalDate } = started;
    const awaited = {
      dagId: String(dagId),
      runId: String(runId),
      logicalDate: String(logicalDate),
      ...TRIGGERED,
    };
    return waitFor(context, { ...awaited, error: TRIGGERED_RUN_FAILED });
  },
};

/** `dag.run`: a wait that is told anew now and then, until its time is over. */
export const awaitRun: EngineHere = {
  async answer(context) {
    const { event, nowMs, args } = context;
    const over = notThere(event, nowMs());
    if (over.error !== NOT_READY) throw over;
    return waitFor(context, { ...(args as AwaitedRun), error: AWAITED_RUN_FAILED });
  },
};

/** Nothing is given here: Core answers the task's token. */
function waitFor(context: EngineContext, awaited: Omit<WaitEvent, 'token' | 'consumer'>): Promise<Json> {
  const { task, instance, token = '', execution } = context.event;
  const { dagId, id: runId, attempt } = execution.run;
  const consumer = {
    ...{ dagId, runId, attempt: Number(attempt), task },
    ...(instance === undefined ? {} : { instance }),
  };
  return askTick(context, { wait: { ...awaited, token, consumer } });
}

/** @throws {Error} `Dag.TriggerRefused` where Core does not start it */
async function askTick({ clients, file }: EngineContext, event: TickEvent): Promise<Json> {
  const client = await clients.lambda();
  const name = coreFunctionName(file.environment, 'tick');
  const Payload = Buffer.from(JSON.stringify(event));
  const reply = await client
    .send(new InvokeCommand({ FunctionName: name, Payload }))
    .catch((thrown: unknown) => {
      throw busyOr(thrown, (error) => engineError(REFUSED, `${name}: ${error.message}`, { cause: error }));
    });
  const answer = JSON.parse(Buffer.from(reply.Payload ?? []).toString() || 'null') as Json;
  if (reply.FunctionError === undefined) return answer;
  const { errorType, errorMessage = '' } = isObject(answer) ? answer : {};
  // Core names what it refuses by its code.
  if (typeof errorType === 'string' && /^[a-z]+(-[a-z]+)*$/.test(errorType))
    throw namedError('Dag.TriggerRefused', String(errorMessage));
  throw engineError(JOB_FAILED, `${name}: ${String(errorType)}: ${String(errorMessage)}`);
}
