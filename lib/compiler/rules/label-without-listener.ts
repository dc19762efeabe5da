import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { labelsOf } from '../../model/task.ts';
import { nodesOf } from './nodes.ts';
import { place, taskPath } from './rule.ts';

/** Each label of a brancher is followed by a task: choosing it would otherwise do nothing (warning). */
export function labelWithoutListener(dag: DagNode): readonly Problem[] {
  const heard = new Map<string, Set<string>>();
  for (const { upstream } of nodesOf(dag)) {
    for (const { task, labels } of upstream) {
      if (labels === undefined) continue;
      const known = heard.get(task) ?? new Set();
      for (const label of labels) known.add(label);
      heard.set(task, known);
    }
  }
  return dag.tasks.flatMap((task) => {
    return (labelsOf(task.call) ?? [])
      .filter((label) => heard.get(task.id)?.has(label) !== true)
      .map(
        (label): Problem => ({
          code: 'label-without-listener',
          path: taskPath(dag, task),
          message: `label "${label}" must be followed by a task, got none`,
          remedy: `let a task follow it: { after: ${task.id}.to('${label}') }, or remove the label`,
          severity: 'warning',
          ...place(task),
        }),
      );
  });
}
