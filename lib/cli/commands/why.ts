import type { DagHead } from '../../model/dag-version.ts';
import { againCommand } from '../../orchestrator/code-here.ts';
import { type Why, why as whyOf } from '../../orchestrator/why.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findHead } from '../ledger/find-run.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import { runName, runStateText, whyText } from '../ledger/run-text.ts';
import type { Context } from '../program.ts';

/** Why a run of a date is not there, does not start, or is as it is. */
export function why(
  context: Context,
  dagId: string,
  date: string,
  options: LedgerOptions,
): Promise<ExitCode> {
  return withLedger(context, { ...options, load: true }, async ({ world, dev }) => {
    const head = await findHead(world.store, 'why', dagId);
    const answer = await whyOf(world, dagId, date);
    context.terminal.json({ dag: dagId, date, ...answer, dev: dev ?? null });
    const { run } = answer;
    const lines = [
      ...headLines(answer, head, context),
      ...answer.blockers.map(({ text }) => `  ${context.terminal.paint('yellow', '•')} ${text}`),
      ...(answer.blockers.length === 0 && run?.state === 'queued' ? ['  nothing holds it back'] : []),
      ...(run?.state === 'running' ? [`  it runs: tutti runs watch ${dagId} ${run.id}`] : []),
      ...(dev === undefined && (run === undefined || run.state === 'queued')
        ? ['  no tutti dev has this project: nobody starts what its schedules make']
        : []),
    ];
    context.terminal.print(lines.join('\n'));
    return EXIT.ok;
  });
}

function headLines(
  { run, interval }: Why,
  { dagId, version }: DagHead,
  { terminal }: Context,
): readonly string[] {
  const { paint } = terminal;
  if (run === undefined)
    return interval === undefined
      ? []
      : [`${paint('bold', `${dagId} ${interval.start}`)} … ${interval.end}: no run`];
  const head = `${runStateText(run, terminal)}  ${paint('bold', runName(run))}, ${run.type} by ${run.by}`;
  if (run.state !== 'failed') return [head];
  return [head, `  ${whyText(run)}`, `  again: ${againCommand(run, version)}`];
}
