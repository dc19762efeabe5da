/** Answers to task tokens. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token */
import {
  MAX_CAUSE_LENGTH,
  MAX_ERROR_LENGTH,
  MAX_PAYLOAD_BYTES,
  MAX_TASK_TOKEN_LENGTH,
} from '../asl/limits.ts';
import type { JsonObject } from '../base/json.ts';
import { TaskError } from '../interpreter/resource.ts';
import type { TaskTokens } from '../interpreter/tokens.ts';
import { SfnError } from './errors.ts';
import { optionalText, parsed, text } from './request.ts';
import type { Calls } from './world.ts';

export function tokenCalls(tokens: TaskTokens): Calls {
  return {
    SendTaskSuccess(input) {
      const token = tokenIn(input);
      const output = text(input, 'output', { max: MAX_PAYLOAD_BYTES });
      const value = parsed(output, (why) => new SfnError('InvalidOutput', `Invalid Output: '${why}'`));
      return answered(() => tokens.success(token, value));
    },
    SendTaskFailure(input) {
      const token = tokenIn(input);
      const error = optionalText(input, 'error', { max: MAX_ERROR_LENGTH }) ?? '';
      const cause = optionalText(input, 'cause', { max: MAX_CAUSE_LENGTH }) ?? '';
      return answered(() => tokens.failure(token, error, cause));
    },
    SendTaskHeartbeat(input) {
      const token = tokenIn(input);
      return answered(() => tokens.heartbeat(token));
    },
  };
}

function tokenIn(input: JsonObject): string {
  return text(input, 'taskToken', { min: 1, max: MAX_TASK_TOKEN_LENGTH });
}

/** @throws {SfnError} `TaskTimedOut`, `InvalidToken` */
function answered(answer: () => void): JsonObject {
  try {
    answer();
  } catch (thrown) {
    if (!(thrown instanceof TaskError)) throw thrown;
    throw refused(thrown);
  }
  return {};
}

/** The interpreter names it as a machine that calls the API would see it. */
function refused(thrown: TaskError): SfnError {
  const code = thrown.error.replace(/^Sfn\./, '').replace(/Exception$/, '');
  return new SfnError(code, thrown.causeText, { cause: thrown });
}
