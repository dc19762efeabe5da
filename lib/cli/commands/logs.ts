import { type ModuleFailure, moduleFailures } from '../../history/module-failure.ts';
import { project } from '../../history/project.ts';
import type { TaskRun } from '../../history/task-run.ts';
import { chosenTasks } from '../chosen-tasks.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { stateText } from '../glyphs.ts';
import { selectionOf } from '../instances.ts';
import { type PastRun, readLogs, readRun, type TryLog } from '../past-run.ts';
import type { Context } from '../program.ts';
import { rootOf } from '../project.ts';
import type { Terminal } from '../terminal.ts';
import { type Shown, shownRuns, timeline } from '../timeline.ts';
import { clip, durationText } from '../words.ts';

export interface LogsOptions {
  /** Every instance of every task, however many there are. */
  readonly instances?: boolean;
}

/** Prints what happened in a run, in the order it happened; of one task, or of one instance: `load[3]`, `load[eu]`. */
export async function logs(
  context: Context,
  runId: string,
  task?: string,
  options: LogsOptions = {},
): Promise<ExitCode> {
  const { terminal } = context;
  const run = readRun(rootOf(context), runId);
  const wanted = task === undefined ? undefined : selectionOf(task);
  const { tasks, modules } = project(run.manifest, run.events);
  const shown = chosenTasks(tasks, run.manifest.dagId, wanted);
  const tries = readLogs(run, wanted?.task).filter((log) => isShown(log, shown));
  terminal.json({
    run: { ...run.record, alive: run.alive, folder: run.folder },
    tasks: shown,
    modules,
    logs: tries,
    events: run.events,
  });
  const failures = moduleFailures(run.manifest, modules).filter(
    ({ id }) => wanted === undefined || id === wanted.task,
  );
  const runs = explained(shownRuns(shown, tries, { ...options, instance: wanted?.instance }), failures);
  terminal.print([...head(run, terminal), '', ...timeline(runs, terminal.paint)].join('\n'));
  return EXIT.ok;
}

/** With maps and loops that failed by themselves, and why. */
function explained(runs: readonly Shown[], failures: readonly ModuleFailure[]): readonly Shown[] {
  const whys = new Map(failures.map(({ id, why }) => [id, why]));
  const tasks = runs.map((run) => {
    const note = run.tries.length === 0 ? whys.get(run.name) : undefined;
    return note === undefined ? run : { ...run, note };
  });
  const names = new Set(runs.map(({ name }) => name));
  const others = failures.filter(({ id }) => !names.has(id));
  return [
    ...tasks,
    ...others.map(({ why, id, ...end }) => ({
      name: id,
      state: 'failed' as const,
      ...end,
      tries: [],
      logs: [],
      note: why,
    })),
  ];
}

function isShown({ task, instance }: TryLog, shown: readonly TaskRun[]): boolean {
  const run = shown.find(({ id }) => id === task);
  if (run?.instances === undefined || instance === undefined) return run !== undefined;
  return run.instances.some((each) => each.instance === instance);
}

function head({ record, alive, folder }: PastRun, { paint }: Terminal): readonly string[] {
  const { state, startedAt, endedAt } = record;
  const { rerun } = record.input;
  const time =
    endedAt === undefined ? '' : ` in ${durationText(Date.parse(endedAt) - Date.parse(startedAt))}`;
  const died = alive ? '' : paint('red', ' (its process is gone: this is what it had written)');
  return [
    `${stateText(state, paint)}${time}  ${paint('bold', record.id)}${died}`,
    // That tasks failed is told by the tasks.
    ...(record.error === undefined || record.error === 'DagRun.Failed'
      ? []
      : [paint('red', `  ${record.error}: ${record.cause ?? ''}`)]),
    ...(rerun === undefined
      ? []
      : [paint('gray', `  again ${clip(rerun.tasks.join(', '), 200)} of ${rerun.of ?? 'the run before'}`)]),
    paint('gray', `  started ${startedAt}, interval ${record.input.run.interval.date}, in ${folder}`),
  ];
}
