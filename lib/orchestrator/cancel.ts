/** Ends a run before its time. */
import { RefusedError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { awaitedDags } from '../model/awaited-dags.ts';
import type { DagNode } from '../model/dag.ts';
import { type AwaitingTask, isFinal, keyOfRun, type Run, type RunKey } from '../model/run.ts';
import { isoText } from '../schedule/run-interval.ts';
import { followRun } from './backfill/follow.ts';
import { advanceBackfill } from './backfill/pump.ts';
import { cellsCutShort, rowsCutShort } from './cut-short.ts';
import { runOf, versionOf } from './known.ts';
import { startLane } from './lane.ts';
import { begin, isSettled } from './launch.ts';
import { note } from './note.ts';
import { leaveLane } from './place.ts';
import type { Actor, World } from './ports.ts';

export interface CancelRequest extends RunKey {
  /** Changes nothing. @default false */
  readonly dryRun?: boolean;
  /** Why, for the record. @default none */
  readonly details?: JsonObject;
}

export interface Cancelled {
  /** As it is now. One whose execution was stopped ends a little later, when that says so. */
  readonly run: Run;
  /** `cancelled`: it had not started. `stopping`: its execution, and the external jobs it started, are being ended. */
  readonly outcome: 'cancelled' | 'stopping';
}

/**
 * Cancels a run that has not ended.
 *
 * @throws {RefusedError} `unknown-dag`, `unknown-run`, `run-ended`
 */
export async function cancelRun(world: World, actor: Actor, request: CancelRequest): Promise<Cancelled> {
  for (;;) {
    const run = await runOf(world, request);
    if (isFinal(run.state))
      throw new RefusedError(
        'run-ended',
        `dag "${run.dagId}" › run "${run.id}": must go on, got one that is ${run.state}`,
      );
    const outcome = run.state === 'queued' ? 'cancelled' : 'stopping';
    if (request.dryRun === true) return { run, outcome };
    const changed = run.state === 'queued' ? await cancelQueued(world, run) : await stop(world, actor, run);
    if (changed === undefined) continue;
    await note(world, actor, 'cancel', {
      dagId: run.dagId,
      runId: run.id,
      details: { attempt: run.attempt, was: run.state, ...request.details },
    });
    return { run: changed, outcome };
  }
}

/** Nobody has started it, and nobody will; `undefined` where somebody just did. */
async function cancelQueued(world: World, run: Run): Promise<Run | undefined> {
  const ended = await world.store.runs.update(
    keyOfRun(run),
    { states: ['queued'], attempt: run.attempt },
    { state: 'cancelled', endedAt: isoText(world.clock.now()), cells: cellsCutShort(run.cells, 'cancelled') },
  );
  if (ended !== undefined) await follow(world, ended);
  return ended;
}

/**
 * Ends its execution. One that is just being started is started first, under the same name: whoever else is at it then
 * starts nothing any more, and nothing runs that nobody knows of. Of one that nobody runs any more, nobody else would
 * ever tell the end.
 */
async function stop(world: World, actor: Actor, run: Run): Promise<Run | undefined> {
  if (run.state === 'starting') await begin(world, run);
  const { runs } = world.store;
  const key = keyOfRun(run);
  const { execution = '' } = run;
  const cause = `cancelled by ${actor.name}`;
  await world.launcher.stop(execution, key, cause);
  const now = await runs.get(key);
  const isOver = now === undefined || now.attempt !== run.attempt || isFinal(now.state);
  const found = isOver ? 'running' : await world.launcher.describe(execution, key);
  if (isOver || found === 'running') return now ?? run;
  // It has ended at once: it knows best how far it came.
  if (found === 'ended' && (await isSettled(world, now))) return (await runs.get(key)) ?? now;
  await world.store.taskRuns.put(key, await rowsCutShort(world, now, 'cancelled'));
  const ended = await runs.update(
    key,
    { states: ['running'], attempt: run.attempt },
    {
      state: 'cancelled',
      endedAt: isoText(world.clock.now()),
      cells: cellsCutShort(now.cells, 'cancelled'),
      cause,
    },
  );
  if (ended !== undefined) await follow(world, ended);
  return ended ?? now;
}

/** Its place is free for another run, and its backfill goes on; what it waited for ends as well. */
async function follow(world: World, run: Run): Promise<void> {
  await leaveLane(world, run);
  await world.notifier.ended?.(run);
  await cancelAwaited(world, run);
  if (run.lane !== 'main') return advanceBackfill(world, run);
  await followRun(world, run);
  await startLane(world, { dagId: run.dagId, lane: run.lane });
}

/**
 * Cancels what tasks of an attempt that has ended made and still wait for. Done again after a crash, by whoever tells the
 * end again or by the sweep, it does what is left.
 */
export async function cancelAwaited(world: World, ended: Run): Promise<void> {
  for (const dagId of awaitedDags(await dagOfRun(world, ended))) {
    const open = await world.store.runs.open({ dagId });
    for (const run of open) {
      const task = awaiting(run);
      if (task !== undefined && isOf(task, ended)) await cancelLeft(world, run, { task, by: ended });
    }
  }
}

/** Cancels a run whose task waits no more: its own run has ended, or runs again. False for every other one. */
export async function cancelIfLeft(world: World, run: Run): Promise<boolean> {
  const task = awaiting(run);
  if (task === undefined) return false;
  const by = await world.store.runs.get(task);
  if (by !== undefined && by.attempt === task.attempt && !isFinal(by.state)) return false;
  await cancelLeft(world, run, { task, by });
  return true;
}

/** The task that waits for a run. What somebody has cleared since is theirs. */
function awaiting({ awaitedBy, attempt }: Run): AwaitingTask | undefined {
  return attempt > 1 ? undefined : awaitedBy;
}

function isOf(task: AwaitingTask, { dagId, id, attempt }: Run): boolean {
  return task.dagId === dagId && task.runId === id && task.attempt <= attempt;
}

/** `by`: the run of the task, where it is still there. */
async function cancelLeft(
  world: World,
  run: Run,
  { task, by }: { readonly task: AwaitingTask; readonly by: Run | undefined },
): Promise<void> {
  const why =
    by === undefined ? {} : { state: by.state, ...(by.cause === undefined ? {} : { cause: by.cause }) };
  const actor = { name: `dag ${task.dagId}`, via: 'scheduler' } as const;
  try {
    await cancelRun(world, actor, { ...keyOfRun(run), details: { awaitedBy: { ...task, ...why } } });
  } catch (error) {
    // Ended, or removed, just now.
    if (!(error instanceof RefusedError)) throw error;
  }
}

/** Its version's; where that is there no more, it waits for none. */
async function dagOfRun(world: World, run: Run): Promise<Pick<DagNode, 'tasks'>> {
  const { dags } = world.store;
  const head = await dags.head(run.dagId);
  // Newest versions are known without reading them.
  const version =
    head?.version === run.version ? await versionOf(world, head) : await dags.version(run.dagId, run.version);
  return version?.dag ?? { tasks: [] };
}
