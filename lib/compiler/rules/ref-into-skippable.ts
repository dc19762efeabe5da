import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { type Endings, endingsOf } from './endings.ts';
import { graphOf } from './graph.ts';
import { readsOf } from './refs.ts';
import { place, taskPath } from './rule.ts';

/** A Ref reads a task that may have given no output when its reader runs (warning). */
export function refIntoSkippable(dag: DagNode): readonly Problem[] {
  const graph = graphOf(dag);
  const endings = endingsOf(dag);
  return dag.tasks.flatMap((task, index) => {
    if (task.triggerRule === 'all_success') return [];
    const seen = new Set<string>();
    return readsOf(task.call).flatMap((read): readonly Problem[] => {
      if (read.kind !== 'output' || read.tolerant || seen.has(read.task)) return [];
      const source = graph.indexOf.get(read.task) ?? -1;
      const ending = endings[source];
      if (ending === undefined || graph.upstream[index]?.includes(source) !== true) return [];
      const lack = missing(task, read.task, ending);
      if (lack === undefined) return [];
      seen.add(read.task);
      return [
        problem(
          dag,
          task,
          `${read.where}`,
          `"${read.task}" ${lack} when "${task.id}" (${task.triggerRule}) runs`,
        ),
      ];
    });
  });
}

/** How the task above may have ended without output although its reader runs. */
function missing(task: TaskNode, above: string, endings: Endings): string | undefined {
  const only = task.upstream.length === 1;
  switch (task.triggerRule) {
    case 'none_failed':
      return endings.skipped ? 'may have been skipped' : undefined;
    case 'none_failed_min_one_success':
      return endings.skipped && !only ? 'may have been skipped' : undefined;
    case 'one_success':
    case 'all_done_min_one_success':
      return only ? undefined : 'may have failed';
    case 'all_done_setup_success':
      return task.teardownOf?.length === 1 && task.teardownOf[0] === above ? undefined : 'may have failed';
    case 'all_failed':
    case 'all_skipped':
      return 'has given no output';
    case 'always':
      return 'may not have ended';
    case 'all_success':
      return undefined;
    default:
      return 'may have failed';
  }
}

function problem(dag: DagNode, task: TaskNode, where: string, message: string): Problem {
  return {
    code: 'ref-into-skippable',
    path: taskPath(dag, task, where),
    message: `must be there when the task runs, but ${message}`,
    remedy: 'write orElse(ref, default), or choose another trigger rule',
    severity: 'warning',
    ...place(task),
  };
}
