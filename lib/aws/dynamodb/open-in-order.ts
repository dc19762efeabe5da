import { isFinal, type Run } from '../../model/run.ts';
import { compareKeys } from '../../store/page.ts';
import type { RunStore } from '../../store/store.ts';
import type { OpenMark } from './open-runs.ts';
import type { Parts } from './parts.ts';

/** Open runs, oldest logical date first. */
export async function openInOrder(
  parts: Parts,
  { dagId, lane }: NonNullable<Parameters<RunStore['open']>[0]>,
): Promise<readonly Run[]> {
  const marks = (await parts.open.marks(dagId)).filter((mark) => (lane ?? mark.lane) === mark.lane);
  const runs = await parts.open.runs(marks);
  await tidy(parts, parts.open.stale(marks, runs), runs);
  return runs
    .filter((run) => !isFinal(run.state) && (lane ?? run.lane) === run.lane)
    .sort((a, b) => compareKeys(keyOf(a), keyOf(b)));
}

/** Does what writers that died have left undone. Who may only read leaves it to others. */
async function tidy(
  { open, recent }: Parts,
  stale: readonly OpenMark[],
  runs: readonly Run[],
): Promise<void> {
  try {
    for (const mark of stale) {
      const run = runs.find(({ dagId, id }) => dagId === mark.dagId && id === mark.runId);
      if (run !== undefined) await recent.keep(run);
      await open.remove(mark, mark.n);
    }
  } catch (error) {
    if (!(error instanceof Error && error.name === 'AccessDeniedException')) throw error;
  }
}

function keyOf({ logicalDate, dagId, id }: Run) {
  return [logicalDate, dagId, id];
}
