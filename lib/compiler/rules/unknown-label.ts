import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import { labelsOf } from '../../model/task.ts';
import { modulesAround, type Node, nodesOf } from './nodes.ts';
import { orList } from './rule.ts';

/** A task follows labels that its brancher gives, and labels of branchers only: of those that it can see. */
export function unknownLabel(dag: DagNode): readonly Problem[] {
  const nodes = nodesOf(dag);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return nodes.flatMap((node) =>
    node.upstream.flatMap(({ task: id, labels }): readonly Problem[] => {
      const above = byId.get(id);
      if (labels === undefined || above === undefined) return [];
      const around = modulesAround(dag, id).find(({ id: module }) => !node.id.startsWith(`${module}.`));
      if (around !== undefined) return [fromOutside(node, above, around)];
      return labels.flatMap((label) => ofLabel(node, above, label));
    }),
  );
}

function fromOutside({ path, at }: Node, above: Node, around: Node): Problem {
  return {
    code: 'unknown-label',
    path: `${path} › after`,
    message: `must follow labels of a branch beside it, got one of "${above.id}" inside "${around.id}", whose runs choose for themselves`,
    remedy: `depend on the whole: { after: ${around.id} }, or branch outside over its output`,
    ...at,
  };
}

function ofLabel({ path, at }: Node, above: Node, label: string): readonly Problem[] {
  const known = above.task && labelsOf(above.task.call);
  if (known?.includes(label)) return [];
  const near = nearest(label, known ?? []);
  const message =
    known === undefined
      ? `must follow labels of a branch, got "${label}" of "${above.id}", which is none`
      : `must follow a label of "${above.id}", got "${label}"`;
  const others =
    known === undefined
      ? `depend on the task itself: { after: ${above.id} }`
      : `write ${orList(known.map((name) => `"${name}"`))}`;
  const remedy = near === undefined ? others : `did you mean "${near}"?`;
  return [{ code: 'unknown-label', path: `${path} › after`, message, remedy, ...at }];
}
