/** Keys of what a run has in the table beside its entry in the ledger. */

import type { RunKey } from '../model/run.ts';
import { getItem, type ItemKey, itemsOf, putItem, type Table } from './table.ts';

/** How long latches, recorded outputs and marks of a run are kept, seconds (`step-functions.md` 3). */
export const KEPT_SECONDS = 2_592_000;

/** Partition of all of them. */
export function runPartition({ dagId, runId }: RunKey): string {
  return `RUN#${dagId}#${runId}`;
}

/** Whether external jobs of an attempt go on, as far as their ledger knows (`engines/job-item.ts`). */
export async function hasOpenJobs(table: Table, run: RunKey, attempt: number): Promise<boolean> {
  const jobs = await itemsOf(table, runPartition(run), { prefix: `X#${attempt}#` });
  return jobs.some(({ state }) => state === 'submitting' || state === 'running');
}

/** An attempt is being cancelled, and why: from here on no job of it is begun. */
export async function markCancelling(table: Table, of: CancelMark): Promise<void> {
  const { run, attempt, cause, nowMs } = of;
  const ttl = Math.floor(nowMs / 1000) + KEPT_SECONDS;
  await putItem(table, { ...cancelKey(run, attempt), cause: cause.slice(0, 1_000), ttl });
  const at = new Date(nowMs).toISOString();
  await putItem(table, { pk: runPartition(run), sk: `X#${attempt}`, at, ttl });
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
