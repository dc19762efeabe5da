/** What earlier attempts of a run recorded, where the machine of reruns looks for it. */
import { keyOfRun } from '../model/run.ts';
import type { RecordedOutput } from '../model/run-input.ts';
import type { ExecutionStart } from '../orchestrator/ports.ts';
import { recordKey, runPartition } from './run-items.ts';
import { deleteItem, itemsOf, putItem, type Table } from './table.ts';

/**
 * Puts what the others recorded, and removes what is recorded of tasks that run again: nobody is to take the output of
 * an earlier attempt for one of this. `expires`: seconds since the epoch.
 */
export async function prepareRerun(
  table: Table,
  { run, rerun, records = [] }: ExecutionStart,
  expires: number,
): Promise<void> {
  const key = keyOfRun(run);
  const again = rerun?.tasks ?? [];
  const runsAgain = (task: string) => again.some((id) => task === id || task.startsWith(`${id}.`));
  for (const { pk, sk, ttl } of await itemsOf(table, runPartition(key), { prefix: 'O#' })) {
    // What this attempt has recorded, having been started by somebody else meanwhile, is kept as long as it is.
    if (ttl === expires || !runsAgain(sk.split('#')[1] ?? '')) continue;
    await deleteItem(table, { pk, sk }, ttl === undefined ? undefined : { field: 'ttl', is: ttl });
  }
  const kept: readonly RecordedOutput[] = [
    ...records.filter(({ task }) => !runsAgain(task)),
    ...Object.entries(rerun?.outputs ?? {}).map(([task, out]) => ({ task, out })),
  ];
  for (const { out, ...recorder } of kept)
    await putItem(table, { ...recordKey(key, recorder), out: JSON.stringify(out), ttl: expires });
}
