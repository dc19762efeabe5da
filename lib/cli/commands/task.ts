import { RefusedError } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { keyOfRun, type Run } from '../../model/run.ts';
import type { TaskRunRow } from '../../store/store.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { stateText } from '../glyphs.ts';
import { selectionOf } from '../instances.ts';
import { findRun } from '../ledger/find-run.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import { taskRunsOf } from '../ledger/task-runs.ts';
import type { Context } from '../program.ts';
import { errorText } from '../progress.ts';
import type { Terminal } from '../terminal.ts';
import { clip, columns, durationText } from '../words.ts';

/** One task of one run: its state, every try of every attempt, and where the log is. */
export function task(
  context: Context,
  {
    dagId,
    runText,
    taskText,
  }: { readonly dagId: string; readonly runText: string; readonly taskText: string },
  options: LedgerOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(context, { ...options, reads: true }, async (ledger) => {
    const { store } = ledger;
    const run = await findRun(ledger, 'task', dagId, runText);
    const version = await store.dags.version(dagId, run.version);
    const { task: id, instance } = selectionOf(taskText);
    const ids = version?.manifest.tasks.map((each) => each.id) ?? [];
    if (version === undefined || !ids.includes(id)) throw unknownTask(dagId, id, ids);
    const all = await store.taskRuns.list(keyOfRun(run), { task: id });
    const rows =
      instance === undefined ? all : all.filter((row) => row.instance === instance || row.label === instance);
    const shown = taskRunsOf(version.manifest, run, await store.taskRuns.list(keyOfRun(run))).find(
      (each) => each.id === id,
    );
    const declared = version.dag.tasks.find((each) => each.id === id);
    terminal.json({
      run: { dagId, id: run.id, state: run.state, attempt: run.attempt },
      task: id,
      state: shown?.state ?? 'none',
      kind: declared?.call.kind,
      rows,
    });
    const head = `${stateText(shown?.state ?? 'none', terminal.paint)}  ${terminal.paint('bold', id)} of ${dagId} ${run.id}`;
    terminal.print(
      [head, ...tryLines(rows, terminal), ...logHint(run, taskText, { rows, suffix: ledger.suffix })].join(
        '\n',
      ),
    );
    return EXIT.ok;
  });
}

function tryLines(rows: readonly TaskRunRow[], { paint }: Pick<Terminal, 'paint'>): readonly string[] {
  const lines = rows.flatMap((row) =>
    row.tries.map((one, index) => [
      `  ${paint('gray', `attempt ${row.attempt}`)}`,
      row.instance === undefined ? '' : `[${row.label ?? row.instance}]`,
      `try ${index + 1}`,
      stateText(one.state, paint),
      new Date(one.startMs).toISOString(),
      one.endMs === undefined ? '' : durationText(one.endMs - one.startMs),
      paint('red', clip(errorText(one).replace(/^: /, ''), 200)),
    ]),
  );
  const marked = rows.flatMap(({ markedBy, attempt, state }) =>
    markedBy === undefined ? [] : [`  attempt ${attempt}: marked ${state} by ${markedBy}`],
  );
  return lines.length === 0 ? ['  no try yet', ...marked] : [...columns(lines), ...marked];
}

function logHint(
  run: Run,
  taskText: string,
  { rows, suffix }: { readonly rows: readonly TaskRunRow[]; readonly suffix: string },
): readonly string[] {
  if (rows.every(({ tries }) => tries.length === 0)) return [];
  return [`  log: tutti runs logs ${run.dagId} ${run.id} '${taskText}'${suffix}`];
}

function unknownTask(dagId: string, id: string, ids: readonly string[]): RefusedError {
  const near = nearest(id, ids);
  const remedy = near === undefined ? `it has ${clip(ids.join(', '), 200)}` : `did you mean "${near}"?`;
  return new RefusedError(
    'unknown-task',
    `tutti task › task: must be a task of "${dagId}", got "${id}"; ${remedy}`,
  );
}
