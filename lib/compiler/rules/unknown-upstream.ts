import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import { nodesOf } from './nodes.ts';

/** How many of the unknown names get a near name: looking for one reads every id. */
const MAX_SUGGESTIONS = 10;

/** Every upstream id names a task of this DAG, or a group that is a module. */
export function unknownUpstream(dag: DagNode): readonly Problem[] {
  const nodes = nodesOf(dag);
  const ids = new Set(nodes.map(({ id }) => id));
  const problems: Problem[] = [];
  for (const { path, at, upstream } of nodes) {
    for (const { task: above } of upstream) {
      if (ids.has(above)) continue;
      const near = problems.length < MAX_SUGGESTIONS ? nearest(above, [...ids]) : undefined;
      problems.push({
        code: 'unknown-upstream',
        path: `${path} › after`,
        message: `must name a task of this DAG, got "${above}"`,
        remedy:
          near === undefined ? 'declare that task, or remove the dependency' : `did you mean "${near}"?`,
        ...at,
      });
    }
  }
  return problems;
}
