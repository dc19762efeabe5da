import { setImmediate } from 'node:timers/promises';
import type { RunKey } from '../../model/run.ts';
import type { Retention } from '../../store/store.ts';
import { NEXT_SEQ } from './changes.ts';
import type { Database, Row } from './database.ts';

/** Runs of one transaction: others want to write in between. */
const BATCH = 200;

export async function pruneRuns(
  database: Database,
  { keep, endedBefore, dryRun }: Retention,
): Promise<readonly RunKey[]> {
  if (keep === undefined && endedBefore === undefined) return [];
  const chosen = database.all(CHOSEN, keep ?? Number.MAX_SAFE_INTEGER, endedBefore ?? '');
  if (dryRun === true) return chosen.map(keyOf);
  const removed: RunKey[] = [];
  for (let from = 0; from < chosen.length; from += BATCH) {
    const batch = chosen.slice(from, from + BATCH);
    const gone = database.alone(() => {
      // Before they go, for the last write may have been one of theirs.
      database.run(`update store set floor = ${NEXT_SEQ}`);
      return batch.filter((row) => remove(database, row));
    });
    removed.push(...gone.map(keyOf));
    await setImmediate();
  }
  return removed;
}

const CHOSEN = `
  select number, dag_id, id, rev from (
    select number, dag_id, id, rev, ended_at, row_number() over (partition by dag_id order by id desc) as place
    from runs where state in ('success', 'failed', 'cancelled'))
  where place > ? or ended_at < ?
  order by dag_id, id desc`;

/** Removes a run that nobody wrote since it was chosen, and what belongs to it. */
function remove(database: Database, { number = null, rev = null, dag_id = null, id = null }: Row): boolean {
  if (database.run('delete from runs where number = ? and rev = ?', number, rev) === 0) return false;
  database.run('delete from task_runs where run = ?', number);
  database.run('delete from recorded where run = ?', number);
  database.run('delete from lanes where dag_id = ? and run_id = ?', dag_id, id);
  return true;
}

function keyOf(row: Row): RunKey {
  return { dagId: String(row['dag_id']), runId: String(row['id']) };
}
