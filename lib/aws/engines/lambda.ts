/**
 * `lambda.invoke`: a job that has ended when its function has answered.
 *
 * The DAG's own function waits for the answer, and a machine could ask for it by a state `lambda:invoke` of its own, which
 * would save that wait (a minute of 512 MB: $0.0004) and let the other function have its 15 minutes whole. It is not done
 * so for three reasons. An answer above 256 KiB would end the whole run by `States.DataLimitExceeded`, which no
 * `States.ALL` catches, and one above 64 KiB fits no variable; here it becomes a file. What an earlier task gave and a file
 * keeps cannot be put into a request by the machine; here it is. And Lambda takes no token: what tells a lost answer from
 * another try, and one instance's tries from another's in history, stands in the requests of `.sync` engines and here in
 * the ledger.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isObject, type Json } from '../../base/json.ts';
import { FUNCTION_TIMEOUT_SECONDS } from '../../model/task.ts';
import type { AwsClient } from '../signed/command.ts';
import { InvokeCommand } from '../signed/commands.ts';
import { isPassing } from './busy.ts';
import type { CalledEngine, Ended } from './called.ts';
import { BUSY, engineError, JOB_FAILED, JOB_TIMEOUT, REFUSED } from './errors.ts';
import type { EngineHere, EnginePlace } from './place.ts';

export const invoke: EngineHere = { open: invocation };

/** Left of the call when its answer is waited for no more, milliseconds: that is kept, so that another try may call again. */
const MARGIN_MS = 3_000;

/** Longest that a function that was called goes on. */
const LONGEST_MS = FUNCTION_TIMEOUT_SECONDS * 1_000;

/**
 * Lambda takes no token, so that nothing is called twice within one try: a request that was perhaps taken is not sent
 * again, and where another call of ours has sent it, that one's answer is waited for in the ledger.
 */
function invocation({ clients, nowMs, remainingMs = () => LONGEST_MS }: EnginePlace): CalledEngine {
  return {
    takesNoToken: true,
    async submit({ functionName, payload = {} }, token) {
      const FunctionName = String(functionName);
      const client = await clients.lambda();
      const asked = { FunctionName, Payload: Buffer.from(JSON.stringify(payload)) };
      const reply = await within(remainingMs() - MARGIN_MS, FunctionName, replyOf(client, asked));
      const answer = answerIn(reply.Payload);
      const ended: Ended =
        reply.FunctionError === undefined
          ? { state: 'done', output: { payload: answer } }
          : { state: 'failed', ...failureIn(answer, FunctionName) };
      return { id: `call ${token.slice(0, 12)}`, ended };
    },
    find: async (token, since) => `call ${token.slice(0, 12)} of ${since}`,
    poll: async (id) =>
      nowMs() < Date.parse(id.split(' ').at(-1) ?? '') + LONGEST_MS
        ? { state: 'running' }
        : { state: 'failed', error: JOB_FAILED, cause: 'lambda: the answer was lost' },
    // Lambda ends no call.
    cancel: async () => undefined,
  };
}

async function replyOf(client: AwsClient, input: ConstructorParameters<typeof InvokeCommand>[0]) {
  try {
    return await client.send({ ...new InvokeCommand(input), once: true });
  } catch (thrown) {
    throw faultOf(thrown, input.FunctionName ?? '');
  }
}

/** Errors of calls that began nothing. @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
const NOT_BEGUN =
  /^(TooManyRequests|EC2Throttled|ENILimitReached|SubnetIPAddressLimitReached|ResourceNotReady|ResourceConflict)Exception$/;

function faultOf(thrown: unknown, functionName: string): Error {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const said = `${functionName}: ${error.name}: ${error.message}`;
  if (NOT_BEGUN.test(error.name)) return engineError(BUSY, said, { cause: error });
  if (!isPassing(error)) return engineError(REFUSED, said, { cause: error });
  const rule = 'must be answered, and perhaps was called; a retry rule calls it again';
  return engineError(JOB_FAILED, `${functionName}: ${rule}, got ${error.name}: ${error.message}`, {
    cause: error,
  });
}

async function within<T>(ms: number, functionName: string, answer: Promise<T>): Promise<T> {
  const stop = new AbortController();
  const late = sleep(Math.max(0, ms), undefined, { signal: stop.signal }).then(() => {
    const rule = `must answer within ${Math.max(0, Math.round(ms / 1000))} s, got no answer`;
    throw engineError(JOB_TIMEOUT, `${functionName}: ${rule}; allow the task more, 15m at most`);
  });
  late.catch(() => undefined);
  try {
    return await Promise.race([answer, late]);
  } finally {
    stop.abort();
  }
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
