/** What the ledger keeps of an execution, as its history tells it so far: the same history always gives the same. */
import type { Projector } from '../history/project.ts';
import type { Outcome, TaskInstance, TaskRun, Try } from '../history/task-run.ts';
import type { Manifest } from '../model/manifest.ts';
import { charOf } from '../model/state-chars.ts';
import type { TaskRunRow, TryRow } from '../store/store.ts';

export interface Projection {
  /** One character for each task of the manifest. */
  readonly cells: string;
  /** By task, the whole of one before its instances; none of what has not come to its turn, or did not run again. */
  readonly rows: readonly TaskRunRow[];
}

export interface ProjectedAttempt {
  readonly manifest: Manifest;
  readonly attempt: number;
  /** Of the run before this attempt: what does not run again keeps its character. */
  readonly cells: string;
}

/** Error of what an execution was at as it died. */
export const RUN_ABORTED = 'Dag.RunAborted';

const MAX_CAUSE = 4_000;

/** Cells and rows of an attempt as its projector sees it now. */
export function projectionOf(
  { manifest, attempt, cells }: ProjectedAttempt,
  projector: Pick<Projector, 'tasks' | 'runState'>,
): Projection {
  const end = endState(projector);
  const tasks = projector.tasks().map((run) => ended(run, end));
  return {
    cells: manifest.tasks.map((_, index) => cellOf(tasks[index], cells[index])).join(''),
    rows: tasks.flatMap((run) => rowsOf(run, attempt)),
  };
}

/** What those become that never came to their turn. Absent: they may yet. */
type EndState = 'upstream_failed' | 'cancelled' | undefined;

function endState(projector: Pick<Projector, 'runState'>): EndState {
  const state = projector.runState();
  if (state === 'running') return undefined;
  return state === 'cancelled' ? 'cancelled' : 'upstream_failed';
}

function ended(run: TaskRun, end: EndState): TaskRun {
  if (run.state !== 'none' || end === undefined) return run;
  return { ...run, state: end };
}

function cellOf(run: TaskRun | undefined, before = charOf('none')): string {
  if (run === undefined || run.masked) return before;
  return charOf(run.state);
}

function rowsOf(run: TaskRun, attempt: number): readonly TaskRunRow[] {
  const { id: task, instances, items } = run;
  if (run.masked) return [];
  const ran = (instances ?? []).filter(hasCome);
  const whole = { attempt, task, ...outcomeOf(run), ...(items === undefined ? {} : { items }) };
  if (instances === undefined) return hasCome(run) ? [{ ...whole, tries: triesOf(run) }] : [];
  if (!hasCome(run) && ran.length === 0) return [];
  return [{ ...whole, tries: [] }, ...ran.map((instance) => instanceRow(instance, task, attempt))];
}

function hasCome({ state, tries }: Outcome & Pick<TaskRun, 'tries'>): boolean {
  return state !== 'none' || tries.length > 0;
}

function instanceRow(run: TaskInstance, task: string, attempt: number): TaskRunRow {
  const { instance, mapIndex, label } = run;
  return {
    attempt,
    task,
    instance,
    ...(mapIndex === undefined ? {} : { mapIndex }),
    ...(label === undefined ? {} : { label }),
    ...outcomeOf(run),
    tries: triesOf(run),
  };
}

function outcomeOf({ state, startMs, endMs }: Outcome): Pick<TaskRunRow, 'state' | 'startMs' | 'endMs'> {
  return {
    state,
    ...(startMs === undefined ? {} : { startMs }),
    ...(endMs === undefined ? {} : { endMs }),
  };
}

function triesOf({ tries }: Pick<TaskRun, 'tries'>): readonly TryRow[] {
  return tries.map(tryRow);
}

function tryRow({ startMs, endMs, state, error, cause }: Try): TryRow {
  const failed = error ?? (state === 'failed' ? RUN_ABORTED : undefined);
  return {
    startMs,
    ...(endMs === undefined ? {} : { endMs }),
    state,
    ...(failed === undefined ? {} : { error: failed }),
    ...(cause === undefined ? {} : { cause: cause.slice(0, MAX_CAUSE) }),
  };
}
