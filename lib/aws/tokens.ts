/** Answers to tasks that wait. @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html#connect-wait-token */
import type { Json } from '../base/json.ts';
import { isNamed } from '../runtime/named-error.ts';
import type { Sfn } from './history-page.ts';
import { SendTaskFailureCommand, SendTaskSuccessCommand } from './signed/commands.ts';

/** False where nobody waits with the token any more: it has timed out, was answered, or its execution is over. */
export async function succeedTask(sfn: Sfn, taskToken: string, output: Json): Promise<boolean> {
  return unlessGone(sfn.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) })));
}

/** The same. */
export async function failTask(
  sfn: Sfn,
  taskToken: string,
  { error, cause }: { readonly error: string; readonly cause: string },
): Promise<boolean> {
  return unlessGone(sfn.send(new SendTaskFailureCommand({ taskToken, error, cause })));
}

async function unlessGone(answer: Promise<unknown>): Promise<boolean> {
  try {
    await answer;
    return true;
  } catch (error) {
    const isGone =
      isNamed(error, 'TaskTimedOut') || isNamed(error, 'TaskDoesNotExist') || isNamed(error, 'InvalidToken');
    if (isGone) return false;
    throw error;
  }
}
