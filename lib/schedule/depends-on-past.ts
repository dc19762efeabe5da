/**
 * Whether a run may go on after the run before it (`semantics.md` 5): decided for the run as a whole.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/tasks.html#depends-on-past
 */
import type { DagNode } from '../model/dag.ts';
import type { CellState } from '../model/state-chars.ts';
import type { TaskNode } from '../model/task.ts';

/** The interval run before: its date, and its tasks' states; a task that its version did not have is absent. */
export interface PastRun {
  readonly logicalDate: string;
  readonly states: ReadonlyMap<string, CellState>;
}

/** A task of the run before that holds this run back, and why it does. */
export interface PastTask {
  readonly task: string;
  readonly state: CellState;
}

/** True where runs of the DAG look at the run before them. */
export function looksAtPast({ tasks }: Pick<DagNode, 'tasks'>): boolean {
  return tasks.some((task) => task.dependsOnPast === true || task.waitForDownstream === true);
}

/** Tasks of the run before that are neither success nor skipped, and must be. None where there is no run before. */
export function pastBlockers(
  dag: Pick<DagNode, 'tasks' | 'groups'>,
  before: PastRun | undefined,
): readonly PastTask[] {
  if (before === undefined || !looksAtPast(dag)) return [];
  return watchedTasks(dag).flatMap((task) => {
    const state = before.states.get(task);
    return state === undefined || state === 'success' || state === 'skipped' ? [] : [{ task, state }];
  });
}

/** Tasks with dependsOnPast and, with waitForDownstream, what is directly below them. In the DAG's order. */
function watchedTasks({ tasks, groups }: Pick<DagNode, 'tasks' | 'groups'>): readonly string[] {
  const above = new Set(tasks.filter((task) => task.waitForDownstream === true).map(({ id }) => id));
  const isBelow = (upstream: TaskNode['upstream']) => upstream.some(({ task }) => above.has(task));
  // A group that is a unit is below as a whole: so is all that is in it.
  const units = groups.filter(({ module }) => module !== undefined && isBelow(module.upstream));
  const inUnits = new Set(units.flatMap((group) => group.tasks));
  const isWatched = (task: TaskNode) =>
    task.dependsOnPast === true ||
    task.waitForDownstream === true ||
    isBelow(task.upstream) ||
    inUnits.has(task.id);
  return tasks.filter(isWatched).map(({ id }) => id);
}
