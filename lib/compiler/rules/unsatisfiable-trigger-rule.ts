import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { canBeSkipped, type Endings, endingsOf } from './endings.ts';
import { type Graph, graphsOf } from './graph.ts';
import { unitPath, unitPlace } from './rule.ts';

/**
 * A trigger rule that no outcome of the tasks above can satisfy: the task never runs. A warning, because
 * the run is well defined all the same: Airflow takes such a DAG, and so does an import.
 */
export function unsatisfiableTriggerRule(dag: DagNode): readonly Problem[] {
  return graphsOf(dag).flatMap((graph) => inGraph(dag, graph));
}

function inGraph(dag: DagNode, graph: Graph): readonly Problem[] {
  const endings = endingsOf(graph);
  return graph.tasks.flatMap((task, index) => {
    const above = graph.upstream[index] ?? [];
    const everRuns = above.every((parent) => endings[parent]?.runs !== false);
    // Below a task that never runs this is a consequence, and the cause is told.
    if (endings[index]?.runs !== false || !everRuns) return [];
    return [
      {
        code: 'unsatisfiable-trigger-rule',
        path: unitPath(dag, task, 'triggerRule'),
        message: `must be a rule that can hold, got "${task.triggerRule}" although ${reason(graph, index, endings)}`,
        severity: 'warning' as const,
        remedy: 'choose another rule, or depend on tasks that a branch can leave out',
        ...unitPlace(task),
      },
    ];
  });
}

function reason(graph: Graph, index: number, endings: readonly (Endings | undefined)[]): string {
  const never = (graph.upstream[index] ?? []).find((parent) => {
    const ending = endings[parent];
    return ending !== undefined && !canBeSkipped(ending);
  });
  return `"${graph.tasks[never ?? -1]?.id}" is never skipped`;
}
