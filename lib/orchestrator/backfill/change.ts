/** Pauses, resumes and cancels backfills, and runs again what failed in them. */

import { RefusedError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { isoText } from '../../schedule/run-interval.ts';
import { pagesOf } from '../../store/page.ts';
import type { Backfill, BackfillDate, Patch } from '../../store/store.ts';
import { cancelRun } from '../cancel.ts';
import { note } from '../note.ts';
import type { Actor, World } from '../ports.ts';
import { pumpBackfill } from './pump.ts';

/** How far a backfill is: dates by state. */
export interface BackfillProgress {
  readonly backfill: Backfill;
  readonly counts: Readonly<Record<BackfillDate['state'], number>>;
}

/**
 * A backfill by its id.
 *
 * @throws {RefusedError} `unknown-backfill`
 */
export async function backfillOf({ store }: World, id: string): Promise<Backfill> {
  for await (const backfills of pagesOf((part) => store.backfills.list({ limit: 1_000, ...part }))) {
    const found = backfills.find((backfill) => backfill.id === id);
    if (found !== undefined) return found;
  }
  throw new RefusedError(
    'unknown-backfill',
    `backfill: must be the id of one, got "${id.slice(0, 120)}"; see tutti backfill list`,
  );
}

/** @throws {RefusedError} `unknown-backfill` */
export async function backfillProgress(world: World, id: string): Promise<BackfillProgress> {
  const backfill = await backfillOf(world, id);
  const counts = { pending: 0, queued: 0, success: 0, failed: 0, cancelled: 0, skipped: 0 };
  for (const { state } of await world.store.backfills.dates(backfill.dagId, id)) counts[state]++;
  return { backfill, counts };
}

/** No further runs start; those that run go on. @throws {RefusedError} `unknown-backfill`, `backfill-ended` */
export async function pauseBackfill(world: World, actor: Actor, id: string): Promise<Backfill> {
  return change(world, id, {
    action: 'pause',
    actor,
    from: ['running', 'paused'],
    patch: { state: 'paused' },
  });
}

/** @throws {RefusedError} `unknown-backfill`, `backfill-ended` */
export async function resumeBackfill(world: World, actor: Actor, id: string): Promise<Backfill> {
  const resumed = await change(world, id, {
    action: 'resume',
    actor,
    from: ['running', 'paused'],
    patch: { state: 'running' },
  });
  await pumpBackfill(world, resumed);
  return backfillOf(world, id);
}

/**
 * Ends a backfill: what waits is cancelled; what runs goes on, but where it is to be stopped, too. Repeated after a
 * crash it goes on where it was.
 *
 * @throws {RefusedError} `unknown-backfill`, `backfill-ended`
 */
export async function cancelBackfill(
  world: World,
  actor: Actor,
  id: string,
  options: { readonly stopRunning?: boolean } = {},
): Promise<Backfill> {
  const from = ['running', 'paused'] as const;
  const { state } = await backfillOf(world, id);
  // Paused first: nobody queues further dates meanwhile, and what a crash leaves is still to be seen.
  const { dagId } = await change(world, id, { actor, from, patch: { state: 'paused' } });
  const { backfills, runs } = world.store;
  for (const { logicalDate } of await backfills.dates(dagId, id, ['pending']))
    await backfills.updateDate({ dagId, id, logicalDate }, 'pending', { state: 'cancelled' });
  for (const run of await runs.open({ dagId, lane: `BF#${id}` })) {
    if (run.state === 'queued' || options.stopRunning === true)
      await cancelRun(world, actor, { dagId, runId: run.id });
  }
  const patch = { state: 'cancelled', endedAt: isoText(world.clock.now()) } as const;
  const details = { from: state, stopRunning: options.stopRunning === true };
  return change(world, id, { action: 'cancel', actor, from, patch, details });
}

/**
 * Runs again every date whose run failed or was cancelled, with the code of today. One whose run has succeeded since,
 * as somebody cleared or marked it, is done.
 *
 * @throws {RefusedError} `unknown-backfill`, `backfill-ended` of one that was cancelled, `nothing-failed`
 */
export async function retryFailedDates(world: World, actor: Actor, id: string): Promise<Backfill> {
  const { dagId, state } = await backfillOf(world, id);
  if (state === 'cancelled') throw ended(id, state);
  const { backfills } = world.store;
  const failed = await backfills.dates(dagId, id, ['failed', 'cancelled']);
  if (failed.length === 0) throw nothingFailed(id);
  const from = ['running', 'paused', 'success', 'failed'] as const;
  // Paused first: without dates it would end at once, and what a crash leaves is seen and can be resumed.
  await change(world, id, { actor, from, patch: { state: 'paused', endedAt: undefined } });
  for (const date of failed) {
    const { logicalDate, runId } = date;
    const run = runId === undefined ? undefined : await world.store.runs.get({ dagId, runId });
    const patch = run?.state === 'success' ? DONE : AGAIN;
    await backfills.updateDate({ dagId, id, logicalDate }, date.state, patch);
  }
  const resumed = await change(world, id, {
    action: 'retry',
    actor,
    from,
    patch: { state: 'running' },
    details: { from: state, dates: failed.length },
  });
  await pumpBackfill(world, resumed);
  return backfillOf(world, id);
}

const DONE = { state: 'success' } as const;
const AGAIN = { state: 'pending', action: 'rerun' } as const;

/**
 * Refuses what a step would refuse, without doing it.
 *
 * @throws {RefusedError} `backfill-ended`, `nothing-failed`
 */
export function assertChangeable(
  { id, state }: Backfill,
  dates: readonly BackfillDate[],
  step: 'pause' | 'resume' | 'cancel' | 'retry',
): void {
  const goesOn = state === 'running' || state === 'paused';
  if (step === 'retry' ? state === 'cancelled' : !goesOn) throw ended(id, state);
  if (step === 'retry' && !dates.some((date) => isLost(date))) throw nothingFailed(id);
}

interface Change {
  readonly actor: Actor;
  /** For the audit log. Absent: a step on the way. */
  readonly action?: string;
  readonly from: readonly Backfill['state'][];
  readonly patch: Patch<Backfill>;
  readonly details?: JsonObject;
}

async function change(
  world: World,
  id: string,
  { actor, action, from, patch, details }: Change,
): Promise<Backfill> {
  for (;;) {
    const before = await backfillOf(world, id);
    if (!from.includes(before.state)) throw ended(id, before.state);
    const after = await world.store.backfills.update(before.dagId, id, before.rev, patch);
    if (after === undefined) continue;
    if (action !== undefined)
      await note(world, actor, `backfill.${action}`, {
        dagId: before.dagId,
        details: { backfill: id, from: before.state, ...details },
      });
    return after;
  }
}

function isLost({ state }: BackfillDate): boolean {
  return state === 'failed' || state === 'cancelled';
}

function nothingFailed(id: string): RefusedError {
  return new RefusedError('nothing-failed', `backfill "${id}": must have dates that failed, got none`);
}

function ended(id: string, state: Backfill['state']): RefusedError {
  return new RefusedError(
    'backfill-ended',
    `backfill "${id}": must be under way, got ${state}; create another one`,
  );
}
