import type { Run } from '../../model/run.ts';
import type { World } from '../ports.ts';

/** Id of the backfill that a run belongs to. */
export function backfillIdOf({ lane }: Pick<Run, 'lane'>): string | undefined {
  return lane === 'main' ? undefined : lane.slice('BF#'.length);
}

/** Keeps what became of the date of a run that ended; nothing where it belongs to no backfill. */
export async function settleDate(
  { store }: World,
  run: Pick<Run, 'dagId' | 'lane' | 'logicalDate' | 'state'>,
): Promise<void> {
  const id = backfillIdOf(run);
  const { state, dagId, logicalDate } = run;
  if (id === undefined || (state !== 'success' && state !== 'failed' && state !== 'cancelled')) return;
  await store.backfills.updateDate({ dagId, id, logicalDate }, 'queued', { state });
}
