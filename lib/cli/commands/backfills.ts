/** `tutti backfill list`, `show`, `pause`, `resume`, `cancel`, `retry`: of backfills that are there. */
import { RefusedError } from '../../base/errors.ts';
import { nearest } from '../../base/suggest.ts';
import { assertChangeable } from '../../orchestrator/backfill/change.ts';
import type { Backfill, BackfillDate } from '../../store/store.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { backfillState, backfillTitle, datesTable } from '../ledger/backfill-text.ts';
import { confirm } from '../ledger/confirm.ts';
import { findHead } from '../ledger/find-run.ts';
import type { BackfillStep, LedgerReads } from '../ledger/ledger.ts';
import { type LedgerOptions, withLedger } from '../ledger/open-ledger.ts';
import { backfillThrough, countsText } from '../ledger/see-backfill.ts';
import type { Context } from '../program.ts';
import { columns, count } from '../words.ts';

/** Lists backfills, newest first. */
export function listBackfills(
  context: Context,
  dagId: string | undefined,
  options: LedgerOptions & { readonly active?: boolean },
): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(context, { ...options, reads: true }, async ({ store }) => {
    if (dagId !== undefined) await findHead(store, 'backfill list', dagId);
    const { items } = await store.backfills.list({
      limit: 100,
      ...(dagId === undefined ? {} : { dagId }),
      ...(options.active === undefined ? {} : { active: options.active }),
    });
    terminal.json({ backfills: items });
    const titles = ['', 'id', 'dag', 'from', 'to', 'dates', 'by', 'created'].map((title) =>
      terminal.paint('gray', title),
    );
    const rows = await Promise.all(
      items.map(async ({ id, dagId: dag, from, to, state, by, createdAt }) => [
        backfillState(state, terminal.paint),
        id,
        terminal.paint('bold', dag),
        from,
        to,
        countsText(await store.backfills.dates(dag, id)),
        by,
        createdAt,
      ]),
    );
    terminal.print(rows.length === 0 ? 'no backfills' : columns([titles, ...rows]).join('\n'));
    return EXIT.ok;
  });
}

/** One backfill with all its dates. */
export function showBackfill(context: Context, id: string, options: LedgerOptions): Promise<ExitCode> {
  const { terminal } = context;
  return withLedger(context, { ...options, reads: true }, async ({ store, suffix }) => {
    const backfill = await findBackfill(store, { command: 'show', id, suffix });
    const dates = await store.backfills.dates(backfill.dagId, backfill.id);
    terminal.json({ backfill, dates });
    const runs = await store.runs.open({ dagId: backfill.dagId, lane: `BF#${backfill.id}` });
    const stateNow = new Map(runs.map((run) => [run.id, run.state]));
    const { reprocess, order, maxActiveRuns, by, note, createdAt } = backfill;
    terminal.print(
      [
        `${backfillTitle(backfill, terminal)}  ${countsText(dates)}`,
        `  reprocess ${reprocess}, ${order} first, ${maxActiveRuns} at once, by ${by} at ${createdAt}${note === undefined ? '' : `: ${note}`}`,
        ...datesTable(dates, terminal, stateNow),
      ].join('\n'),
    );
    return EXIT.ok;
  });
}

/** Pauses, resumes, cancels one, or runs its failed dates again. */
export function changeBackfill(
  context: Context,
  id: string,
  { step, ...options }: LedgerOptions & { readonly step: BackfillStep },
): Promise<ExitCode> {
  const executes = step === 'resume' || step === 'retry';
  return withLedger(context, { ...options, load: executes }, async (ledger) => {
    const { store, suffix } = ledger;
    const backfill = await findBackfill(store, { command: step, id, suffix });
    const dates = await store.backfills.dates(backfill.dagId, backfill.id);
    assertChangeable(backfill, dates, step);
    if (options.dryRun === true) return tellDry(context, { backfill, dates, step });
    await confirmChange(context, { backfill, dates, step }, options.yes);
    // One that a Ctrl-C left is running still: there is nothing to resume but its execution.
    const isLeft = step === 'resume' && backfill.state === 'running';
    if (!isLeft) await ledger.acts.changeBackfill(backfill.id, step);
    const now = (await store.backfills.get(backfill.dagId, backfill.id)) ?? backfill;
    // A deployment may have been done with it before anybody looked.
    if (executes && (now.state === 'running' || ledger.environment !== undefined))
      return backfillThrough(context, ledger, { backfill: now, wait: options.wait });
    context.terminal.json({ backfill: now });
    context.terminal.print(backfillTitle(now, context.terminal));
    return EXIT.ok;
  });
}

interface Change {
  readonly backfill: Backfill;
  readonly dates: readonly BackfillDate[];
  readonly step: BackfillStep;
}

function tellDry({ terminal }: Context, { backfill, dates, step }: Change): ExitCode {
  const { id, dagId, state } = backfill;
  terminal.json({ dryRun: true, backfill, step });
  terminal.print(`would ${step} ${id} of ${dagId}, which is ${state}: ${countsText(dates)}`);
  return EXIT.ok;
}

async function confirmChange(
  context: Context,
  { backfill: { id, dagId }, dates, step }: Change,
  yes: boolean | undefined,
): Promise<void> {
  const failed = dates.filter(({ state }) => state === 'failed').length;
  if (step === 'cancel')
    await confirm(context, { command: 'backfill cancel', what: `cancel backfill ${id} of ${dagId}`, yes });
  if (step === 'retry' && failed > 1)
    await confirm(context, {
      command: 'backfill retry',
      what: `run ${count(failed, 'failed date')} of ${dagId} again`,
      yes,
    });
}

/** @throws {RefusedError} `unknown-backfill` */
async function findBackfill(
  { backfills }: LedgerReads,
  { command, id, suffix }: { readonly command: string; readonly id: string; readonly suffix: string },
): Promise<Backfill> {
  const { items } = await backfills.list({ limit: 1000 });
  const exact = items.filter((each) => each.id === id);
  const meant =
    exact.length > 0 ? exact : items.filter((each) => each.id.startsWith(id) || each.id.endsWith(id));
  const [found, ...others] = meant;
  if (found !== undefined && others.length === 0) return found;
  const near = nearest(
    id,
    items.map((each) => each.id),
  );
  const known =
    items.length === 0
      ? `there are none yet: tutti backfill create${suffix}`
      : `the newest are ${items
          .slice(0, 3)
          .map((each) => each.id)
          .join(', ')}`;
  const remedy =
    others.length > 0
      ? `it may be ${meant
          .map((each) => each.id)
          .slice(0, 5)
          .join(', ')}`
      : near === undefined
        ? known
        : `did you mean "${near}"?`;
  throw new RefusedError(
    'unknown-backfill',
    `tutti backfill ${command} › id: must be the id of a backfill, its beginning or its end, got "${id}"; ${remedy}`,
  );
}
