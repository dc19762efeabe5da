/**
 * Moves backfills on: as one of its runs ends, the next date's is queued, so that as many run as may. Each step is one
 * conditional write that may be repeated; what a crash leaves undone, the next pump does.
 */

import { isFinal, type Run } from '../../model/run.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { pagesOf } from '../../store/page.ts';
import type { Backfill, BackfillDate } from '../../store/store.ts';
import { dagOf } from '../known.ts';
import { startLane } from '../lane.ts';
import type { World } from '../ports.ts';
import { laneOf, queueDate } from './queue-date.ts';
import { backfillIdOf, settleDate } from './settle-date.ts';

/** A run of a backfill has ended: keeps what became of its date, and goes on to the next one. */
export async function advanceBackfill(world: World, run: Run): Promise<void> {
  const id = backfillIdOf(run);
  if (id === undefined) return;
  await settleDate(world, run);
  const backfill = await world.store.backfills.get(run.dagId, id);
  if (backfill !== undefined) await fill(world, backfill);
}

/** Moves all backfills on that are under way, of one DAG or of all. */
export async function pumpBackfills(world: World, dagId?: string): Promise<void> {
  const of = { ...(dagId === undefined ? {} : { dagId }), active: true };
  for await (const backfills of pagesOf((part) => world.store.backfills.list({ ...of, ...part }))) {
    for (const backfill of backfills) await pumpBackfill(world, backfill);
  }
}

/** Moves one backfill on, looking at every date that is under way. */
export async function pumpBackfill(world: World, backfill: Backfill): Promise<void> {
  await settleEnded(world, backfill);
  await fill(world, backfill);
}

/** Dates whose runs ended while nobody told. */
async function settleEnded({ store }: World, { dagId, id }: Backfill): Promise<void> {
  for (const { logicalDate, runId, attempt = 0 } of await store.backfills.dates(dagId, id, ['queued'])) {
    const run = runId === undefined ? undefined : await store.runs.get({ dagId, runId });
    const of = { dagId, id, logicalDate };
    if (run === undefined) {
      // Removed by somebody: nothing will ever come of it.
      await store.backfills.updateDate(of, 'queued', {
        state: 'cancelled',
        reason: 'its run is there no more',
      });
    } else if (run.attempt >= attempt && isFinal(run.state)) {
      await store.backfills.updateDate(of, 'queued', {
        state: run.state as 'success' | 'failed' | 'cancelled',
      });
    }
  }
}

/** Fills under way, by backfill; `isAsked`: something ended meanwhile, so it is to look once more. */
const fills = new WeakMap<World, Map<string, Filling>>();

interface Filling {
  isAsked: boolean;
  done: Promise<void>;
}

/**
 * Queues dates as long as there is room, starts them, and ends the backfill where nothing is left to do. Of the calls
 * of one process one at a time does: sixteen runs that end together would all reach for the same dates.
 */
async function fill(world: World, backfill: Backfill): Promise<void> {
  if (backfill.state !== 'running') return;
  const under = fills.get(world) ?? new Map<string, Filling>();
  fills.set(world, under);
  const key = `${backfill.dagId} ${backfill.id}`;
  const before = under.get(key);
  if (before !== undefined) {
    before.isAsked = true;
    return before.done;
  }
  const mine: Filling = { isAsked: true, done: Promise.resolve() };
  under.set(key, mine);
  mine.done = fillAll(world, backfill, mine, () => under.delete(key));
  return mine.done;
}

async function fillAll(world: World, read: Backfill, asked: Filling, leave: () => void): Promise<void> {
  let backfill: Backfill | undefined = read;
  try {
    while (asked.isAsked && backfill?.state === 'running') {
      asked.isAsked = false;
      while (await fillOnce(world, backfill)) {
        // Dates that were passed over, and runs that can never start, left room for others.
      }
      // Somebody may have paused it since.
      if (asked.isAsked) backfill = await world.store.backfills.get(read.dagId, read.id);
    }
  } finally {
    // At once: who comes from here on fills anew.
    leave();
  }
}

/** True where there is room left, and there may be dates for it. */
async function fillOnce(world: World, backfill: Backfill): Promise<boolean> {
  const { dagId, id, maxActiveRuns } = backfill;
  const lane = laneOf(backfill);
  const open = await world.store.runs.open({ dagId, lane });
  const room = maxActiveRuns - open.length;
  const next = await world.store.backfills.dates(dagId, id, ['pending'], Math.max(room, 1));
  const pending = room > 0 || isAwaited(next[0], open) ? next : [];
  if (pending.length + open.length === 0) {
    await end(world, backfill);
    return false;
  }
  const dag = await dagOf(world, dagId);
  const queued = [...open];
  for (const date of pending) {
    const run = await queueDate(world, backfill, { date, dag });
    if (run?.state === 'queued' && !open.some((other) => other.id === run.id)) queued.push(run);
  }
  const { started, held, problems } = await startLane(world, { dagId, lane }, { dag, open: queued });
  return pending.length > 0 && started.length + held.length + problems.length < pending.length;
}

/** True for a date that runs again, where all that fill the places may wait for it: none of them would ever make room. */
function isAwaited(date: BackfillDate | undefined, open: readonly Run[]): boolean {
  return (
    date !== undefined && open.every((run) => run.state === 'queued' && run.logicalDate > date.logicalDate)
  );
}

/** Nothing is left to do: it has succeeded if every date has. */
async function end({ store, clock }: World, { dagId, id, rev }: Backfill): Promise<void> {
  const { backfills } = store;
  if ((await backfills.dates(dagId, id, ['pending', 'queued'], 1)).length > 0) return;
  const bad = await backfills.dates(dagId, id, ['failed', 'cancelled'], 1);
  const state = bad.length === 0 ? 'success' : 'failed';
  // Where somebody paused it meanwhile, it ends with the next look.
  await backfills.update(dagId, id, rev, { state, endedAt: isoText(clock.now()) });
}
