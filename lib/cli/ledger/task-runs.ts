import type { TaskRun, TaskRunState } from '../../history/task-run.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Run } from '../../model/run.ts';
import { stateOfChar } from '../../model/state-chars.ts';
import type { TaskRunRow } from '../../store/store.ts';

/** The task runs of a run's newest attempt, in the order of the manifest; what did not run again is as it was left. */
export function taskRunsOf(manifest: Manifest, run: Run, rows: readonly TaskRunRow[]): readonly TaskRun[] {
  return manifest.tasks.map(({ id, module }, index): TaskRun => {
    const again = run.again === undefined || run.again.includes(id) || isIn(manifest, module, run.again);
    const attempt = again ? run.attempt : newestAttempt(rows, id);
    const own = rows.filter((row) => row.task === id && row.attempt === attempt);
    const whole = own.find(({ instance }) => instance === undefined);
    const instances = own.flatMap((row) =>
      row.instance === undefined ? [] : [{ ...outcomeOf(row), instance: row.instance, ...placeOf(row) }],
    );
    const base = whole ?? instances.at(-1);
    return {
      ...(base === undefined ? { tries: [] } : outcomeOf(base)),
      id,
      state: stateOf(run.cells, index, base?.state),
      ...(instances.length === 0 ? {} : { instances }),
      ...(whole?.items === undefined ? {} : { items: whole.items }),
      ...(again ? {} : { masked: true as const }),
    };
  });
}

/** True where the module is among those, or in one of them. */
function isIn(manifest: Manifest, module: string | undefined, ids: readonly string[]): boolean {
  if (module === undefined) return false;
  if (ids.includes(module)) return true;
  return isIn(manifest, manifest.modules?.find(({ id }) => id === module)?.module, ids);
}

function newestAttempt(rows: readonly TaskRunRow[], task: string): number {
  return Math.max(0, ...rows.filter((row) => row.task === task).map(({ attempt }) => attempt));
}

/** The cell is written with the run, so it is the one to believe; a row may say more while the run goes on. */
function stateOf(cells: string, index: number, row: TaskRunState | undefined): TaskRunState {
  const cell = stateOfChar(cells[index] ?? '-');
  if (cell === 'removed' || cell === 'none') return row ?? 'none';
  return cell;
}

function outcomeOf({
  state,
  startMs,
  endMs,
  tries,
}: Pick<TaskRunRow, 'state' | 'startMs' | 'endMs' | 'tries'>) {
  return {
    state,
    tries,
    ...(startMs === undefined ? {} : { startMs }),
    ...(endMs === undefined ? {} : { endMs }),
  };
}

function placeOf({ mapIndex, label }: TaskRunRow) {
  return { ...(mapIndex === undefined ? {} : { mapIndex }), ...(label === undefined ? {} : { label }) };
}
