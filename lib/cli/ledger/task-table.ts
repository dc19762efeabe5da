/** One run of the ledger, for a person: how it is and how each of its tasks is. */
import type { TaskRun } from '../../history/task-run.ts';
import type { Manifest } from '../../model/manifest.ts';
import type { Run } from '../../model/run.ts';
import type { TaskRunRow } from '../../store/store.ts';
import { stateText } from '../glyphs.ts';
import { instancesText } from '../instances.ts';
import { errorText, timeOf } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { columns } from '../words.ts';
import { runStateText, tookText } from './run-text.ts';
import { taskRunsOf } from './task-runs.ts';

export interface ShownRun {
  readonly run: Run;
  readonly rows: readonly TaskRunRow[];
  /** Absent: its version is kept no more. */
  readonly manifest: Manifest | undefined;
  readonly terminal: Pick<Terminal, 'paint'>;
  readonly nowMs: number;
}

/** Its head, what is known of it, a table of its tasks. */
export function runLines({ run, rows, manifest, terminal, nowMs }: ShownRun): readonly string[] {
  const { paint } = terminal;
  const took = tookText(run, nowMs);
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['interval', `${run.interval.start} … ${run.interval.end} (${run.interval.date})`],
    ['type', `${run.type}, attempt ${run.attempt}`],
    ['by', run.by],
    ['note', run.note],
    ['params', Object.keys(run.params).length === 0 ? undefined : JSON.stringify(run.params)],
    ['queued', run.queuedAt],
    ['started', run.startedAt],
    ['ended', run.endedAt],
    ['version', run.version],
    ['execution', run.execution],
    [
      'error',
      run.error === undefined ? undefined : `${run.error}${run.cause === undefined ? '' : `: ${run.cause}`}`,
    ],
  ];
  const shown = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [[`  ${paint('gray', name)}`, value]],
  );
  return [
    `${runStateText(run, terminal)}  ${paint('bold', `${run.dagId} ${run.id}`)}${took === '' ? '' : ` in ${took}`}`,
    ...columns(shown),
    '',
    ...(manifest === undefined
      ? ['the version it ran with is kept no more: states only', run.cells]
      : taskLines(taskRunsOf(manifest, run, rows), { terminal, nowMs, marks: marksIn(rows) })),
  ];
}

/** Who marked each task, by its newest attempt. */
function marksIn(rows: readonly TaskRunRow[]): ReadonlyMap<string, string | undefined> {
  const whole = rows.filter(({ instance }) => instance === undefined);
  return new Map(
    whole.toSorted((one, other) => one.attempt - other.attempt).map(({ task, markedBy }) => [task, markedBy]),
  );
}

interface TaskLook {
  readonly terminal: Pick<Terminal, 'paint'>;
  readonly nowMs: number;
  readonly marks: ReadonlyMap<string, string | undefined>;
}

function taskLines(
  tasks: readonly TaskRun[],
  { terminal: { paint }, nowMs, marks }: TaskLook,
): readonly string[] {
  const titles = ['  task', 'state', 'took', 'tries', ''].map((title) => paint('gray', title));
  const rows = tasks.map((task) => [
    `  ${task.id}`,
    stateText(task.state, paint),
    task.startMs === undefined ? '' : timeOf(task, nowMs),
    task.tries.length === 0 ? '' : String(task.tries.length),
    [
      instancesText(task),
      keptText(task, marks.get(task.id), paint),
      task.state === 'failed' || task.state === 'up_for_retry'
        ? paint('red', errorText(task.tries.at(-1)).replace(/^: /, ''))
        : '',
    ]
      .filter(Boolean)
      .join(' '),
  ]);
  return columns([titles, ...rows]);
}

/** Why a task is as it is though the attempt did not run it. */
function keptText({ masked }: TaskRun, markedBy: string | undefined, paint: Terminal['paint']): string {
  if (markedBy !== undefined) return paint('gray', `marked by ${markedBy}`);
  return masked === true ? paint('gray', 'kept') : '';
}
