/** A run's place in its lane. */
import type { Run } from '../model/run.ts';
import type { World } from './ports.ts';

/** The name of a run's place: of one attempt, so that what is late of an earlier one never frees the place of this one. */
export function placeOf({ id, attempt }: Pick<Run, 'id' | 'attempt'>): string {
  return `${id}#${attempt}`;
}

/** Gives back the place of an attempt that ended, or was cancelled before it started. */
export async function leaveLane({ store }: World, run: Run): Promise<void> {
  await store.runs.release(run.dagId, run.lane, placeOf(run));
}
