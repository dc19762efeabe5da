/** What an approval asks, and what its answer means for its task. */
import type { Json, JsonObject } from '../base/json.ts';
import type { Answer, Question } from '../model/approval.ts';
import type { TaskEvent } from '../model/run-input.ts';

/** Error of a task that was answered with one of its `rejects`: no rule retries it. */
export const REJECTED = 'Approval.Rejected';

/** `args` are the call's, resolved. */
export function questionOf(
  { task, instance, label }: TaskEvent,
  args: JsonObject,
  askedAt: string,
): Question {
  return {
    task,
    ...(instance === undefined ? {} : { instance }),
    ...(label === undefined ? {} : { label }),
    message: messageOf(args['message']),
    choices: textsIn(args['choices']),
    rejects: textsIn(args['rejects']),
    askedAt,
  };
}

/** `approve by ann: go ahead`; the cause of a task that was rejected. */
export function answerText({ choice, by, comment }: Answer): string {
  return `${choice}${by === undefined ? '' : ` by ${by}`}${comment === undefined ? '' : `: ${comment}`}`;
}

function messageOf(message: Json | undefined): string {
  return typeof message === 'string' ? message : JSON.stringify(message ?? '');
}

function textsIn(list: Json | undefined): readonly string[] {
  return Array.isArray(list) ? list.map(String) : [];
}
