/** Task runs whose execution went before they ended: nobody else would ever tell their end. */
import { keyOfRun, type Run } from '../model/run.ts';
import { type CellState, charOf, isEnded, stateOfChar } from '../model/state-chars.ts';
import type { TaskRunRow, TryRow } from '../store/store.ts';
import type { World } from './ports.ts';
import { RUN_ABORTED } from './projection.ts';

type End = 'failed' | 'cancelled';

/** Of an attempt that is over, the task runs that had not ended, as they ended with it. */
export async function rowsCutShort(
  { store, clock }: World,
  run: Run,
  end: End,
): Promise<readonly TaskRunRow[]> {
  const rows = await store.taskRuns.list(keyOfRun(run), { attempt: run.attempt });
  const endMs = clock.now();
  return rows
    .filter(({ state }) => !isEnded(state))
    .map((row) => ({
      ...row,
      state: stateCutShort(row.state, end),
      endMs,
      tries: row.tries.map((one) => tryCutShort(one, end, endMs)),
    }));
}

/** The same of its cells. */
export function cellsCutShort(cells: string, end: End): string {
  return [...cells].map((char) => charOf(stateCutShort(stateOfChar(char), end))).join('');
}

function tryCutShort(one: TryRow, end: End, endMs: number): TryRow {
  if (one.state !== 'running') return one;
  return { ...one, state: end, endMs, ...(end === 'failed' ? { error: RUN_ABORTED } : {}) };
}

/** What ran fails with its run, and what had not started never will. */
function stateCutShort<State extends CellState>(state: State, end: End): State | End | 'upstream_failed' {
  if (isEnded(state)) return state;
  return end === 'failed' && NOT_STARTED.has(state) ? 'upstream_failed' : end;
}

const NOT_STARTED: ReadonlySet<string> = new Set(['none', 'scheduled']);
