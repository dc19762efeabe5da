/** `tutti runs logs --env`: what the tasks of a run wrote there. */
import { isObject } from '../../base/json.ts';
import type { TaskRun } from '../../history/task-run.ts';
import { keyOfRun, type Run } from '../../model/run.ts';
import type { LoggedLine } from '../../orchestrator/ports.ts';
import { chosenTasks } from '../chosen-tasks.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { selectionOf } from '../instances.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { runName, runStateText, tookText } from '../ledger/run-text.ts';
import { taskRunsOf } from '../ledger/task-runs.ts';
import type { TryLog } from '../past-run.ts';
import type { Context } from '../program.ts';
import { shownRuns, timeline } from '../timeline.ts';

export interface LogsThere {
  readonly task: string | undefined;
  readonly instances?: boolean;
  readonly linesOf: NonNullable<Ledger['linesOf']>;
}

/** Tries whose logs are asked for at once. */
const AT_ONCE = 8;

/** Prints what happened in a run, in the order it happened. */
export async function logsThere(
  { terminal }: Context,
  ledger: Ledger,
  run: Run,
  { task, instances, linesOf }: LogsThere,
): Promise<ExitCode> {
  const version = await ledger.store.dags.version(run.dagId, run.version);
  const rows = await ledger.store.taskRuns.list(keyOfRun(run), { attempt: run.attempt });
  const all = version === undefined ? [] : taskRunsOf(version.manifest, run, rows);
  const wanted = task === undefined ? undefined : selectionOf(task);
  const shown = chosenTasks(all, run.dagId, wanted).filter(({ masked }) => masked !== true);
  const logs = await logsOf(linesOf, run, shown);
  terminal.json({ run, tasks: shown, logs });
  const runs = shownRuns(shown, logs, {
    instance: wanted?.instance,
    ...(instances === undefined ? {} : { instances }),
  });
  const took = tookText(run, ledger.clock.now());
  const head = `${runStateText(run, terminal)}${took === '' ? '' : ` in ${took}`}  ${terminal.paint('bold', runName(run))}`;
  terminal.print([head, '', ...timeline(runs, terminal.paint)].join('\n'));
  return EXIT.ok;
}

async function logsOf(
  linesOf: LogsThere['linesOf'],
  run: Run,
  tasks: readonly TaskRun[],
): Promise<readonly TryLog[]> {
  const tries = tasks.flatMap(({ id, tries: own, instances }) =>
    instances === undefined
      ? own.map((_, index) => ({ task: id, try: index + 1 }))
      : instances.flatMap((each) =>
          each.tries.map((_, index) => ({ task: id, instance: each.instance, try: index + 1 })),
        ),
  );
  const logs: TryLog[] = [];
  for (let at = 0; at < tries.length; at += AT_ONCE) {
    const some = tries.slice(at, at + AT_ONCE);
    const lines = await Promise.all(some.map((of) => linesOf(run, of)));
    logs.push(...some.map((of, index) => ({ ...of, lines: (lines[index] ?? []).map(lineOf) })));
  }
  return logs;
}

function lineOf({ at, level, message, fields }: LoggedLine): TryLog['lines'][number] {
  return { at, level, message, ...(isObject(fields) ? { fields } : {}) };
}
