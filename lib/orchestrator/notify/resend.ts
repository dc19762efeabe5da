/** Tells what a crash, or a notifier that was away, left unsaid; and what nothing but time makes worth telling. */
import { isObject } from '../../base/json.ts';
import { isFinal, type Run } from '../../model/run.ts';
import { sayPaused } from '../auto-pause.ts';
import { followRun } from '../backfill/follow.ts';
import { dagOf } from '../known.ts';
import type { World } from '../ports.ts';
import { sayLate } from './late.ts';
import { notifyRunEnded } from './run-ended.ts';

/** How far the changes of runs have been told, kept among the answers that are given once. */
const CURSOR = 'messages cursor';

/** A cursor does not grow old: it is replaced at every sweep that finds something. */
const FOR_EVER_MS = Date.UTC(9999, 0);

/** Looks at runs that changed since all was told, and at deadlines of those that go on. */
export async function notifyAll(world: World): Promise<void> {
  await resend(world);
  for (const run of await world.store.runs.open()) {
    if (run.type !== 'scheduled') continue;
    const { version } = await dagOf(world, run.dagId);
    await sayLate(world, version, run);
  }
}

/** As long as something could not be handed over, the same changes are looked at again. */
async function resend(world: World): Promise<void> {
  const { leases, runs } = world.store;
  const nowMs = world.clock.now();
  const first = (await runs.changes()).cursor;
  const kept = await leases.once(CURSOR, { cursor: first }, FOR_EVER_MS, nowMs);
  // What was before the first sweep of all is nobody's news.
  if (!isObject(kept) || typeof kept['cursor'] !== 'string') return;
  let at: string | undefined = kept['cursor'];
  while (at !== undefined) at = await resendAfter(world, at);
}

/** Where to go on; `undefined` where all is told, or something could not be handed over. */
async function resendAfter(world: World, at: string): Promise<string | undefined> {
  const { runs, dags, cursor, resync } = await world.store.runs.changes(at, 500);
  if (cursor === at) return undefined;
  const ended = runs.filter((run) => isFinal(run.state) && !isTakenIn(run));
  // What is too long ago to be known is told no more.
  const isOut = resync === true || (await sayAll(world, ended, dags));
  if (!isOut) return undefined;
  await world.store.leases.settle(CURSOR, { cursor }, FOR_EVER_MS);
  return cursor;
}

/** Who made runs that were taken in with their ends: a run without the store, and a store that is gone. */
export const TAKEN_IN_BY = { run: 'tutti run', store: 'an earlier store' } as const;

/** It had ended when it came here, which is no news; one that somebody has cleared since is. */
function isTakenIn({ by, createdAt, queuedAt }: Run): boolean {
  return (by === TAKEN_IN_BY.run || by === TAKEN_IN_BY.store) && createdAt === queuedAt;
}

async function sayAll(world: World, ended: readonly Run[], dags: readonly string[]): Promise<boolean> {
  let isOut = true;
  for (const run of ended) {
    if (!(await notifyRunEnded(world, run))) isOut = false;
    // Who ended or marked it may not have lived to tell the backfill that ran it before.
    if (run.backfill !== undefined || run.marked !== undefined) await followRun(world, run);
  }
  for (const dagId of dags) if (!(await sayPaused(world, dagId))) isOut = false;
  return isOut;
}
