import type { Clock } from '../../base/clock.ts';
import { toSeconds } from '../../base/duration.ts';
import type { Json } from '../../base/json.ts';
import { engineNamed } from '../../engines/all.ts';
import { JOB_FAILED } from '../../engines/sync.ts';
import type { LocalStandIn } from '../../model/task.ts';
import { namedError } from '../../runtime/named-error.ts';
import type { EngineCall } from './local-engine.ts';

export type Simulation = Extract<LocalStandIn, { readonly kind: 'simulate' }>;

/** Error of a simulated failure that names none: what the engine's own would be. */
function failureOf(engine: string): string {
  return engineNamed(engine)?.pattern === 'sync' ? JOB_FAILED : 'Engine.JobFailed';
}

/** Plays what an engine would do: waits, fails the first `failTimes` tries, answers `output`. */
export async function simulated(stand: Simulation, call: EngineCall, clock: Clock): Promise<Json> {
  const { run, signal, log } = call.context;
  const seconds = toSeconds(stand.after) ?? 0;
  if (seconds > 0) await clock.until(clock.now() + seconds * 1000, signal);
  log.info(`${call.engine}: simulated, nothing was called`, { simulated: true, try: run.try });
  if (run.try > (stand.failTimes ?? 0)) return stand.output ?? null;
  throw namedError(
    stand.error ?? failureOf(call.engine),
    `${call.engine}: simulated failure of try ${run.try}`,
  );
}
