/** A task of one DAG that waits for a run of another one: Core knows that one's intervals, and may read its runs. */
import type { WaitEvent } from '../deployment/events.ts';
import { dagOf } from '../orchestrator/known.ts';
import type { World } from '../orchestrator/ports.ts';
import { intervalOf, isoText } from '../schedule/run-interval.ts';
import { registerWait, type WaitPlace } from './waits.ts';

export interface WaitWorld extends World {
  readonly waits: WaitPlace;
}

/**
 * Keeps the wait, or answers it at once.
 *
 * @throws {RefusedError} `unknown-dag`, `invalid-logical-date`
 */
export async function waitForRun(world: WaitWorld, { logicalDate, ...wait }: WaitEvent): Promise<null> {
  const { version } = await dagOf(world, wait.dagId);
  const nowMs = world.clock.now();
  // One run is known by its id; of it the date is as runs have it.
  const date =
    wait.runId === undefined ? isoText(intervalOf(version.dag, logicalDate, nowMs).startMs) : logicalDate;
  await registerWait(world.waits, { ...wait, logicalDate: date }, nowMs);
  return null;
}
