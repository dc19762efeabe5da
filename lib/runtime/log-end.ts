import { TaskError } from '../base/task-error.ts';
import { NOT_READY } from '../engines/sensor.ts';
import type { Log } from '../model/context.ts';

/**
 * What a task threw, as the last line of its log: to skip is no error, to look again no end. `shown`: what is told of its
 * stack.
 */
export function logEnd(
  log: Log,
  { error, causeText }: TaskError,
  thrown: unknown,
  shown: (stack: string) => string = (stack) => stack,
): void {
  if (error === NOT_READY) return;
  if (error === 'SkipTask') log.info(causeText === '' ? 'skipped' : `skipped: ${causeText}`);
  else log.error(`${error}: ${causeText}`, stackOf(thrown, shown));
}

function stackOf(thrown: unknown, shown: (stack: string) => string): object | undefined {
  if (!(thrown instanceof TaskError))
    return thrown instanceof Error ? { stack: shown(thrown.stack ?? '') } : undefined;
  // What failed in a child process has its stack there.
  return typeof thrown.cause === 'string' ? { stack: thrown.cause } : undefined;
}
