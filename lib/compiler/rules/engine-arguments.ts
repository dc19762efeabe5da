import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { calledBy } from './called.ts';
import { place, taskPath } from './rule.ts';

/** The arguments of a call are what its engine, or sensor, takes. */
export function engineArguments(dag: DagNode): readonly Problem[] {
  return dag.tasks.flatMap((task) => {
    const called = calledBy(task.call);
    const found = called?.found?.check?.(called.args) ?? [];
    return found.map(({ path, message, remedy }) => ({
      code: 'engine-arguments',
      path: taskPath(dag, task, path),
      message,
      ...(remedy === undefined ? {} : { remedy }),
      ...place(task),
    }));
  });
}
