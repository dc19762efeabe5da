import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { type Node, nodesOf } from './nodes.ts';

/** No two tasks of a DAG have the same id, nor a task and a group that is a module; both places are named. */
export function duplicateTaskId(dag: DagNode): readonly Problem[] {
  const first = new Map<string, Node>();
  return nodesOf(dag).flatMap((node) => {
    const earlier = first.get(node.id);
    if (earlier !== undefined) return [duplicate(node, earlier)];
    first.set(node.id, node);
    return [];
  });
}

function duplicate({ id, path, at }: Node, { at: earlier }: Node): Problem {
  return {
    code: 'duplicate-task-id',
    path,
    message: `must have an id of its own, got "${id}" twice`,
    remedy: 'rename one of the two',
    ...at,
    ...(earlier.at === undefined ? {} : { related: [{ note: 'first declared here', at: earlier.at }] }),
  };
}
