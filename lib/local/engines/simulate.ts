import type { Clock } from '../../base/clock.ts';
import { toSeconds } from '../../base/duration.ts';
import type { Json } from '../../base/json.ts';
import type { LocalStandIn } from '../../model/task.ts';
import { namedError } from '../named-error.ts';
import type { EngineCall } from './local-engine.ts';

export type Simulation = Extract<LocalStandIn, { readonly kind: 'simulate' }>;

/** Error of a simulated failure that names none. */
export const SIMULATED_FAILURE = 'SimulatedFailure';

/**
 * Plays what an engine would do: waits, fails the first `failTimes` tries, answers `output`.
 * With an `error` and no `failTimes` every try fails.
 */
export async function simulated(stand: Simulation, call: EngineCall, clock: Clock): Promise<Json> {
  const { run, signal, log } = call.context;
  const seconds = toSeconds(stand.after) ?? 0;
  if (seconds > 0) await clock.until(clock.now() + seconds * 1000, signal);
  const failTimes = stand.failTimes ?? (stand.error === undefined ? 0 : Number.POSITIVE_INFINITY);
  log.info(`${call.engine}: simulated, nothing was called`, { simulated: true, try: run.try });
  if (run.try > failTimes) return stand.output ?? null;
  throw namedError(stand.error ?? SIMULATED_FAILURE, `${call.engine}: simulated failure of try ${run.try}`);
}
