/** Keys of what a run has in the table beside its entry in the ledger. */

import type { RunKey } from '../model/run.ts';
import type { RecordedOutput } from '../model/run-input.ts';
import { getItem, type ItemKey, putItem, type Table } from './table.ts';

/** How long latches, recorded outputs and marks of a run are kept, seconds (`step-functions.md` 3). */
export const KEPT_SECONDS = 2_592_000;

/** Partition of all of them. */
export function runPartition({ dagId, runId }: RunKey): string {
  return `RUN#${dagId}#${runId}`;
}

/** What a task, or one instance of it, recorded: `O#<task>[#<counter>…]`. */
export function recordKey(run: RunKey, { task, instance }: Omit<RecordedOutput, 'out'>): ItemKey {
  const counters = instance === undefined ? '' : `#${instance.replaceAll('.', '#')}`;
  return { pk: runPartition(run), sk: `O#${task}${counters}` };
}

/** Beginning of the sort keys of an attempt's external jobs. */
export function jobPrefix(attempt: number): string {
  return `X#${attempt}#`;
}

/** An attempt is being cancelled: no job of it is begun any more. */
export async function markCancelling(table: Table, of: CancelMark): Promise<void> {
  const { run, attempt, cause, nowMs } = of;
  const ttl = Math.floor(nowMs / 1000) + KEPT_SECONDS;
  await putItem(table, { ...cancelKey(run, attempt), cause: cause.slice(0, 1_000), ttl });
}

export interface CancelMark {
  readonly run: RunKey;
  readonly attempt: number;
  readonly cause: string;
  readonly nowMs: number;
}

/** Why an attempt is being cancelled; `undefined`: it is not. */
export async function cancellingCause(
  table: Table,
  run: RunKey,
  attempt: number,
): Promise<string | undefined> {
  const mark = await getItem(table, cancelKey(run, attempt));
  return mark === undefined ? undefined : String(mark['cause']);
}

/** `CANCEL#<attempt>`, beside the attempt's jobs. */
function cancelKey(run: RunKey, attempt: number): ItemKey {
  return { pk: runPartition(run), sk: `CANCEL#${attempt}` };
}
