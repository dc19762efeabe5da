/** What became of an execution: while it runs, and at its end. Told once, twice or late, the ledger is the same. */
import { isFinal, keyOfRun, type Run } from '../model/run.ts';
import type { TaskRunRow } from '../store/store.ts';
import { followRun } from './backfill/follow.ts';
import { advanceBackfill } from './backfill/pump.ts';
import { cancelAwaited } from './cancel.ts';
import { type AttemptKey, endRun, type RunEnd } from './end.ts';
import { dagOf } from './known.ts';
import { startLane } from './lane.ts';
import { tellEnded } from './notify/run-ended.ts';
import { sayTasks } from './notify/tasks.ts';
import type { World } from './ports.ts';
import { tickDag } from './tick.ts';

/** Keeps how far an execution is. Nothing where it is over: what comes late says nothing new. */
export async function recordProgress(
  world: World,
  key: AttemptKey,
  { cells, rows }: { readonly cells: string; readonly rows: readonly TaskRunRow[] },
): Promise<void> {
  const { store } = world;
  const run = await store.runs.get(key);
  if (run === undefined || run.attempt !== key.attempt || isFinal(run.state)) return;
  if (rows.length > 0) await store.taskRuns.put(keyOfRun(run), rows);
  if (rows.length > 0) await sayTasks(world, (await dagOf(world, run.dagId)).version, run, rows);
  // It runs, so it was started: whoever started it may not live to say so.
  const expected = { states: ['starting', 'running'], attempt: key.attempt } as const;
  await store.runs.update(keyOfRun(run), expected, { state: 'running', cells });
}

/** Keeps an execution's end, starts what waited for it, and cancels what it waited for. Of an attempt that is none, or not any more, nothing is kept. */
export async function recordEnd(world: World, end: RunEnd): Promise<void> {
  const run = await world.store.runs.get(end);
  if (run === undefined || run.attempt !== end.attempt || run.state === 'queued') return;
  const ended = await endRun(world, run, end);
  await startNext(world, run);
  try {
    await cancelAwaited(world, ended ?? run);
  } finally {
    // Last: a slow notifier delays no run.
    if (ended !== undefined) await tellEnded(world, ended);
  }
}

async function startNext(world: World, run: Run): Promise<void> {
  const lane = { dagId: run.dagId, lane: run.lane };
  if (lane.lane !== 'main') return advanceBackfill(world, run);
  await followRun(world, run);
  const dag = await dagOf(world, run.dagId);
  const open = await world.store.runs.open(lane);
  // The next run of a continuous schedule is due now, and more of a long catchup as its queue gets short.
  const { schedule, catchup, maxActiveRuns } = dag.version.dag;
  const queued = open.filter(({ state }) => state === 'queued').length;
  if (schedule.kind === 'continuous' || (catchup && queued < maxActiveRuns)) await tickDag(world, dag, open);
  else await startLane(world, lane, { dag, open });
}
