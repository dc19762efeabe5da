import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { dagPath, place } from './rule.ts';

/** As many as are measured: above it compiling takes minutes, and sets of tasks gigabytes. */
const MOST_TASKS = 10_000;

/** A DAG has no more tasks than can be compiled. */
export function tooManyTasks(dag: DagNode): readonly Problem[] {
  const { length } = dag.tasks;
  if (length <= MOST_TASKS) return [];
  return [
    {
      code: 'too-many-tasks',
      path: dagPath(dag),
      message: `must have at most ${MOST_TASKS.toLocaleString('en-US')} tasks, got ${length.toLocaleString('en-US')}`,
      remedy: 'map what repeats over a list, or make two DAGs of it: trigger.dag starts the second',
      ...place(dag),
    },
  ];
}
