import { MAX_EXECUTION_SECONDS, MAX_SECONDS } from '../../asl/limits.ts';
import { toSeconds } from '../../base/duration.ts';
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { dagPath, place, shown, taskPath } from './rule.ts';

/**
 * Timeouts of tasks and of the run are whole seconds that Step Functions accepts, deadlines and skipIfLate whole seconds.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
 */
export function timeouts(dag: DagNode): readonly Problem[] {
  const ofRun = [
    ...unless(isLength(dag.runTimeout, MAX_EXECUTION_SECONDS), () =>
      problem(
        dagPath(dag, 'runTimeout'),
        `must be whole seconds from 1 s to 365 d (the longest execution on AWS), got ${shown(dag.runTimeout)}`,
        place(dag),
      ),
    ),
    ...afterInterval(dagPath(dag, 'deadline'), dag.deadline, dag),
    ...afterInterval(dagPath(dag, 'skipIfLate'), dag.skipIfLate, dag),
  ];
  const ofTasks = dag.tasks.flatMap((task) => [
    ...unless(isLength(task.timeout, MAX_SECONDS), () =>
      problem(
        taskPath(dag, task, 'timeout'),
        `must be whole seconds from 1 s to ${MAX_SECONDS} s, got ${shown(task.timeout)}`,
        place(task),
      ),
    ),
    ...ofInstant(dag, task),
    ...afterInterval(taskPath(dag, task, 'deadline'), task.deadline, task),
  ]);
  return [...ofRun, ...ofTasks];
}

/** Counted from the end of the interval; a run of a year is late long before. */
function afterInterval(path: string, length: unknown, node: DagNode | TaskNode): readonly Problem[] {
  const message = `must be whole seconds from 1 s to 365 d after the end of the interval, got ${shown(length)}`;
  return unless(isLength(length, MAX_EXECUTION_SECONDS), () => problem(path, message, place(node)));
}

function ofInstant(dag: DagNode, task: TaskNode): readonly Problem[] {
  return unless(task.call.kind !== 'at' || task.timeout === undefined, () => ({
    ...problem(
      taskPath(dag, task, 'timeout'),
      'must not be set on sensor.at, which ends at its instant',
      place(task),
    ),
    remedy: 'leave it out',
  }));
}

function unless(holds: boolean, told: () => Problem): readonly Problem[] {
  return holds ? [] : [told()];
}

function isLength(value: unknown, most: number): boolean {
  if (value === undefined) return true;
  const seconds = toSeconds(value);
  return seconds !== undefined && Number.isInteger(seconds) && seconds >= 1 && seconds <= most;
}

function problem(path: string, message: string, at: Pick<Problem, 'at'>): Problem {
  return {
    code: 'timeouts',
    path,
    message,
    remedy: "write '90s', '15m', '2h', '1d' or a number of seconds",
    ...at,
  };
}
