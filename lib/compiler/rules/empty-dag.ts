import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { dagPath, place } from './rule.ts';

/** A DAG has at least one task. */
export function emptyDag(dag: DagNode): readonly Problem[] {
  if (dag.tasks.length > 0) return [];
  return [
    {
      code: 'empty-dag',
      path: dagPath(dag),
      message: 'must have at least one task, got none',
      remedy: "declare one in the body: ({ task }) => { task('first', …) }",
      ...place(dag),
    },
  ];
}
