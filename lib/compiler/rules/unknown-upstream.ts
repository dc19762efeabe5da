import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import { graphOf } from './graph.ts';
import { place, taskPath } from './rule.ts';

/** How many of the unknown names get a near name: looking for one reads every id. */
const MAX_SUGGESTIONS = 10;

/** Every upstream id names a task of this DAG. */
export function unknownUpstream(dag: DagNode): readonly Problem[] {
  const { indexOf } = graphOf(dag);
  const ids = [...indexOf.keys()];
  const problems: Problem[] = [];
  for (const task of dag.tasks) {
    for (const { task: above } of task.upstream) {
      if (indexOf.has(above)) continue;
      const near = problems.length < MAX_SUGGESTIONS ? nearest(above, ids) : undefined;
      problems.push({
        code: 'unknown-upstream',
        path: taskPath(dag, task, 'after'),
        message: `must name a task of this DAG, got "${above}"`,
        remedy:
          near === undefined ? 'declare that task, or remove the dependency' : `did you mean "${near}"?`,
        ...place(task),
      });
    }
  }
  return problems;
}
