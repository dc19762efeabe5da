import { TaskError } from '../base/task-error.ts';
import { errorName } from '../model/task-errors.ts';

/** What a task threw, under the name by which retry rules know it. */
export function taskErrorOf(thrown: unknown): TaskError {
  if (thrown instanceof TaskError) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new TaskError(errorName(thrown), text, { cause: thrown });
}
