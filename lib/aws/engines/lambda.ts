/** `lambda.invoke`: a job that has ended when its function has answered. */
import { isObject, type Json } from '../../base/json.ts';
import { InvokeCommand } from '../signed/commands.ts';
import { busyOr } from './busy.ts';
import type { CalledEngine, Ended } from './called.ts';
import { engineError, JOB_FAILED, REFUSED } from './errors.ts';
import type { EngineHere, EnginePlace } from './place.ts';

export const invoke: EngineHere = { open: invocation };

function invocation({ clients }: EnginePlace): CalledEngine {
  return {
    async submit({ functionName, payload = {} }, token) {
      const FunctionName = String(functionName);
      const client = await clients.lambda();
      const Payload = Buffer.from(JSON.stringify(payload));
      const reply = await client
        .send(new InvokeCommand({ FunctionName, Payload }))
        .catch((thrown: unknown) => {
          throw busyOr(thrown, (error) => engineError(REFUSED, `${FunctionName}: ${error.message}`));
        });
      const answer = answerIn(reply.Payload);
      const ended: Ended =
        reply.FunctionError === undefined
          ? { state: 'done', output: { payload: answer } }
          : { state: 'failed', ...failureIn(answer, FunctionName) };
      return { id: `call ${token.slice(0, 12)}`, ended };
    },
    // Nothing is left to look at, nor to end: whether it was called is not known.
    poll: async () => ({ state: 'failed', error: JOB_FAILED, cause: 'lambda: the answer was lost' }),
    cancel: async () => undefined,
  };
}

function answerIn(payload: Uint8Array | undefined): Json {
  const text = Buffer.from(payload ?? []).toString();
  return text === '' ? null : (JSON.parse(text) as Json);
}

/** What it threw, by the name that retry rules know. @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
function failureIn(answer: Json, functionName: string): { readonly error: string; readonly cause: string } {
  const { errorType, errorMessage } = isObject(answer) ? answer : {};
  const error = typeof errorType === 'string' && errorType !== '' ? errorType : JOB_FAILED;
  return { error, cause: `${functionName}: ${typeof errorMessage === 'string' ? errorMessage : 'failed'}` };
}
