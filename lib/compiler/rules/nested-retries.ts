import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { modulesAround, type Node, nodesOf } from './nodes.ts';

/** What a group retries does not retry itself: the tries would multiply, and which of both counts nobody could say. */
export function nestedRetries(dag: DagNode): readonly Problem[] {
  const inside = new Map<Node, Node[]>();
  for (const node of nodesOf(dag).filter(retries)) {
    for (const around of modulesAround(dag, node.id).filter(retries)) {
      const list = inside.get(around) ?? [];
      list.push(node);
      inside.set(around, list);
    }
  }
  return [...inside].map(([group, nodes]) => problem(group, nodes));
}

function retries({ task, does }: Node): boolean {
  if (does?.kind === 'retry') return does.retries.attempts > 0;
  return task?.retries.some(({ attempts }) => attempts > 0) === true;
}

function problem({ path, at }: Node, [first, ...others]: readonly Node[]): Problem {
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return {
    code: 'nested-retries',
    path: `${path} › retries`,
    message: `must not retry what retries itself, got "${first?.id}"${more}`,
    remedy:
      'leave out either; against the defaults of the DAG write { defaults: { retries: 0 } } on the group',
    ...at,
  };
}
