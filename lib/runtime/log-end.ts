import { TaskError } from '../base/task-error.ts';
import { NOT_READY } from '../engines/sensor.ts';
import type { Log } from '../model/context.ts';

/** What a task threw, as the last line of its log: to skip is no error, to look again no end. */
export function logEnd(log: Log, { error, causeText }: TaskError, thrown: unknown): void {
  if (error === NOT_READY) return;
  if (error === 'SkipTask') log.info(causeText === '' ? 'skipped' : `skipped: ${causeText}`);
  else log.error(`${error}: ${causeText}`, stackOf(thrown));
}

function stackOf(thrown: unknown): object | undefined {
  if (!(thrown instanceof TaskError)) return thrown instanceof Error ? { stack: thrown.stack } : undefined;
  // What failed in a child process has its stack there.
  return typeof thrown.cause === 'string' ? { stack: thrown.cause } : undefined;
}
