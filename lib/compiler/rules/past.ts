import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { dagPath, place, shown, taskPath } from './rule.ts';

/** What runs ask of those before them: tasks that depend on the past, and how many failures in a row are borne. */
export function past(dag: DagNode): readonly Problem[] {
  return [...failures(dag), ...dag.tasks.flatMap((task) => ofTask(dag, task))];
}

function failures(dag: DagNode): readonly Problem[] {
  const { maxConsecutiveFailedRuns: most } = dag;
  if (most === undefined || (Number.isInteger(most) && most >= 1)) return [];
  return [
    {
      code: 'past',
      path: dagPath(dag, 'maxConsecutiveFailedRuns'),
      message: `must be a whole number from 1, got ${shown(most)}`,
      remedy: 'leave it out never to pause',
      ...place(dag),
    },
  ];
}

function ofTask(dag: DagNode, task: TaskNode): readonly Problem[] {
  const told = (field: string, message: string, remedy: string): Problem => ({
    code: 'past',
    path: taskPath(dag, task, field),
    message,
    remedy,
    ...place(task),
  });
  const unclear = (['dependsOnPast', 'waitForDownstream'] as const).flatMap((field) => {
    const value: unknown = task[field];
    if (value === undefined || typeof value === 'boolean') return [];
    return [told(field, `must be true or false, got ${shown(value)}`, 'write true, or leave it out')];
  });
  if (task.waitForDownstream !== true || task.dependsOnPast === true || unclear.length > 0) return unclear;
  const message = 'must come with dependsOnPast, which is false';
  return [told('waitForDownstream', message, 'leave dependsOnPast out, or both')];
}
