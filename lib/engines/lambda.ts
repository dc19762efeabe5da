import type { Json, JsonObject } from '../base/json.ts';
import type { Untyped } from '../model/context.ts';
import type { Value } from '../model/ref.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../model/task.ts';
import type { ArgumentProblem, Call, Engine } from './engine.ts';
import type { StandIn } from './local.ts';
import { arnIn, isLater, named, type Permission } from './permission.ts';

export interface InvokeArgs<Payload> {
  /** A function that is no part of this project: its name, or its ARN, of a version or an alias, too. */
  readonly functionName: Value<string>;
  /** What it is sent. @default {} */
  readonly payload?: Readonly<Record<string, unknown>>;
  /** What this task does in a local run: `simulate(…)`, `command([…])` or `real`. @default none: it is refused here */
  readonly local?: StandIn<InvokeOutput<Payload>>;
}

export interface InvokeOutput<Payload> {
  /** What it answered. */
  readonly payload: Payload;
}

/**
 * Calls a Lambda function and waits for its answer, on AWS within the 15 minutes of the DAG's own function. Where it throws,
 * the task fails under the name of its error. Lambda knows no token: where a call's answer is lost the task fails with
 * `Engine.JobFailed`, and the function is called again by a retry rule alone.
 *
 * @example task('score', lambda.invoke<{ score: number }>({ functionName: 'score-orders', payload: { day: run.interval.date } }))
 * @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export function invoke<Payload = Untyped>({
  local,
  ...args
}: InvokeArgs<Payload>): Call<InvokeOutput<Payload>> {
  return {
    engine: lambdaInvoke.name,
    args: args as JsonObject,
    ...(local === undefined ? {} : { local }),
  };
}

export const lambdaInvoke: Engine = {
  name: 'lambda.invoke',
  timeoutSeconds: FUNCTION_TIMEOUT_SECONDS,
  local: 'stand-in',
  permissions: ({ functionName }) => [mayInvoke(functionName)],
  check: ({ functionName }) => nameProblems(functionName),
};

/** The function as it is named: to IAM a version or an alias is another resource. */
function mayInvoke(functionName: Json | undefined): Permission {
  const { resources, ...rest } = named('the function', functionName, (name) =>
    arnIn('lambda', `function:${name}`),
  );
  return { actions: ['lambda:InvokeFunction'], resources, ...rest };
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#lambda-Invoke-request-FunctionName */
const NAME = /^(arn:[^:]+:lambda:[^:]+:\d{12}:function:)?[a-zA-Z0-9_-]{1,64}(:[a-zA-Z0-9$_-]+)?$/;

function nameProblems(name: Json | undefined): readonly ArgumentProblem[] {
  if (isLater(name) || (typeof name === 'string' && NAME.test(name))) return [];
  const message = `must be the name or ARN of a Lambda function, got ${JSON.stringify(name)}`;
  return [{ path: 'functionName', message, remedy: "write 'score-orders'" }];
}
