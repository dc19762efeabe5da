import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { place, taskPath } from './rule.ts';

/** No two tasks of a DAG have the same id; both places are named. */
export function duplicateTaskId(dag: DagNode): readonly Problem[] {
  const first = new Map<string, TaskNode>();
  return dag.tasks.flatMap((task) => {
    const earlier = first.get(task.id);
    if (earlier !== undefined) return [duplicate(dag, task, earlier)];
    first.set(task.id, task);
    return [];
  });
}

function duplicate(dag: DagNode, task: TaskNode, earlier: TaskNode): Problem {
  return {
    code: 'duplicate-task-id',
    path: taskPath(dag, task),
    message: `must have an id of its own, got "${task.id}" twice`,
    remedy: 'rename one of the two',
    ...place(task),
    ...(earlier.at === undefined ? {} : { related: [{ note: 'first declared here', at: earlier.at }] }),
  };
}
