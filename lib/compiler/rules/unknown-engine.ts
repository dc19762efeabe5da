import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { ENGINES, engineNamed } from '../../engines/all.ts';
import type { DagNode } from '../../model/dag.ts';
import { place, taskPath } from './rule.ts';

/** A call names an engine there is. */
export function unknownEngine(dag: DagNode): readonly Problem[] {
  return dag.tasks.flatMap((task) => {
    if (task.call.kind !== 'engine' || engineNamed(task.call.engine) !== undefined) return [];
    const names = ENGINES.map(({ name }) => name);
    const near = nearest(task.call.engine, names);
    return [
      {
        code: 'unknown-engine',
        path: taskPath(dag, task, 'engine'),
        message: `must be an engine there is, got "${task.call.engine}"`,
        remedy: near === undefined ? `there is ${names.join(', ')}` : `did you mean "${near}"?`,
        ...place(task),
      },
    ];
  });
}
