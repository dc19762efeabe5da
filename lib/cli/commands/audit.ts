import { RefusedError } from '../../base/errors.ts';
import type { AuditRow } from '../../orchestrator/audit.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { findHead, newestVersion } from '../ledger/find-run.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import { runStateText } from '../ledger/run-text.ts';
import type { Context } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { clip, columns, count } from '../words.ts';
import { rangeOfUtc, wholeNumber } from './runs.ts';

export interface AuditOptions extends LedgerOptions {
  readonly from?: string;
  readonly to?: string;
  /** Who did what, instead of the intervals. */
  readonly log?: boolean;
  readonly limit: string;
}

/** Every interval of a range with its run, or why it has none: fails where the ledger has a gap, an overlap or a double. */
export function audit(context: Context, dagId: string | undefined, options: AuditOptions): Promise<ExitCode> {
  if (options.log === true) return log(context, dagId, options);
  const { terminal } = context;
  return withLedger(context, { ...options, load: true }, async ({ store, acts, clock }) => {
    if (dagId === undefined)
      throw new RefusedError(
        'usage',
        'tutti audit › dag: must be said, got none; who did what is in tutti audit --log',
      );
    const head = await findHead(store, 'audit', dagId);
    const { dag } = await newestVersion(store, head);
    const { from = dag.start ?? head.registeredAt, to = isoText(clock.now()) } = options;
    const { rows, problems } = await acts.audit(dagId, { from, to });
    terminal.json({ dag: dagId, ok: problems.length === 0, rows, problems });
    const lines = columns(rows.map((row) => auditCells(row, terminal)));
    terminal.print(rows.length === 0 ? `${dagId} has no interval there` : lines.join('\n'));
    for (const { code, text } of problems) terminal.warn(`${terminal.paint('red', `✕ ${code}`)} ${text}`);
    if (problems.length === 0)
      terminal.print(
        terminal.paint('green', `✓ ${count(rows.length, 'interval')}, nothing missing, nothing twice`),
      );
    return problems.length === 0 ? EXIT.ok : EXIT.failed;
  });
}

function auditCells({ logicalDate, run, text }: AuditRow, terminal: Terminal): readonly string[] {
  return [
    logicalDate,
    run === undefined ? terminal.paint('gray', '– no run') : runStateText(run, terminal),
    run === undefined ? '' : run.attempt > 1 ? `${run.type}, attempt ${run.attempt}` : run.type,
    run === undefined ? text : madeText(run, text),
  ];
}

/** What the cells before do not say. */
function madeText({ state, attempt }: NonNullable<AuditRow['run']>, text: string): string {
  return text.replace(`; ${state}${attempt === 1 ? '' : `, attempt ${attempt}`}`, '');
}

function log(context: Context, dagId: string | undefined, options: AuditOptions): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(context, { ...options, reads: true }, async ({ store }) => {
    const { from, to, limit } = options;
    const { items } = await store.audit.list({
      limit: wholeNumber('audit', 'limit', limit, 1000),
      ...(dagId === undefined ? {} : { dagId }),
      ...(from === undefined ? {} : { from: isoText(rangeOfUtc('audit', 'from', from).startMs) }),
      // Entries are of whole seconds.
      ...(to === undefined ? {} : { to: isoText(rangeOfUtc('audit', 'to', to).endMs - 1) }),
    });
    terminal.json({ entries: items });
    const titles = ['at', 'who', 'via', 'did', 'dag', 'run', ''].map((title) =>
      terminal.paint('gray', title),
    );
    const rows = items.map(({ at, actor, via, action, dagId: dag, runId, details }) => [
      at,
      clip(actor, 24),
      via,
      action,
      dag ?? '',
      runId ?? '',
      Object.keys(details).length === 0 ? '' : terminal.paint('gray', clip(JSON.stringify(details), 100)),
    ]);
    terminal.print(rows.length === 0 ? 'nobody did anything yet' : columns([titles, ...rows]).join('\n'));
    return EXIT.ok;
  });
}
