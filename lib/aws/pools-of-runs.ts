/** Which runs hold places of pools, and which of those runs are over. */
import { isFinal, type RunKey } from '../model/run.ts';
import { holdersOf, leavePool, lookAfter, type PoolPlace } from './pool.ts';
import type { AwsWorld } from './world.ts';

/** `dag/run/attempt/task#instance`. */
const HOLDER = /^([^/]+)\/([^/]+)\/(\d+)\//;

interface HolderRun extends RunKey {
  readonly attempt: number;
}

/** Whose task holds or waits; `undefined`: of no run. */
export function runOfHolder(holder: string): HolderRun | undefined {
  const [, dagId, runId, attempt] = HOLDER.exec(holder) ?? [];
  if (dagId === undefined || runId === undefined) return undefined;
  return { dagId, runId, attempt: Number(attempt) };
}

/** Gives back all that an attempt of a run holds or waits for. */
export async function leaveHolders(
  world: AwsWorld,
  pool: string,
  { dagId, runId }: RunKey,
  attempt: number,
): Promise<void> {
  const place = poolPlace(world);
  const mine = (await holdersOf(place, pool)).filter((holder) => {
    const run = runOfHolder(holder);
    return run?.dagId === dagId && run.runId === runId && run.attempt <= attempt;
  });
  if (mine.length > 0) await leavePool(place, pool, new Set(mine));
}

/** Looks after every pool of every DAG: gives back what runs that are over held, lends it, wakes. */
export async function lookAfterPools(world: AwsWorld): Promise<void> {
  const place = poolPlace(world);
  for (const pool of await poolsOf(world)) {
    const gone = new Set<string>();
    for (const holder of await holdersOf(place, pool)) if (await isGone(world, holder)) gone.add(holder);
    await lookAfter(place, pool, gone);
  }
}

export function poolPlace({ table, clock, clients }: AwsWorld): PoolPlace {
  return { table, clock, sfn: clients.sfn };
}

async function poolsOf({ store, versionOf }: AwsWorld): Promise<ReadonlySet<string>> {
  const pools = new Set<string>();
  for (const { dagId, version } of await store.dags.heads()) {
    const { dag } = (await versionOf(dagId, version)) ?? {};
    for (const { name } of dag?.pools ?? []) pools.add(name);
  }
  return pools;
}

async function isGone({ store }: AwsWorld, holder: string): Promise<boolean> {
  const of = runOfHolder(holder);
  if (of === undefined) return false;
  const run = await store.runs.get(of);
  return run === undefined || run.attempt > of.attempt || isFinal(run.state);
}
