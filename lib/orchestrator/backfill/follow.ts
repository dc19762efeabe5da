/** Backfills whose runs were cleared or marked later: their dates are what these are now, and they themselves follow. */
import { isFinal, keyOfRun, type Run } from '../../model/run.ts';
import type { BackfillDate } from '../../store/store.ts';
import type { World } from '../ports.ts';
import { pumpBackfill } from './pump.ts';
import { backfillIdOf } from './settle-date.ts';

/** A run that a backfill ran has ended another attempt, or was marked. Nothing where there is none. */
export async function followRun(world: World, run: Run): Promise<void> {
  const id = backfillIdOf(run) ?? run.backfill;
  if (id === undefined) return;
  // What it is now: it may have been cleared again since the caller read it.
  const now = await world.store.runs.get(keyOfRun(run));
  if (now === undefined || !isFinal(now.state)) return;
  const { dagId, logicalDate, attempt } = now;
  const state = now.state as BackfillDate['state'];
  for (const from of SETTLED) {
    if (from === state) continue;
    if (await world.store.backfills.updateDate({ dagId, id, logicalDate }, from, { state, attempt })) break;
  }
  await followDates(world, dagId, id);
}

/** A date that waits to be run is looked at as it is queued. */
const SETTLED = ['queued', 'failed', 'cancelled', 'success'] as const;

/** A backfill after its dates have changed: one under way goes on, one that has ended has failed, or has not. */
export async function followDates(world: World, dagId: string, id: string): Promise<void> {
  const { backfills } = world.store;
  for (;;) {
    const backfill = await backfills.get(dagId, id);
    if (backfill?.state === 'running') return pumpBackfill(world, backfill);
    if (backfill?.state !== 'success' && backfill?.state !== 'failed') return;
    const bad = await backfills.dates(dagId, id, ['failed', 'cancelled'], 1);
    const state = bad.length === 0 ? 'success' : 'failed';
    if (backfill.state === state) return;
    if ((await backfills.update(dagId, id, backfill.rev, { state })) !== undefined) return;
  }
}
