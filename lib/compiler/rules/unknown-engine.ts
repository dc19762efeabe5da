import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import { calledBy } from './called.ts';
import { place, taskPath } from './rule.ts';

/** A call names an engine there is, a sensor a way of looking there is. */
export function unknownEngine(dag: DagNode): readonly Problem[] {
  return dag.tasks.flatMap((task) => {
    const called = calledBy(task.call);
    if (called === undefined || called.found !== undefined) return [];
    const { field, name, names } = called;
    const near = nearest(name, names);
    return [
      {
        code: 'unknown-engine',
        path: taskPath(dag, task, field),
        message: `must be ${field === 'engine' ? 'an engine' : 'a sensor'} there is, got "${name}"`,
        remedy: near === undefined ? `there is ${names.join(', ')}` : `did you mean "${near}"?`,
        ...place(task),
      },
    ];
  });
}
