/** `tutti clear`, `tutti mark`: what has run, again or otherwise. */
import { RefusedError } from '../../base/errors.ts';
import { keyOfRun, type Run } from '../../model/run.ts';
import type { ClearedRun } from '../../orchestrator/clear.ts';
import type { MarkedRun, MarkRequest } from '../../orchestrator/mark.ts';
import { type ExitCode, exitCodeOfAll } from '../exit.ts';
import { stateText } from '../glyphs.ts';
import { confirm } from '../ledger/confirm.ts';
import { findRun } from '../ledger/find-run.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import { seenThrough } from '../ledger/see-through.ts';
import type { Context } from '../program.ts';
import { clip, count } from '../words.ts';

interface ChosenRuns extends LedgerOptions {
  readonly from?: string;
  readonly to?: string;
  readonly task?: readonly string[];
  readonly note?: string;
}

export interface ClearOptions extends ChosenRuns {
  readonly failed?: boolean;
  readonly latest?: boolean;
}

export interface MarkOptions extends ChosenRuns {
  readonly state: 'success' | 'failed' | 'skipped';
}

/** Runs tasks of runs that ended again, in the same runs; what is not cleared keeps what it has. */
export function clear(
  context: Context,
  dagId: string,
  runText: string | undefined,
  options: ClearOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(context, { ...options, load: true }, async (ledger) => {
    const runs = await chosenRuns(ledger, 'clear', { dagId, runText, ...options });
    const request = { dagId, runs, ...clearFacts(options) };
    const preview = await ledger.acts.clear({ ...request, dryRun: true });
    const meant = preview.runs.filter(({ tasks }) => tasks.length > 0);
    if (options.dryRun === true || meant.length === 0) {
      terminal.json(options.dryRun === true ? { dryRun: true, ...preview } : { cleared: preview.runs });
      terminal.print(clearLines(preview.runs, context).join('\n'));
      return exitCodeOfAll(preview.runs);
    }
    if (meant.length > 1) {
      if (options.yes !== true) terminal.print(clearLines(preview.runs, context).join('\n'));
      await confirm(context, {
        command: 'clear',
        what: `clear ${count(meant.length, 'run')} of ${dagId}`,
        yes: options.yes,
      });
    }
    const result = await ledger.acts.clear(request);
    const cleared = await runsOf(
      ledger,
      dagId,
      result.runs.flatMap(({ runId, tasks }) => (tasks.length === 0 ? [] : [runId])),
    );
    return seenThrough(context, ledger, {
      command: 'clear',
      runs: cleared,
      wait: options.wait,
      document: { cleared: result.runs },
    });
  });
}

function clearFacts({ task, failed, latest, note }: ClearOptions) {
  return {
    ...(task === undefined ? {} : { tasks: task }),
    ...(failed === undefined ? {} : { onlyFailed: failed }),
    ...(latest === undefined ? {} : { latest }),
    ...(note === undefined ? {} : { note }),
  };
}

/** Sets tasks of runs that ended to another state; what is below them follows. */
export function mark(
  context: Context,
  dagId: string,
  runText: string | undefined,
  options: MarkOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(context, { ...options, load: true }, async (ledger) => {
    const { task = [], state, note } = options;
    if (task.length === 0)
      throw usage('mark', '--task: must name at least one task, got none; write --task load');
    const request = {
      dagId,
      runs: await chosenRuns(ledger, 'mark', { dagId, runText, ...options }),
      tasks: task,
      state,
      ...(note === undefined ? {} : { note }),
    };
    const preview = await ledger.acts.mark({ ...request, dryRun: true });
    if (options.dryRun === true || preview.runs.every(({ problem }) => problem !== undefined)) {
      terminal.json(options.dryRun === true ? { dryRun: true, ...preview } : { marked: preview.runs });
      terminal.print(markLines(preview.runs, state, context).join('\n'));
      return exitCodeOfAll(preview.runs);
    }
    if (options.yes !== true) terminal.print(markLines(preview.runs, state, context).join('\n'));
    const what = `mark ${task.join(', ')} of ${count(preview.runs.length, 'run')} of ${dagId} ${state}`;
    await confirm(context, { command: 'mark', what, yes: options.yes });
    return markNow(context, ledger, request, options);
  });
}

async function markNow(
  context: Context,
  ledger: Ledger,
  request: MarkRequest,
  { state, wait }: MarkOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  const { runs } = await ledger.acts.mark(request);
  const ids = runs.flatMap(({ runId, runsAgain }) => (runsAgain.length === 0 ? [] : [runId]));
  const again = await runsOf(ledger, request.dagId, ids);
  if (again.length > 0)
    return seenThrough(context, ledger, { command: 'mark', runs: again, wait, document: { marked: runs } });
  terminal.json({ marked: runs });
  terminal.print(markLines(runs, state, context).join('\n'));
  return exitCodeOfAll(runs);
}

interface Choice extends ChosenRuns {
  readonly dagId: string;
  readonly runText: string | undefined;
}

async function chosenRuns(
  ledger: Ledger,
  command: string,
  { dagId, runText, from, to }: Choice,
): Promise<{ readonly runId: string } | { readonly from: string; readonly to: string }> {
  if (runText !== undefined && (from !== undefined || to !== undefined))
    throw usage(command, 'run: must be one run or a range, got both; leave the run out, or --from and --to');
  if (runText !== undefined) return { runId: (await findRun(ledger, command, dagId, runText)).id };
  if (from === undefined || to === undefined)
    throw usage(
      command,
      `run: must be said, got none; write tutti ${command} ${dagId} 2026-01-05, latest, or --from … --to …`,
    );
  return { from, to };
}

async function runsOf({ store }: Ledger, dagId: string, ids: readonly string[]): Promise<readonly Run[]> {
  const found = await Promise.all(ids.map((id) => store.runs.get(keyOfRun({ dagId, id }))));
  return found.flatMap((run) => run ?? []);
}

function clearLines(runs: readonly ClearedRun[], { terminal: { paint } }: Context): readonly string[] {
  if (runs.length === 0) return ['no run there: nothing to clear'];
  return runs.flatMap(({ runId, tasks, kept, notes, problem }) => [
    paint('bold', runId),
    ...(problem === undefined ? [] : [`  ${paint('yellow', problem.message)}`]),
    ...(tasks.length === 0
      ? ['  nothing runs']
      : [`  ${paint('green', 'runs')}   ${clip(tasks.join(', '), 300)}`]),
    ...(kept.length === 0
      ? []
      : [
          `  ${paint('gray', 'keeps')}  ${clip(kept.map(({ task, state }) => `${task} (${state})`).join(', '), 300)}`,
        ]),
    ...notes.map((note) => `  ${paint('gray', note)}`),
  ]);
}

function markLines(
  runs: readonly MarkedRun[],
  state: MarkOptions['state'],
  { terminal: { paint } }: Context,
): readonly string[] {
  if (runs.length === 0) return ['no run there: nothing to mark'];
  return runs.flatMap(({ runId, marked, follows, runsAgain, notes, problem }) => [
    paint('bold', runId),
    ...(problem === undefined
      ? [`  ${stateText(state, paint)}  ${clip(marked.join(', '), 300)}`]
      : [`  ${paint('yellow', problem.message)}`]),
    ...follows.map(({ task, from, to }) => `  ${paint('gray', 'follows')}  ${task}: ${from} → ${to}`),
    ...(runsAgain.length === 0 ? [] : [`  ${paint('green', 'runs')}     ${clip(runsAgain.join(', '), 300)}`]),
    ...notes.map((note) => `  ${paint('gray', note)}`),
  ]);
}

function usage(command: string, text: string): RefusedError {
  return new RefusedError('usage', `tutti ${command} › ${text}`);
}
