/** Backfills as a person reads them. */
import type { LedgerState } from '../../model/run.ts';
import type { Backfill, BackfillDate } from '../../store/store.ts';
import { glyphOf, stateText } from '../glyphs.ts';
import type { Terminal } from '../terminal.ts';
import { columns } from '../words.ts';

type Painter = Pick<Terminal, 'paint'>;

/** `▶ running  01J… daily_sales 2026-01-01T01:00:00Z … 2026-01-31T01:00:00Z`. */
export function backfillTitle({ id, dagId, from, to, state }: Backfill, { paint }: Painter): string {
  return `${backfillState(state, paint)}  backfill ${paint('bold', id)}  ${dagId} ${from} … ${to}`;
}

export function backfillState(state: Backfill['state'], paint: Terminal['paint']): string {
  return state === 'paused' ? paint('yellow', '⏸ paused') : stateText(state, paint);
}

/** Dates with what becomes of them, or became; of those that have a run under way its state. */
export function datesTable(
  dates: readonly (Pick<BackfillDate, 'logicalDate' | 'action' | 'reason'> & Partial<BackfillDate>)[],
  { paint }: Painter,
  runs: ReadonlyMap<string, LedgerState> = new Map(),
): readonly string[] {
  const rows = dates.map(({ logicalDate, action, reason, state, runId }) => [
    `  ${logicalDate}`,
    paint(action === 'skip' ? 'gray' : 'green', action),
    state === undefined ? '' : dateState(state, runs.get(runId ?? ''), paint),
    reason ?? '',
    runId === undefined || runId === logicalDate ? '' : runId,
  ]);
  return columns(rows);
}

function dateState(
  state: BackfillDate['state'],
  run: LedgerState | undefined,
  paint: Terminal['paint'],
): string {
  if (state === 'pending') return `${glyphOf('none', paint)} pending`;
  return stateText(state === 'queued' && run === 'running' ? run : state, paint);
}
