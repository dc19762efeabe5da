/** What earlier attempts of a run recorded, where the machine of this one looks for it. */
import { keyOfRun } from '../model/run.ts';
import type { ExecutionStart } from '../orchestrator/ports.ts';
import { RECORD_PREFIX, recordedEarlier, recordKey, runsAgain } from '../runtime/recorded.ts';
import { runPartition } from './run-items.ts';
import { deleteItem, itemsOf, putItem, type Table } from './table.ts';

/**
 * Removes what is recorded of tasks that run again, which without `rerun` are all: nobody is to take the output of an
 * earlier attempt for one of this. Puts what the others recorded. `expires`: seconds since the epoch.
 */
export async function prepareRecords(
  table: Table,
  { run, rerun, records = [] }: ExecutionStart,
  expires: number,
): Promise<void> {
  for (const { pk, sk, ttl } of await itemsOf(table, runPartition(keyOfRun(run)), {
    prefix: RECORD_PREFIX,
  })) {
    // What this attempt has recorded, having been started by somebody else meanwhile, is kept as long as it is.
    if (ttl === expires || (rerun !== undefined && !runsAgain(rerun.tasks, sk.split('#')[1] ?? ''))) continue;
    await deleteItem(table, { pk, sk }, ttl === undefined ? undefined : { field: 'ttl', is: ttl });
  }
  if (rerun === undefined) return;
  for (const { out, ...recorder } of recordedEarlier({ rerun }, records))
    await putItem(table, { ...recordKey({ run }, recorder), out: JSON.stringify(out), ttl: expires });
}
