/** `tutti runs logs --env`: what the tasks of a run wrote there. */
import { RefusedError } from '../../base/errors.ts';
import { isObject } from '../../base/json.ts';
import { nearest } from '../../base/suggest.ts';
import type { TaskRun } from '../../history/task-run.ts';
import { keyOfRun, type Run } from '../../model/run.ts';
import type { LoggedLine } from '../../orchestrator/ports.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { isMeant, selectionOf } from '../instances.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { runName, runStateText, tookText } from '../ledger/run-text.ts';
import { taskRunsOf } from '../ledger/task-runs.ts';
import type { TryLog } from '../past-run.ts';
import type { Context } from '../program.ts';
import { shownRuns, timeline } from '../timeline.ts';
import { clip } from '../words.ts';

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
  const chosen = wanted === undefined ? all : [taskOf(all, run, wanted.task)];
  const shown = chosen
    .map((each) => withInstance(each, wanted?.instance))
    .filter(({ masked }) => masked !== true);
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

/** @throws {RefusedError} `unknown-task` */
function taskOf(all: readonly TaskRun[], { dagId }: Run, task: string): TaskRun {
  const found = all.find(({ id }) => id === task);
  if (found !== undefined) return found;
  const ids = all.map(({ id }) => id);
  const near = nearest(task, ids);
  const remedy = near === undefined ? `it has ${clip(ids.join(', '), 200)}` : `did you mean "${near}"?`;
  throw new RefusedError(
    'unknown-task',
    `tutti logs › task: must be a task of "${dagId}", got "${clip(task, 120)}"; ${remedy}`,
  );
}

/** @throws {RefusedError} `unknown-task` */
function withInstance(task: TaskRun, wanted: string | undefined): TaskRun {
  if (wanted === undefined) return task;
  const { instances = [] } = task;
  const found = instances.filter((each) => isMeant(each, wanted));
  if (found.length > 0) return { ...task, instances: found };
  const known = instances.map(({ instance, label }) => label ?? instance);
  const remedy =
    known.length === 0
      ? 'it has no instances: leave the brackets out'
      : `it has ${clip(known.join(', '), 200)}`;
  throw new RefusedError(
    'unknown-task',
    `tutti logs › task: must be an instance of "${task.id}", got "${clip(wanted, 120)}"; ${remedy}`,
  );
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
