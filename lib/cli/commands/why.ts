import type { DagHead } from '../../model/dag-version.ts';
import type { Run } from '../../model/run.ts';
import { againCommand } from '../../orchestrator/code-here.ts';
import type { Why } from '../../orchestrator/why.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findHead, findRun, isDate } from '../ledger/find-run.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import { runName, runStateText, whyText } from '../ledger/run-text.ts';
import type { Context } from '../program.ts';
import { count } from '../words.ts';

/** Why a run, or the run of a date, is not there, does not start, or is as it is. */
export function why(
  context: Context,
  dagId: string,
  text: string,
  options: LedgerOptions,
): Promise<ExitCode> {
  return withLedger(context, { ...options, load: true }, async (ledger) => {
    const { store, acts, dev, environment, suffix } = ledger;
    const head = await findHead(store, 'why', dagId);
    const answer = await acts.why(dagId, await named(ledger, dagId, text));
    const others = await runsBeside(ledger, dagId, answer);
    context.terminal.json({ dag: dagId, date: text, ...answer, ...others, dev: dev ?? null });
    const { run } = answer;
    const lines = [
      ...headLines(answer, head, { context, suffix }),
      ...besideLines(others.others, `${dagId}${suffix}`, context),
      ...answer.blockers.map(({ text }) => `  ${context.terminal.paint('yellow', '•')} ${text}`),
      ...(answer.blockers.length === 0 && run?.state === 'queued' ? ['  nothing holds it back'] : []),
      ...(run?.state === 'running' ? [`  it runs: tutti runs watch ${dagId} ${run.id}${suffix}`] : []),
      ...(dev === undefined && environment === undefined && (run === undefined || run.state === 'queued')
        ? ['  no tutti dev has this project: nobody starts what its schedules make']
        : []),
    ];
    context.terminal.print(lines.join('\n'));
    return EXIT.ok;
  });
}

/** A date says itself: that it has no run is an answer. */
async function named(ledger: Ledger, dagId: string, text: string): Promise<string> {
  return isDate(text) ? text : (await findRun(ledger, 'why', dagId, text)).id;
}

/** Where the interval has no run of its own: those that somebody asked for. */
async function runsBeside(
  { store }: Ledger,
  dagId: string,
  { run, interval }: Why,
): Promise<{ readonly others?: readonly Run[] }> {
  if (run !== undefined || interval === undefined) return {};
  const { start, end } = interval;
  const { items } = await store.runs.list({ dagId, from: start, to: end, limit: 100 });
  const others = items.filter(({ logicalDate }) => logicalDate === start || logicalDate < end);
  return others.length === 0 ? {} : { others };
}

function besideLines(others: readonly Run[] = [], dagId: string, { terminal }: Context): readonly string[] {
  const told = others.slice(0, MOST_TOLD).map((run) => {
    return `    ${runStateText(run, terminal)}  ${run.id}, ${run.type} by ${run.by}`;
  });
  const more = others.length - told.length;
  return [
    ...(told.length === 0 ? [] : ['  no run of its schedule, but of that date:', ...told]),
    ...(more > 0 ? [`    and ${count(more, 'run')} more: tutti runs ${dagId}`] : []),
  ];
}

/** Runs that are told of one date. */
const MOST_TOLD = 5;

function headLines(
  { run, interval }: Why,
  { dagId, version }: DagHead,
  { context, suffix }: { readonly context: Context; readonly suffix: string },
): readonly string[] {
  const { terminal } = context;
  const { paint } = terminal;
  if (run === undefined)
    return interval === undefined
      ? []
      : [`${paint('bold', `${dagId} ${interval.start}`)} … ${interval.end}: no run`];
  const head = `${runStateText(run, terminal)}  ${paint('bold', runName(run))}, ${run.type} by ${run.by}`;
  if (run.state !== 'failed') return [head];
  return [head, `  ${whyText(run)}`, `  again: ${againCommand(run, version)}${suffix}`];
}
