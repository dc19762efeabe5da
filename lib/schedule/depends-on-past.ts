/** Which tasks of the run before a run waits for (`semantics.md` 5). */

import type { DagNode } from '../model/dag.ts';
import type { CellState } from '../model/state-chars.ts';
import type { TaskNode } from '../model/task.ts';

/** How one task stands in the run before; `undefined`: that run had no such task. */
export interface Past {
  readonly state: CellState | undefined;
  /** Each of its direct downstream tasks is success or skipped. */
  readonly isDownstreamDone: boolean;
}

/**
 * True where a task's past lets it run. The run before had it not: it is its first.
 *
 * @see https://github.com/apache/airflow/blob/main/airflow-core/src/airflow/ti_deps/deps/prev_dagrun_dep.py
 */
export function isPastMet(
  { dependsOnPast, waitForDownstream }: Pick<TaskNode, 'dependsOnPast' | 'waitForDownstream'>,
  { state, isDownstreamDone }: Past,
): boolean {
  if (dependsOnPast !== true || state === undefined) return true;
  return isDone(state) && (waitForDownstream !== true || isDownstreamDone);
}

/** True where a run of this DAG may have to wait for the one before. */
export function hasPast({ tasks }: Pick<DagNode, 'tasks'>): boolean {
  return tasks.some(({ dependsOnPast }) => dependsOnPast === true);
}

/** Ids of the tasks whose past holds a run back, given how each task stands in the run before. */
export function heldByPast(
  dag: Pick<DagNode, 'tasks' | 'groups'>,
  stateOf: (task: string) => CellState | undefined,
): readonly string[] {
  return dag.tasks
    .filter((task) => {
      const below = task.waitForDownstream === true ? downstreamOf(dag, task.id) : [];
      const isDownstreamDone = below.every((id) => isDone(stateOf(id) ?? 'success'));
      return !isPastMet(task, { state: stateOf(task.id), isDownstreamDone });
    })
    .map(({ id }) => id);
}

/** Tasks directly below; of a group that is a unit, all that are in it. */
function downstreamOf({ tasks, groups }: Pick<DagNode, 'tasks' | 'groups'>, id: string): readonly string[] {
  const follows = (upstream: TaskNode['upstream']) => upstream.some(({ task }) => task === id);
  const units = groups.filter(({ module }) => module !== undefined && follows(module.upstream));
  return [
    ...tasks.filter(({ upstream }) => follows(upstream)).map((task) => task.id),
    ...units.flatMap((group) => group.tasks),
  ];
}

function isDone(state: CellState): boolean {
  return state === 'success' || state === 'skipped';
}
