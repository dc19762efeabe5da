import type { Problem } from '../../base/errors.ts';
import { engineNamed } from '../../engines/all.ts';
import type { DagNode } from '../../model/dag.ts';
import { place, taskPath } from './rule.ts';

/** The arguments of a call are what its engine takes. */
export function engineArguments(dag: DagNode): readonly Problem[] {
  return dag.tasks.flatMap((task) => {
    if (task.call.kind !== 'engine') return [];
    const found = engineNamed(task.call.engine)?.check?.(task.call.args) ?? [];
    return found.map(({ path, message, remedy }) => ({
      code: 'engine-arguments',
      path: taskPath(dag, task, path),
      message,
      ...(remedy === undefined ? {} : { remedy }),
      ...place(task),
    }));
  });
}
