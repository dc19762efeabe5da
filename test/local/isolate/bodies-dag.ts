import { keepBodies, type TaskBody } from '../../../lib/model/bodies.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { emptyDag } from '../../build.ts';

/** A DAG of functions beside one another; one that is called endless may take two seconds, the others as long as a busy machine needs. */
export function bodiesDag(bodies: Readonly<Record<string, TaskBody>>): DagNode {
  const tasks = Object.keys(bodies).map((id) => ({
    id,
    call: { kind: 'fn' as const, inputs: null },
    upstream: [],
    triggerRule: 'all_success' as const,
    retries: [],
    timeout: id === 'endless' ? 2 : 60,
  }));
  const dag = { ...emptyDag('hostile'), tasks };
  keepBodies(dag, new Map(Object.entries(bodies)));
  return dag;
}

/** Only some of a DAG's tasks. */
export function only(dag: DagNode, ...ids: readonly string[]): DagNode {
  return { ...dag, tasks: dag.tasks.filter(({ id }) => ids.includes(id)) };
}
