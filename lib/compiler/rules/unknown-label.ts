import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import { labelsOf, type TaskNode } from '../../model/task.ts';
import { graphOf } from './graph.ts';
import { orList, place, taskPath } from './rule.ts';

/** A task follows labels that its brancher gives, and labels of branchers only. */
export function unknownLabel(dag: DagNode): readonly Problem[] {
  const { indexOf, tasks } = graphOf(dag);
  return dag.tasks.flatMap((task) =>
    task.upstream.flatMap(({ task: id, labels }) => {
      const above = tasks[indexOf.get(id) ?? -1];
      if (labels === undefined || above === undefined) return [];
      return labels.flatMap((label) => ofLabel(dag, task, above, label));
    }),
  );
}

function ofLabel(dag: DagNode, task: TaskNode, above: TaskNode, label: string): readonly Problem[] {
  const known = labelsOf(above.call);
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
  return [{ code: 'unknown-label', path: taskPath(dag, task, 'after'), message, remedy, ...place(task) }];
}
