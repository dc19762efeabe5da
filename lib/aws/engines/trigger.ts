/** `dag.trigger`: Core starts the run. Asked again with the same id, it answers with the same run. */
import { isObject, type Json } from '../../base/json.ts';
import { coreFunctionName } from '../../deployment/names.ts';
import { namedError } from '../../runtime/named-error.ts';
import { type TriggerRequest, triggerRequest } from '../../runtime/trigger-request.ts';
import type { EngineContext } from '../task/engine-call.ts';
import { busyOr } from './busy.ts';
import { engineError, JOB_FAILED, REFUSED } from './errors.ts';
import type { EngineHere } from './place.ts';

export const triggerDag: EngineHere = {
  answer: (context) => {
    const { run } = context.event.execution;
    const { task, mapIndex } = context.event;
    const by = { dagId: run.dagId, runId: run.id, attempt: run.attempt, task, mapIndex };
    return asked(context, triggerRequest(context.args, by));
  },
};

/** @throws {Error} `Dag.TriggerRefused` where Core does not start it */
async function asked({ clients, file }: EngineContext, request: TriggerRequest): Promise<Json> {
  const [{ InvokeCommand }, client] = await Promise.all([import('@aws-sdk/client-lambda'), clients.lambda()]);
  const name = coreFunctionName(file.environment, 'tick');
  const Payload = Buffer.from(JSON.stringify({ trigger: request }));
  const reply = await client
    .send(new InvokeCommand({ FunctionName: name, Payload }))
    .catch((thrown: unknown) => {
      throw busyOr(thrown, (error) => engineError(REFUSED, `${name}: ${error.message}`, { cause: error }));
    });
  const answer = JSON.parse(Buffer.from(reply.Payload ?? []).toString() || 'null') as Json;
  if (reply.FunctionError === undefined) return answer;
  const { errorType, errorMessage = '' } = isObject(answer) ? answer : {};
  if (errorType === 'RefusedError') throw namedError('Dag.TriggerRefused', String(errorMessage));
  throw engineError(JOB_FAILED, `${name}: ${String(errorType)}: ${String(errorMessage)}`);
}
