import { MAX_EXECUTION_SECONDS, MAX_SECONDS } from '../../asl/limits.ts';
import { toSeconds } from '../../base/duration.ts';
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { dagPath, place, shown, taskPath } from './rule.ts';

/**
 * Timeouts of tasks and of the run are whole seconds that Step Functions accepts.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
 */
export function timeouts(dag: DagNode): readonly Problem[] {
  const ofTasks = dag.tasks.flatMap((task) => {
    if (isLength(task.timeout, MAX_SECONDS)) return [];
    const message = `must be whole seconds from 1 s to ${MAX_SECONDS} s, got ${shown(task.timeout)}`;
    return [problem(taskPath(dag, task, 'timeout'), message, place(task))];
  });
  if (isLength(dag.runTimeout, MAX_EXECUTION_SECONDS)) return ofTasks;
  const message = `must be whole seconds from 1 s to 365 d (the longest execution on AWS), got ${shown(dag.runTimeout)}`;
  return [problem(dagPath(dag, 'runTimeout'), message, place(dag)), ...ofTasks];
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
