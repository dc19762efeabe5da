/** Runs of the ledger as a person reads them. */

import type { LedgerState, Run } from '../../model/run.ts';
import { isFinal } from '../../model/run.ts';
import { stateOfChar } from '../../model/state-chars.ts';
import { stateText } from '../glyphs.ts';
import type { Terminal } from '../terminal.ts';
import { clip, columns, durationText } from '../words.ts';

type Painter = Pick<Terminal, 'paint'>;

/** `starting` is a step of ours; people are told `queued`. */
export function shownState(state: LedgerState): Exclude<LedgerState, 'starting'> {
  return state === 'starting' ? 'queued' : state;
}

/** `✓ success`. */
export function runStateText({ state }: Pick<Run, 'state'>, { paint }: Painter): string {
  return stateText(shownState(state), paint);
}

/** A table of runs, the titles first. */
export function runTable(runs: readonly Run[], terminal: Painter, nowMs: number): readonly string[] {
  const titles = ['', 'dag', 'run', 'type', 'tasks', 'took', 'by', ''].map((title) =>
    terminal.paint('gray', title),
  );
  const rows = runs.map((run) => [
    runStateText(run, terminal),
    terminal.paint('bold', run.dagId),
    run.id,
    run.attempt > 1 ? `${run.type}, attempt ${run.attempt}` : run.type,
    cellsText(run.cells),
    tookText(run, nowMs),
    clip(run.by, 24),
    whyText(run),
  ]);
  return columns([titles, ...rows]);
}

/** `3 success, 1 failed` of a run's cells; `''` before any was decided. */
export function cellsText(cells: string): string {
  const counts = new Map<string, number>();
  for (const char of cells) if (char !== '-') counts.set(char, (counts.get(char) ?? 0) + 1);
  const done = counts.get('s') ?? 0;
  const others = [...counts].filter(([char]) => char !== 's');
  if (counts.size === 0) return '';
  return [
    `${done}/${cells.length}`,
    ...others.map(([char, amount]) => `${amount} ${stateOfChar(char).replaceAll('_', ' ')}`),
  ].join(', ');
}

/** What it took, or takes so far. */
export function tookText({ startedAt, endedAt, state }: Run, nowMs: number): string {
  if (startedAt === undefined) return '';
  if (endedAt === undefined && isFinal(state)) return '';
  const end = endedAt === undefined ? nowMs : Date.parse(endedAt);
  return durationText(Math.max(0, end - Date.parse(startedAt)));
}

/** The first task that failed and its error, or what ended the run; `''`: nothing did. */
export function whyText({ failed, error, cause, state }: Run): string {
  if (state !== 'failed') return '';
  const [first] = failed ?? [];
  if (first !== undefined) {
    const name = first.instance === undefined ? first.task : `${first.task}[${first.instance}]`;
    return clip(`${name}: ${first.error}${first.cause === undefined ? '' : `, ${oneLine(first.cause)}`}`, 80);
  }
  return error === undefined ? '' : clip(`${error}${cause === undefined ? '' : `: ${oneLine(cause)}`}`, 80);
}

/** `run 2026-01-05T01:00:00Z of daily_sales (2026-01-05)`: with its day where the id does not begin with it. */
export function runName({ id, dagId, interval }: Run): string {
  return `${dagId} ${id}${id.startsWith(interval.date) ? '' : ` (${interval.date})`}`;
}

function oneLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
