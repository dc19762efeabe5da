/** The backfill function: previews, makes, and goes on in another call where its time is not enough. */

import { defined } from '../api/defined.ts';
import { KEPT_BYTES, PAGE_BYTES } from '../api/fit.ts';
import { previewOf } from '../api/routes/backfills.ts';
import { backfillOf } from '../api/schemas/backfill.ts';
import { RefusedError } from '../base/errors.ts';
import { createBackfill } from '../orchestrator/backfill/create.ts';
import { pumpBackfill } from '../orchestrator/backfill/pump.ts';
import type { Actor } from '../orchestrator/ports.ts';
import type { AskedBackfill } from './events.ts';
import type { AwsWorld } from './world.ts';

/** Before its time is over, milliseconds: what is left another call does. */
const SPARE_MS = 30_000;

/** Intervals of an answer; a function may give 6 MB. */
const MOST_INTERVALS = 10_000;

const ASKER: Actor = { name: 'backfill function', via: 'api' };

/**
 * What the API says of a new backfill, or of one that would be; of one that was made and whose first runs there was no time
 * for, that another call goes on.
 *
 * @throws {RefusedError} `late` where not even its plan was there in time, and those of `createBackfill`
 */
export async function startBackfill(
  world: AwsWorld,
  { dag, dryRun = false, ...asked }: AskedBackfill,
  remainingMs: () => number,
): Promise<object> {
  // Known before it is made: another call may have to go on with it.
  let id: string | undefined;
  const newId = () => {
    const next = world.newId();
    id ??= next;
    return next;
  };
  const request = { dagId: dag, dryRun, ...defined(asked) };
  const work = createBackfill({ ...world, newId }, ASKER, request);
  const made = await unlessLate(world, remainingMs, work);
  if (made === undefined) {
    if (id === undefined || (await world.store.backfills.get(dag, id)) === undefined) throw late(dag);
    await world.send('backfill', { continue: { dag, id } });
    return { continues: true, backfill: { id, dagId: dag } };
  }
  const { backfill, preview } = made;
  const part = { from: 0, limit: MOST_INTERVALS, bytes: dryRun ? PAGE_BYTES : KEPT_BYTES };
  return {
    ...(backfill === undefined ? {} : { backfill: backfillOf(backfill, KEPT_BYTES) }),
    ...previewOf(preview, part),
  };
}

function late(dag: string): RefusedError {
  const rule = 'must be planned within the time of the function, 15 minutes, and was not';
  return new RefusedError(
    'late',
    `dag "${dag}" › backfill: ${rule}; nothing of it ran: ask for fewer dates at a time`,
  );
}

/** Moves one on that was made before, by this function or by the API. */
export async function continueBackfill(
  world: AwsWorld,
  of: { readonly dag: string; readonly id: string },
  remainingMs: () => number,
): Promise<object> {
  const backfill = await world.store.backfills.get(of.dag, of.id);
  if (backfill === undefined || backfill.state !== 'running') return { continues: false };
  const done = await unlessLate(
    world,
    remainingMs,
    pumpBackfill(world, backfill).then(() => true),
  );
  if (done === undefined) await world.send('backfill', { continue: of });
  return { continues: done === undefined };
}

/** What comes of it; `undefined` where the function's time is nearly over. */
async function unlessLate<T>(
  { clock }: AwsWorld,
  remainingMs: () => number,
  work: Promise<T>,
): Promise<T | undefined> {
  const stop = new AbortController();
  const late = clock
    .until(clock.now() + Math.max(0, remainingMs() - SPARE_MS), stop.signal)
    .then(() => undefined);
  late.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
    // Cut off, it may still fail: the call that goes on does it again.
    work.catch(() => undefined);
  }
}
