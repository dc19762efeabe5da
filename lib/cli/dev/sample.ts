import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';

/**
 * The DAG that shows best, at the first start, what a run looks like: it needs nobody and nothing outside, its params have
 * defaults, and it has a few tasks. `undefined`: none can be run unasked.
 */
export function sampleDag(
  dags: readonly DagNode[],
  runsHere: (dag: DagNode) => boolean,
): DagNode | undefined {
  return dags
    .filter(
      (dag) =>
        dag.tasks.length > 0 &&
        Object.values(dag.params).every(hasDefault) &&
        dag.tasks.every(isPrompt) &&
        runsHere(dag),
    )
    .toSorted((one, other) => rank(one) - rank(other) || one.tasks.length - other.tasks.length)[0];
}

function hasDefault(param: DagNode['params'][string]): boolean {
  return param['default'] !== undefined;
}

/** Answers by itself, and soon. */
function isPrompt({ call }: TaskNode): boolean {
  return call.kind !== 'sensor' && call.kind !== 'approve';
}

/** What asks another system may fail here; what has one task shows little. */
function rank({ connections, tasks }: DagNode): number {
  return (connections.some(({ kind }) => kind === 'http') ? 2 : 0) + (tasks.length === 1 ? 1 : 0);
}
