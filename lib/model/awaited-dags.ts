import type { DagNode } from './dag.ts';

/** Engine of `trigger.dag`. */
export const DAG_TRIGGER = 'dag.trigger';

/** Ids of DAGs whose runs the tasks of this one start and wait for, each once. */
export function awaitedDags({ tasks }: Pick<DagNode, 'tasks'>): readonly string[] {
  const ids = tasks.flatMap(({ call }) =>
    call.kind === 'engine' && call.engine === DAG_TRIGGER && call.args['wait'] === true
      ? [String(call.args['dagId'])]
      : [],
  );
  return [...new Set(ids)];
}
