/** What follows on AWS of an attempt that ended: who waits is woken, what it held is given back, programs are told. */
import { isFinal, keyOfRun, type Run } from '../model/run.ts';
import { leaveHolders } from './pools-of-runs.ts';
import { metricsLine, tellBus } from './run-events.ts';
import { releaseWaits } from './waits.ts';
import type { AwsWorld } from './world.ts';

/** All of it. Done again after a crash, programs may be told twice. */
export async function tellEnded(world: AwsWorld, run: Run): Promise<void> {
  await settleEnded(world, run);
  const version = await world.versionOf(run.dagId, run.version);
  if (version === undefined) return;
  const ended = { environment: world.place.environment, run, version };
  await tellBus(world.clients.events, ended);
  world.write(metricsLine(ended, world.clock.now()));
}

/** What does nothing where it was done: also of runs whose end somebody had no time for. */
export async function settleEnded(world: AwsWorld, run: Run): Promise<void> {
  if (!isFinal(run.state)) return;
  await releaseWaits(world.waits, run);
  const version = await world.versionOf(run.dagId, run.version);
  const pools = (version?.dag.pools ?? []).map(({ name }) => name);
  for (const pool of pools) await leaveHolders(world, pool, keyOfRun(run), run.attempt);
  if (run.state !== 'success') await world.cancelJobs(run, run.cause ?? `its run is ${run.state}`);
}
