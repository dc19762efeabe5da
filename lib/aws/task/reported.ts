import { RefusedError } from '../../base/errors.ts';
import { TaskError } from '../../base/task-error.ts';
import { taskErrorOf } from '../../runtime/task-error-of.ts';
import type { Redaction } from './redaction.ts';

/** Longest that is told of an error, characters: Step Functions keeps 32,768 of an error's cause as JSON. */
const MAX_MESSAGE = 16_000;
const MAX_STACK = 4_000;

/**
 * An error as Lambda reports it: its `name` is the `errorType` that retry rules match, its message what the laptop's
 * history has as the cause.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html
 */
export function reported(
  { error: name, causeText }: TaskError,
  thrown: unknown,
  redaction: Redaction,
): Error {
  const error = new Error(cut(redaction.text(causeText), MAX_MESSAGE));
  error.name = name === '' ? 'Error' : name;
  const frames = thrown instanceof Error ? (thrown.stack ?? '').split('\n').filter(isFrame) : [];
  error.stack = [error.name, ...frames].join('\n').slice(0, MAX_STACK);
  return error;
}

/** What was thrown, under the name by which it is reported: of what is refused, its code says more. */
export function toldErrorOf(thrown: unknown): TaskError {
  if (!(thrown instanceof RefusedError)) return taskErrorOf(thrown);
  return new TaskError(thrown.code, thrown.message, { cause: thrown });
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line);
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
