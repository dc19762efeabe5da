import type { Problem } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { modulesAround } from './nodes.ts';
import { place, taskPath } from './rule.ts';

/** A teardown names setups: other tasks of this DAG, none of them a teardown itself. */
export function teardown(dag: DagNode): readonly Problem[] {
  const tasks = new Map(dag.tasks.map((task) => [task.id, task]));
  return dag.tasks.flatMap((task) => {
    if (task.teardownOf === undefined) return failRunWithout(dag, task);
    if (task.teardownOf.length === 0) {
      return [
        problem(dag, task, 'must name at least one setup, got none', 'name it: { teardownOf: cluster }'),
      ];
    }
    return task.teardownOf.flatMap((setup) => ofSetup(dag, task, setup, tasks));
  });
}

type Tasks = ReadonlyMap<string, TaskNode>;

function ofSetup(dag: DagNode, task: TaskNode, setup: string, tasks: Tasks): readonly Problem[] {
  if (setup === task.id)
    return [problem(dag, task, 'must name another task, got itself', 'name the setup it cleans up after')];
  const found = tasks.get(setup);
  if (found === undefined) {
    const near = nearest(setup, [...tasks.keys()]);
    const remedy = near === undefined ? 'name the setup it cleans up after' : `did you mean "${near}"?`;
    return [problem(dag, task, `must name a task of this DAG, got "${setup}"`, remedy)];
  }
  const [around] = modulesAround(dag, task.id);
  const [other] = modulesAround(dag, setup);
  if (around?.id !== other?.id) {
    const border = `group "${around?.id ?? other?.id}"`;
    const message = `must name a setup beside it, got "${setup}" across the border of ${border}, which runs several times`;
    return [problem(dag, task, message, 'put both into the group, or both outside')];
  }
  if (found.map !== undefined) {
    const message = `must name a setup that runs once, got "${setup}", which is mapped`;
    return [
      problem(dag, task, message, 'map a group with the setup, the work and the teardown: group.map(…)'),
    ];
  }
  if (found.teardownOf === undefined) return [];
  return [
    problem(
      dag,
      task,
      `must name a setup, got "${setup}", which is a teardown`,
      'name the task that creates what both clean up',
    ),
  ];
}

function failRunWithout(dag: DagNode, task: TaskNode): readonly Problem[] {
  if (task.failRun !== true) return [];
  const message = 'must only be set on a teardown, got true';
  const remedy = 'leave it out: a task that is no teardown always decides the run';
  return [{ code: 'teardown', path: taskPath(dag, task, 'failRun'), message, remedy, ...place(task) }];
}

function problem(dag: DagNode, task: TaskNode, message: string, remedy: string): Problem {
  return { code: 'teardown', path: taskPath(dag, task, 'teardownOf'), message, remedy, ...place(task) };
}
