/** Lambda functions, by the Invoke API. @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
import { isObject, type Json, type JsonObject } from '../../base/json.ts';
import { type ResourceCall, TaskError } from '../../interpreter/resource.ts';
import type { Answer, Asker } from '../ask.ts';
import { impossible, type Service, serviceError, textArg, unreachable } from './service.ts';

/** An `arn:aws:lambda:…:function:name:qualifier`, its last parts, or a name. */
const FUNCTION = /^(?:arn:[^:]+:lambda:[^:]*:[^:]*:|\d+:)?(?:function:)?([^:]+)(?::([^:]+))?$/;

interface Invocation {
  readonly functionName: string;
  /** The event, as JSON text. */
  readonly payload: string;
  readonly qualifier?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A Task whose `Resource` is a function: input and result are the function's own. */
export function lambdaFunction(asker: Asker, endpoint: string, call: ResourceCall): Promise<Json> {
  const { resource: functionName, signal } = call;
  const payload = JSON.stringify(call.arguments);
  return invoke(asker, endpoint, { functionName, payload }, signal).then(payloadOf);
}

/** `lambda:invoke`. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html */
export function lambdaInvoke(asker: Asker, endpoint: string): Service {
  return async ({ signal }, args) => {
    const payload = JSON.stringify(args['Payload'] ?? {});
    const answer = await invoke(asker, endpoint, invocation(args, payload), signal);
    return result(answer, payloadOf(answer));
  };
}

/** `aws-sdk:lambda:invoke`: texts go in and come out, and a function that fails is a result. */
export function lambdaSdkInvoke(asker: Asker, endpoint: string): Service {
  return async ({ signal }, args) => {
    const payload = textArg(args, 'Payload') ?? '{}';
    const answer = await invoke(asker, endpoint, invocation(args, payload), signal);
    const error = answer.headers['x-amz-function-error'];
    return { ...result(answer, answer.body), ...(error === undefined ? {} : { FunctionError: error }) };
  };
}

function invocation(args: JsonObject, payload: string): Invocation {
  const functionName = textArg(args, 'FunctionName');
  if (functionName === undefined) throw impossible(`The field 'FunctionName' is required but was missing`);
  const named = {
    'x-amz-invocation-type': textArg(args, 'InvocationType'),
    'x-amz-client-context': textArg(args, 'ClientContext'),
    'x-amz-log-type': textArg(args, 'LogType'),
  };
  const headers = Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    functionName,
    payload,
    qualifier: textArg(args, 'Qualifier'),
    headers: Object.fromEntries(headers),
  };
}

async function invoke(
  asker: Asker,
  endpoint: string,
  { functionName, payload, qualifier, headers = {} }: Invocation,
  signal: AbortSignal,
): Promise<Answer> {
  const [, name = functionName, inName] = FUNCTION.exec(functionName) ?? [];
  const url = new URL(`/2015-03-31/functions/${encodeURIComponent(name)}/invocations`, endpoint);
  const version = qualifier ?? inName;
  if (version !== undefined) url.searchParams.set('Qualifier', version);
  const question = {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: payload,
    signal,
  };
  const answer = await asker.ask(url, question).catch((thrown: unknown) => {
    throw unreachable('Lambda', url, thrown);
  });
  if (answer.status < 400) return answer;
  const said = json(answer.body);
  const { Message, message = Message } = isObject(said) ? said : {};
  const code = answer.headers['x-amzn-errortype']?.split(':')[0] ?? 'AWSLambdaException';
  throw serviceError('Lambda', {
    code,
    message: typeof message === 'string' ? message : answer.body,
    status: answer.status,
    requestId: answer.headers['x-amzn-requestid'],
  });
}

/** What the function returned. @throws {TaskError} what it threw */
function payloadOf({ headers, body }: Answer): Json {
  const payload = json(body);
  if (headers['x-amz-function-error'] === undefined) return payload;
  const { errorType } = isObject(payload) ? payload : {};
  if (typeof errorType === 'string' && errorType !== '') throw new TaskError(errorType, body);
  throw new TaskError(
    'Lambda.Unknown',
    `The cause could not be determined because Lambda did not return an error type. Returned payload: ${body}`,
  );
}

function result({ status, headers }: Answer, payload: Json): JsonObject {
  const requestId = headers['x-amzn-requestid'] ?? 'local';
  return {
    ExecutedVersion: headers['x-amz-executed-version'] ?? '$LATEST',
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: status,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: status,
  };
}

function json(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
