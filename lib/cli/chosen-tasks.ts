/** Which tasks of a run somebody asked for. */
import { RefusedError } from '../base/errors.ts';
import { nearest } from '../base/suggest.ts';
import type { TaskRun } from '../history/task-run.ts';
import { isMeant, type Selection } from './instances.ts';
import { clip } from './words.ts';

/**
 * All of them where none is named; else that one, with the named instance alone where one is.
 *
 * @throws {RefusedError} `unknown-task`: the DAG, or the map, has none of that name
 */
export function chosenTasks(
  tasks: readonly TaskRun[],
  dagId: string,
  asked: Selection | undefined,
): readonly TaskRun[] {
  if (asked === undefined) return tasks;
  const found = tasks.find(({ id }) => id === asked.task);
  if (found === undefined) throw unknownTask(tasks, dagId, asked.task);
  return [asked.instance === undefined ? found : only(found, asked.instance)];
}

function unknownTask(tasks: readonly TaskRun[], dagId: string, task: string): RefusedError {
  const ids = tasks.map(({ id }) => id);
  const near = nearest(task, ids);
  const remedy = near === undefined ? `it has ${clip(ids.join(', '), 200)}` : `did you mean "${near}"?`;
  return new RefusedError(
    'unknown-task',
    `tutti logs › task: must be a task of "${dagId}", got "${clip(task, 120)}"; ${remedy}`,
  );
}

/** The task with that instance alone. @throws {RefusedError} `unknown-task` */
function only(task: TaskRun, wanted: string): TaskRun {
  const { instances = [] } = task;
  const found = instances.filter((each) => isMeant(each, wanted));
  if (found.length > 0) return { ...task, instances: found };
  const known = instances.map(({ instance, label }) => label ?? instance);
  const remedy =
    known.length === 0
      ? 'it has no instances: leave the brackets out'
      : `it has ${clip(known.join(', '), 200)}`;
  throw new RefusedError(
    'unknown-task',
    `tutti logs › task: must be an instance of "${task.id}", got "${clip(wanted, 120)}"; ${remedy}`,
  );
}
