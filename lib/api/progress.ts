/** How far runs under way are, where nobody writes that into the ledger while they go on. */
import type { Run } from '../model/run.ts';
import { keyOfRun } from '../model/run.ts';
import type { Projection } from '../orchestrator/projection.ts';
import type { TaskRunRow } from '../store/store.ts';
import type { Api } from './route.ts';

/** Reads how far an execution is; asked often, answers as often as it may. */
export interface ProgressReader {
  /** Cells of the run, rows of its attempt. `undefined`: not known now, or the ledger knows. Never rejects. */
  of(run: Run): Promise<Projection | undefined>;
}

/** A run with its cells as they are now. */
export async function runNow({ options: { progress } }: Api, run: Run): Promise<Run> {
  const now = await progress?.of(run);
  return now === undefined ? run : { ...run, cells: now.cells };
}

/** Its task runs: of earlier attempts, and of one that is over, those that are kept. */
export async function rowsNow(
  { world, options: { progress } }: Api,
  run: Run,
  of: { readonly task?: string; readonly attempt?: number } = {},
): Promise<readonly TaskRunRow[]> {
  const [kept, now] = await Promise.all([
    world.store.taskRuns.list(keyOfRun(run), of),
    of.attempt === undefined || of.attempt === run.attempt ? progress?.of(run) : undefined,
  ]);
  if (now === undefined) return kept;
  const before = kept.filter(({ attempt }) => attempt !== run.attempt);
  return [...before, ...now.rows.filter(({ task }) => of.task === undefined || of.task === task)];
}
