/** The end of one attempt of a run: what is kept of it, and what follows for its DAG. */
import type { RecordedRun } from '../history/recorded-run.ts';
import { type FailedTask, isFinal, keyOfRun, type Run, type RunKey } from '../model/run.ts';
import type { TaskRunRow } from '../store/store.ts';
import { pauseIfFailing } from './auto-pause.ts';
import { settleDate } from './backfill/settle-date.ts';
import { leaveLane } from './place.ts';
import type { World } from './ports.ts';

/** Which attempt of which run it is about. */
export interface AttemptKey extends RunKey {
  readonly attempt: number;
}

/** The end of an execution. */
export interface RunEnd extends AttemptKey {
  readonly state: 'success' | 'failed' | 'cancelled';
  /** ISO 8601. */
  readonly endedAt: string;
  /** As in `Run`. */
  readonly cells: string;
  /** All task runs of the attempt. */
  readonly rows: readonly TaskRunRow[];
  /** What its tasks gave, for attempts to come. Absent: it started nothing, and what was kept before stays. */
  readonly recorded?: RecordedRun;
  readonly error?: string;
  readonly cause?: string;
  readonly failed?: readonly FailedTask[];
  readonly transitions?: number;
}

/**
 * Ends an attempt: its task runs and outputs are kept first, then the run's state, so that a final run is complete. Then
 * its place is free, and its backfill knows of its date. Repeated after a crash in its midst, what was done is left as it is.
 * Gives the run as it ended; telling people of it, which may take its time, is for the caller.
 */
export async function endRun(world: World, run: Run, end: RunEnd): Promise<Run | undefined> {
  const ended = isFinal(run.state) ? run : await keepEnd(world, run, end);
  await leaveLane(world, run);
  await settleDate(world, ended ?? run);
  if (end.state === 'failed') await pauseIfFailing(world, run.dagId);
  return ended;
}

/** The run as it ended; `undefined` where somebody else has ended it meanwhile. */
async function keepEnd({ store }: World, run: Run, end: RunEnd): Promise<Run | undefined> {
  const key = keyOfRun(run);
  if (end.rows.length > 0) await store.taskRuns.put(key, end.rows);
  if (end.recorded !== undefined) await store.taskRuns.putRecorded(key, end.recorded);
  const { state, endedAt, cells, error, cause, failed, transitions } = end;
  return store.runs.update(
    key,
    { states: ['starting', 'running'], attempt: end.attempt },
    { state, endedAt, cells, error, cause, failed, transitions },
  );
}
