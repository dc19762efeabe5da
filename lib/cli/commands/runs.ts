/** `tutti runs`: what is in the ledger. */
import { RefusedError } from '../../base/errors.ts';
import { isFinal, keyOfRun, type LedgerState, type Run, type RunType } from '../../model/run.ts';
import type { DataInterval } from '../../schedule/data-interval.ts';
import { dayOrInstant, isoText } from '../../schedule/run-interval.ts';
import type { RunQuery } from '../../store/store.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { catchInterrupt } from '../interrupt.ts';
import { confirm } from '../ledger/confirm.ts';
import { findHead, findRun, isDate, newestVersion } from '../ledger/find-run.ts';
import { endLine, exitCodeOfRuns, followRun } from '../ledger/follow.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import { runName, runStateText, runTable } from '../ledger/run-text.ts';
import { runLines } from '../ledger/task-table.ts';
import type { Context } from '../program.ts';
import { clip, count } from '../words.ts';

export interface RunsOptions extends LedgerOptions {
  readonly state?: readonly string[];
  readonly type?: readonly string[];
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
  readonly cursor?: string;
}

const STATES: Readonly<Record<string, readonly LedgerState[]>> = {
  queued: ['queued', 'starting'],
  running: ['running'],
  success: ['success'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};
/** Runs of one page. */
const MOST = 1000;
const TYPES: readonly RunType[] = ['scheduled', 'backfill', 'manual', 'triggered'];

/** Lists runs, newest first: of one DAG by logical date, of all by when they were made. */
export function listRuns(
  context: Context,
  dagId: string | undefined,
  options: RunsOptions,
): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(context, { ...options, reads: true }, async (ledger) => {
    const { store, clock, suffix } = ledger;
    const { items, cursor } = await store.runs.list(await queryOf(ledger, dagId, options));
    terminal.json({ runs: items, ...(cursor === undefined ? {} : { cursor }) });
    if (items.length === 0)
      terminal.print(
        `no runs yet: tutti trigger ${dagId ?? '<dag>'}${suffix}${hereOnly(ledger, ', or tutti dev')}`,
      );
    else
      terminal.print([...runTable(items, terminal, clock.now()), '', count(items.length, 'run')].join('\n'));
    if (cursor !== undefined) terminal.print(moreText(options));
    return EXIT.ok;
  });
}

function hereOnly({ environment }: Ledger, text: string): string {
  return environment === undefined ? text : '';
}

/** A cursor is long and for programs: those read the document. */
function moreText({ limit }: RunsOptions): string {
  const more = Math.min(MOST, Number(limit) * 5);
  const wider = more > Number(limit) ? `--limit ${more} shows up to ${more}; ` : '';
  return `there are more: ${wider}--json gives the cursor of what follows`;
}

async function queryOf(
  { store }: Ledger,
  dagId: string | undefined,
  { state = [], type = [], from, to, limit, cursor }: RunsOptions,
): Promise<RunQuery> {
  const known = dagId === undefined ? undefined : await findHead(store, 'runs', dagId);
  const dag = known === undefined ? undefined : (await newestVersion(store, known)).dag;
  const meant = (option: string, text: string) =>
    dag === undefined ? rangeOfUtc('runs', option, text) : dayOrInstant(dag, text);
  return {
    limit: wholeNumber('runs', 'limit', limit, MOST),
    ...(dagId === undefined ? {} : { dagId }),
    ...(state.length === 0 ? {} : { states: state.flatMap((each) => chosen('state', each, STATES)) }),
    ...(type.length === 0 ? {} : { types: type.map((each) => chosenType(each)) }),
    ...(from === undefined ? {} : { from: isoText(meant('from', from).startMs) }),
    ...(to === undefined ? {} : { to: isoText(meant('to', to).endMs - 1) }),
    ...(cursor === undefined ? {} : { cursor }),
  };
}

/** Of no DAG in particular: a day is that of UTC. @throws {RefusedError} `usage` */
export function rangeOfUtc(command: string, option: string, text: string): DataInterval {
  const startMs = isDate(text) ? Date.parse(text) : Number.NaN;
  // February 30 is read as March 2.
  const dayMs = Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(startMs) || !isoText(dayMs).startsWith(text.slice(0, 10)))
    throw usage(command, option, 'a day or an instant with its zone, such as 2026-08-22', clip(text, 120));
  return { startMs, endMs: startMs + (text.length === 10 ? 86_400_000 : 1) };
}

/** Shows one run: how it is, why, its tasks and their tries. */
export function showRun(
  context: Context,
  dagId: string,
  runText: string,
  options: LedgerOptions,
): Promise<ExitCode> {
  return withLedger(context, { ...options, reads: true }, async (ledger) => {
    const run = await findRun(ledger, 'runs show', dagId, runText);
    const { store, clock } = ledger;
    const [rows, version] = await Promise.all([
      store.taskRuns.list(keyOfRun(run)),
      store.dags.version(dagId, run.version),
    ]);
    const { terminal } = context;
    terminal.json({ run, tasks: rows });
    terminal.print(
      runLines({ run, rows, manifest: version?.manifest, terminal, nowMs: clock.now() }).join('\n'),
    );
    return EXIT.ok;
  });
}

/** Shows a run while it goes on, whoever executes it; the exit code is its end's. */
export function watchOne(
  context: Context,
  dagId: string,
  runText: string,
  options: LedgerOptions,
): Promise<ExitCode> {
  return withLedger(context, { ...options, reads: true }, async (ledger) => {
    const { terminal } = context;
    const run = await findRun(ledger, 'runs watch', dagId, runText);
    if (!isFinal(run.state) && !(await ledger.isExecuted(run))) throw notExecuted(run);
    const interrupt = catchInterrupt(terminal, 'no longer watching; the run goes on');
    try {
      const seen = (await followRun(keyOfRun(run), { ledger, terminal, signal: interrupt.signal })) ?? run;
      terminal.json({ run: seen });
      terminal.print(`\n${endLine(seen, terminal, ledger.clock.now())}`);
      return interrupt.signal.aborted ? EXIT.interrupted : exitCodeOfRuns([seen]);
    } finally {
      interrupt.release();
    }
  });
}

/** Watching would have no end. */
function notExecuted({ id, dagId, state }: Run): RefusedError {
  return new RefusedError(
    'nobody-runs-it',
    `tutti runs watch › run "${id}" of "${dagId}": must be executed by somebody, got one that is ${state} and has no process; start tutti dev, which goes on with it`,
  );
}

/** What the tasks of a run wrote, in the order it happened. */
export function logsOfRun(
  context: Context,
  dagId: string,
  runText: string,
  { task, ...options }: LedgerOptions & { readonly task?: string | undefined; readonly instances?: boolean },
): Promise<ExitCode> {
  return withLedger(context, { ...options, reads: true }, async (ledger) => {
    const run = await findRun(ledger, 'runs logs', dagId, runText);
    if (run.execution === undefined) {
      throw new RefusedError(
        'no-log',
        `tutti runs logs › run "${run.id}" of "${dagId}": must have started, got ${run.state}; tutti why ${dagId} ${run.id}${ledger.suffix} says what it waits for`,
      );
    }
    const { linesOf } = ledger;
    if (linesOf !== undefined)
      return (await import('../remote/logs.ts')).logsThere(context, ledger, run, {
        ...options,
        task,
        linesOf,
      });
    return (await import('./logs.ts')).logs(context, run.execution, task, options);
  });
}

/** Ends a run that has not ended; what it started outside is stopped. */
export function cancel(
  context: Context,
  dagId: string,
  runText: string,
  options: LedgerOptions,
): Promise<ExitCode> {
  return withLedger(context, options, async (ledger) => {
    const { terminal } = context;
    const run = await findRun(ledger, 'runs cancel', dagId, runText);
    const { dryRun } = options;
    if (dryRun !== true && !isFinal(run.state))
      await confirm(context, {
        command: 'runs cancel',
        what: `cancel run ${runName(run)}, which is ${run.state}`,
        yes: options.yes,
      });
    const result = await ledger.acts.cancel({
      dagId,
      runId: run.id,
      ...(dryRun === undefined ? {} : { dryRun }),
    });
    const now = (await ledger.store.runs.get(keyOfRun(run))) ?? run;
    terminal.json({ ...(dryRun === true ? { dryRun: true } : {}), result, run: now });
    terminal.print(
      dryRun === true
        ? `would cancel ${runName(run)}, which is ${run.state}`
        : `${runStateText(now, terminal)}  ${runName(now)}`,
    );
    return EXIT.ok;
  });
}

/** @throws {RefusedError} `usage` */
export function wholeNumber(command: string, option: string, value: string, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= 1 && number <= max) return number;
  throw usage(command, option, `a whole number from 1 to ${max}`, value);
}

function chosen<T>(option: string, value: string, known: Readonly<Record<string, T>>): T {
  const found = Object.hasOwn(known, value) ? known[value] : undefined;
  if (found === undefined) throw usage('runs', option, `one of ${Object.keys(known).join(', ')}`, value);
  return found;
}

function chosenType(value: string): RunType {
  const found = TYPES.find((type) => type === value);
  if (found === undefined) throw usage('runs', 'type', `one of ${TYPES.join(', ')}`, value);
  return found;
}

function usage(command: string, option: string, rule: string, value: string): RefusedError {
  return new RefusedError('usage', `tutti ${command} › --${option}: must be ${rule}, got "${value}"`);
}
