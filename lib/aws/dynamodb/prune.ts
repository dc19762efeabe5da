import { compareTexts } from '../../base/compare.ts';
import { isFinal, keyOfRun, type Run, type RunKey } from '../../model/run.ts';
import { hasEndedBefore } from '../../store/data.ts';
import type { Retention } from '../../store/store.ts';
import { inParallel } from './batches.ts';
import { dagPartition, keyIn, runItemKey, runPartition, sameNumber, valueIn } from './item.ts';
import { lanes, lanesOf } from './lanes.ts';
import type { Parts } from './parts.ts';
import { endedCreatedBefore } from './run-lists.ts';

/**
 * By age alone what goes is read from the index, and nothing else; by number each DAG's runs are counted. Runs go one by
 * one, each if nobody wrote it since it was read, and then what belongs to it.
 */
export async function pruneRuns(parts: Parts, policy: Retention): Promise<readonly RunKey[]> {
  const chosen = await chosenRuns(parts, policy);
  if (policy.dryRun === true || chosen.length === 0) return chosen.map(keyOfRun);
  // Before they go: whoever reads from here on reads anew.
  await parts.feed.raiseFloor();
  const removed = new Set<Run>();
  await inParallel(chosen, async (run) => {
    if (await remove(parts, run)) removed.add(run);
  });
  const gone = chosen.filter((run) => removed.has(run));
  await inParallel([...new Set(gone.map(({ dagId }) => dagId))], async (dagId) =>
    parts.recent.rebuild(dagId),
  );
  return gone.map(keyOfRun);
}

/** By DAG, newest first. */
async function chosenRuns(parts: Parts, { keep, endedBefore }: Retention): Promise<readonly Run[]> {
  const byAge = endedBefore === undefined ? [] : await endedCreatedBefore(parts.table, endedBefore);
  const chosen = new Map(
    byAge.filter((run) => hasEndedBefore(run, endedBefore)).map((run) => [keyText(run), run]),
  );
  if (keep !== undefined)
    for (const dagId of await parts.recent.dagIds())
      for (const run of await beyond(parts, dagId, keep)) chosen.set(keyText(run), run);
  return [...chosen.values()].sort((a, b) => compareTexts(a.dagId, b.dagId) || compareTexts(b.id, a.id));
}

/** Of a DAG's runs that ended, those after so many newest. */
async function beyond({ table }: Parts, dagId: string, keep: number): Promise<readonly Run[]> {
  const found: Run[] = [];
  let ended = 0;
  for await (const page of table.pages({ pk: dagPartition(dagId), prefix: 'RUN#', newestFirst: true }))
    for (const run of page.map(valueIn<Run>)) if (isFinal(run.state) && ++ended > keep) found.push(run);
  return found;
}

/** False where somebody wrote it since it was read; it stays. */
async function remove({ table }: Parts, run: Run): Promise<boolean> {
  const key = keyOfRun(run);
  const { done, old } = await table.remove(runItemKey(key), sameNumber('rev', run.rev));
  // What is gone already went by a request whose reply was lost, or somebody else's.
  if (!done && old !== undefined) return false;
  const belongings = await table.all({ pk: runPartition(key) });
  if (belongings.length > 0) await table.writeAll({ remove: belongings.map(keyIn) });
  for (const lane of await lanesOf(table, run.dagId, run.id))
    await lanes(table).release(run.dagId, lane, run.id);
  return true;
}

function keyText({ dagId, id }: Run): string {
  return `${dagId}#${id}`;
}
