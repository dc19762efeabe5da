/** DAGs that wait for each other's runs: where all mean the same date, none of them ever ends. */
import type { Problem } from '../base/errors.ts';
import type { DagNode } from '../model/dag.ts';
import type { TaskNode } from '../model/task.ts';
import { isRunWait } from './answers.ts';

/** A task, and the DAG a run of which it waits for. */
interface WaitEdge {
  readonly task: TaskNode;
  readonly to: string;
}

/** A warning for each round of waits, told of the DAG that is declared first. A DAG that waits for itself is one, too. */
export function waitCycles(dags: readonly DagNode[]): readonly Problem[] {
  const edges = new Map(dags.map((dag) => [dag.id, waitsOf(dag)]));
  const told = new Set<string>();
  return dags.flatMap((dag) => {
    const way = told.has(dag.id) ? undefined : wayBack(dag.id, edges);
    const [first] = way ?? [];
    if (way === undefined || first === undefined) return [];
    const ids = [dag.id, ...way.map(({ to }) => to)];
    for (const id of ids) told.add(id);
    return [
      {
        code: 'wait-cycle',
        path: `dag "${dag.id}" › task "${first.task.id}"`,
        message: `must not wait for what waits for it, got ${ids.join(' → ')}`,
        remedy: 'remove one of the waits, or let it be for another logicalDate',
        severity: 'warning' as const,
        ...(first.task.at === undefined ? {} : { at: first.task.at }),
      },
    ];
  });
}

function waitsOf({ tasks }: DagNode): readonly WaitEdge[] {
  return tasks.flatMap((task) => {
    const { call } = task;
    const args = isRunWait(call) && 'args' in call ? call.args : undefined;
    const to = typeof args === 'object' && args !== null && 'dagId' in args ? args['dagId'] : undefined;
    return typeof to === 'string' ? [{ task, to }] : [];
  });
}

/** The shortest way of waits from a DAG to itself. */
function wayBack(
  from: string,
  edges: ReadonlyMap<string, readonly WaitEdge[]>,
): readonly WaitEdge[] | undefined {
  const seen = new Set<string>();
  const open: { readonly at: string; readonly way: readonly WaitEdge[] }[] = [{ at: from, way: [] }];
  // Grows while it is walked.
  for (const { at, way } of open) {
    for (const edge of edges.get(at) ?? []) {
      if (edge.to === from) return [...way, edge];
      if (seen.has(edge.to)) continue;
      seen.add(edge.to);
      open.push({ at: edge.to, way: [...way, edge] });
    }
  }
  return undefined;
}
