/** Tasks that call Step Functions: they reach this very server, without a network. */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { type ResourceCall, TaskError } from '../../interpreter/resource.ts';
import { machineRef } from '../arn.ts';
import { SfnError } from '../errors.ts';
import { type ExecutionRecord, statusOf } from '../execution.ts';
import { described } from '../execution-calls.ts';
import type { Executions } from '../executions.ts';
import type { Calls } from '../world.ts';
import { capital, impossible, type Service, small, spelled } from './service.ts';

/** Parameters that the API takes as JSON text; a machine may give them as JSON. */
const TEXTS = ['input', 'output', 'definition', 'context', 'variables'];

/** Members that are instants. */
const INSTANT = /(?:Date|^timestamp)$/;

/** `aws-sdk:sfn:…`: every call of the API, in the SDK's spelling. */
export function sdkCall(calls: Calls, action: string): Service | undefined {
  const call = calls[capital(action)];
  if (call === undefined) return undefined;
  return (_call, args) => {
    const input = withTexts(spelled(args, small));
    return told('Sfn', () => {
      const answer = call(input);
      return answer instanceof Promise ? answer.then(sdkResult) : sdkResult(answer);
    });
  };
}

/** `states:startExecution`, alone, with `.sync`, or with `.sync:2`. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html */
export function startExecution(executions: Executions): Service {
  return (call, args) => {
    const input = withTexts(spelled(args, small));
    const start = () => executions.start(machineRef(input), input);
    if (call.pattern !== 'sync')
      return told('StepFunctions', () => {
        const { arn, startedMs } = start();
        return { ExecutionArn: arn, StartDate: startedMs };
      });
    return ended(executions, told('StepFunctions', start), call);
  };
}

/** Waits for an execution's end; it ends with the state that waits. */
async function ended(executions: Executions, record: ExecutionRecord, call: ResourceCall): Promise<Json> {
  const stop = () => executions.stop(record, undefined, undefined);
  call.signal.addEventListener('abort', stop, { once: true });
  await record.done;
  call.signal.removeEventListener('abort', stop);
  const { startedMs, end } = record;
  const texts: JsonObject = {
    ...spelled(described(record), capital),
    StartDate: startedMs,
    StopDate: end?.stoppedMs ?? startedMs,
  };
  if (statusOf(record) !== 'SUCCEEDED') throw new TaskError('States.TaskFailed', JSON.stringify(texts));
  return call.syncVersion === 2
    ? { ...texts, Input: JSON.parse(record.input), Output: JSON.parse(end?.output ?? 'null') }
    : texts;
}

/** What the API refuses, as a machine sees it. */
function told<T>(prefix: string, work: () => T): T {
  const refused = (thrown: unknown): never => {
    if (!(thrown instanceof SfnError)) throw thrown;
    if (thrown.code === 'SerializationException') throw impossible(thrown.message);
    const code = thrown.code.endsWith('Exception') ? thrown.code : `${thrown.code}Exception`;
    throw new TaskError(`${prefix}.${code}`, thrown.message, { cause: thrown });
  };
  try {
    const result = work();
    return result instanceof Promise ? (result.catch(refused) as T) : result;
  } catch (thrown) {
    return refused(thrown);
  }
}

function withTexts(input: JsonObject): JsonObject {
  const texts = TEXTS.flatMap((name) => {
    const value = input[name];
    return value === undefined || typeof value === 'string' ? [] : [[name, JSON.stringify(value)]];
  });
  return texts.length === 0 ? input : { ...input, ...Object.fromEntries(texts) };
}

function sdkResult(answer: JsonObject): JsonObject {
  return spelled(withInstants(answer), capital);
}

/** Seconds as ISO 8601, which is how Step Functions shows an SDK's instants. */
function withInstants<J extends Json | undefined>(value: J): J;
function withInstants(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => withInstants(item));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      INSTANT.test(name) && typeof member === 'number'
        ? new Date(member * 1_000).toISOString()
        : withInstants(member),
    ]),
  );
}
