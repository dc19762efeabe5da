/** What a command does with a backfill that it made or let go on. */

import type { HeldDates } from '../../orchestrator/backfill/held-dates.ts';
import type { Backfill, BackfillDate } from '../../store/store.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import { catchInterrupt } from '../interrupt.ts';
import type { Context } from '../program.ts';
import type { Terminal } from '../terminal.ts';
import { count } from '../words.ts';
import { backfillTitle } from './backfill-text.ts';
import { endLine } from './follow.ts';
import type { Ledger, Seen } from './ledger.ts';
import { Quiet } from './quiet.ts';

export interface AskedBackfill {
  readonly backfill: Backfill;
  /** @default waits where no `tutti dev` has the store: then this process executes it */
  readonly wait: boolean | undefined;
}

/** Executes it here and shows it, where no `tutti dev` has the store; else leaves it to that. */
export async function backfillThrough(
  context: Context,
  ledger: Ledger,
  { backfill, wait }: AskedBackfill,
): Promise<ExitCode> {
  const { terminal } = context;
  const { dev, store, suffix } = ledger;
  if (!(wait ?? dev === undefined)) {
    terminal.json({ backfill, startedBy: starterOf(ledger) });
    terminal.print(leftText(ledger, backfill));
    return EXIT.ok;
  }
  const interrupt = catchInterrupt(terminal, leavingText(ledger));
  try {
    if (dev === undefined) await ledger.executeBackfill(backfill, interrupt.signal);
    const { backfill: end, stuck } = await follow(context, ledger, backfill, interrupt.signal);
    const dates = await store.backfills.dates(backfill.dagId, backfill.id);
    terminal.json({ backfill: end, dates, ...(stuck === undefined ? {} : { held: stuck.held }) });
    terminal.print(`${backfillTitle(end, terminal)}  ${countsText(dates)}`);
    if (stuck !== undefined) {
      terminal.warn(stuckText(end, stuck, suffix));
      return EXIT.failed;
    }
    if (end.state === 'running' && interrupt.signal.aborted) {
      terminal.warn(restText(ledger, backfill));
      return EXIT.interrupted;
    }
    await ledger.leave();
    return end.state === 'success' ? EXIT.ok : EXIT.failed;
  } finally {
    interrupt.release();
  }
}

function starterOf({ dev, environment }: Ledger) {
  return environment === undefined ? (dev ?? null) : { environment };
}

function leavingText({ environment }: Ledger): string {
  return environment === undefined
    ? 'leaving the rest; Ctrl-C again ends at once'
    : `no longer watching; it goes on in ${environment}`;
}

function restText({ environment, suffix }: Ledger, { id }: Backfill): string {
  return environment === undefined
    ? `not done; go on with: tutti dev, or tutti backfill resume ${id}`
    : `not done yet; to see it: tutti backfill show ${id}${suffix}`;
}

function leftText({ dev, environment, suffix }: Ledger, { id }: Backfill): string {
  if (environment !== undefined) return `  ${environment} runs it; tutti backfill show ${id}${suffix}`;
  return dev === undefined
    ? `  nobody runs it: start tutti dev, or tutti backfill resume ${id}`
    : `  tutti dev (${dev.url}) runs it; tutti backfill show ${id}`;
}

function stuckText({ id }: Backfill, { stuckBehind, command = '' }: HeldDates, suffix: string): string {
  const runs = stuckBehind.map(
    (run) =>
      `${run.id}, which ${run.state === 'success' ? 'has a task that did not succeed' : `is ${run.state}`}`,
  );
  return [
    `nothing that is left can start: it depends on the past, on ${runs.join('; ')}`,
    `  first: ${command}${suffix}, or tutti mark; then: tutti backfill resume ${id}${suffix}`,
  ].join('\n');
}

/** `31 success, 2 failed`. */
export function countsText(dates: readonly Pick<BackfillDate, 'state'>[]): string {
  const counts = new Map<string, number>();
  for (const { state } of dates) counts.set(state, (counts.get(state) ?? 0) + 1);
  return [...counts].map(([state, amount]) => `${amount} ${state}`).join(', ');
}

/** How a look at it ended: it is over, somebody pressed Ctrl-C, or nothing of it can go on. */
interface Followed {
  readonly backfill: Backfill;
  readonly stuck?: HeldDates;
}

async function follow(
  { terminal }: Context,
  ledger: Ledger,
  { dagId, id }: Backfill,
  signal: AbortSignal,
): Promise<Followed> {
  const { store, clock, lookMs } = ledger;
  const told = new Set<string>();
  const quiet = new Quiet(ledger, terminal);
  for (;;) {
    const backfill = await store.backfills.get(dagId, id);
    if (backfill === undefined) throw new Error(`unreachable: backfill ${id} is gone`);
    const dates = await store.backfills.dates(dagId, id);
    await tellEnded(dates.filter(hasEnded), { told, dagId, ledger, terminal });
    if (backfill.state !== 'running') return { backfill };
    const stuck = await quiet.look(backfill, dates);
    if (stuck !== undefined) return { backfill, stuck };
    const left = dates.filter(({ state }) => state === 'pending' || state === 'queued').length;
    writeOver(terminal, terminal.paint('gray', `${count(left, 'date')} to go`));
    try {
      await clock.until(clock.now() + lookMs, signal);
    } catch {
      return { backfill };
    } finally {
      writeOver(terminal, '');
    }
  }
}

function hasEnded({ state, runId }: BackfillDate): boolean {
  return runId !== undefined && state !== 'pending' && state !== 'queued';
}

interface Telling {
  /** Logical dates that were told. */
  readonly told: Set<string>;
  readonly dagId: string;
  readonly ledger: Seen;
  readonly terminal: Terminal;
}

async function tellEnded(
  dates: readonly BackfillDate[],
  { told, dagId, ledger, terminal }: Telling,
): Promise<void> {
  for (const { runId = '', logicalDate } of dates) {
    if (told.has(logicalDate)) continue;
    told.add(logicalDate);
    const run = await ledger.store.runs.get({ dagId, runId });
    if (run !== undefined) terminal.print(endLine(run, terminal, ledger.clock.now()));
  }
}

/** A line that the next one is written over. */
function writeOver(terminal: Terminal, text: string): void {
  if (terminal.live) terminal.write(`\r\u001b[K${text}`);
}
