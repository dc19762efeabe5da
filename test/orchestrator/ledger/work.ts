/** What processes do in the stories of exactly once. */
import { keyOfRun, type Run } from '../../../lib/model/run.ts';
import { createBackfill } from '../../../lib/orchestrator/backfill/create.ts';
import { pumpBackfills } from '../../../lib/orchestrator/backfill/pump.ts';
import { cancelRun } from '../../../lib/orchestrator/cancel.ts';
import { startLane } from '../../../lib/orchestrator/lane.ts';
import { pauseDag, unpauseDag } from '../../../lib/orchestrator/pause.ts';
import type { World } from '../../../lib/orchestrator/ports.ts';
import { sweep } from '../../../lib/orchestrator/sweep.ts';
import { tick, tickAll } from '../../../lib/orchestrator/tick.ts';
import { trigger } from '../../../lib/orchestrator/trigger.ts';
import { isoText } from '../../../lib/schedule/run-interval.ts';
import { PERSON } from '../rig.ts';
import { BACKFILL_LIMIT, type Place } from './place.ts';

export const MINUTE = 60_000;
/** When the DAGs of a story are registered. */
export const START_MS = Date.UTC(2026, 0, 5, 12, 0, 30);

export interface Work {
  readonly name: string;
  readonly work: (world: World) => Promise<unknown>;
}

/**
 * One of them, by chance: the numbers say how many of a hundred are of its kind, in most stories, and in those (`late`)
 * where runs are cleared while the ends of their attempts are still told.
 */
export function anyWork(place: Place, dagId: string, late: boolean): Work {
  const kinds: readonly (readonly [string, number, number, Work['work']])[] = [
    ['tick', 38, 20, (world) => tick(world, dagId)],
    ['tick of all', 5, 0, tickAll],
    ['sweep', 8, 5, sweep],
    ['trigger', 5, 0, (world) => trigger(world, PERSON, { dagId, now: true })],
    ['pause', 3, 0, (world) => pauseDag(world, PERSON, dagId)],
    ['unpause', 5, 0, (world) => unpauseDag(world, PERSON, dagId)],
    ['clear', 6, 20, (world) => clearOne(place, world, dagId)],
    ['cancel', 3, 5, (world) => cancelOne(place, world, dagId)],
    ['backfill', 4, 0, (world) => backfill(place, world, dagId)],
    ['pump', 3, 0, (world) => pumpBackfills(world, dagId)],
    ['end', 20, 50, (world) => endOne(place, world, dagId)],
  ];
  let dice = place.random() * 100;
  for (const [name, usual, inLate, work] of kinds) {
    dice -= late ? inLate : usual;
    if (dice < 0) return { name, work };
  }
  throw new Error('the shares make less than a hundred');
}

/** What clearing a run does to the ledger. */
export async function again(world: World, run: Run): Promise<void> {
  const expected = { states: [run.state], attempt: run.attempt } as const;
  const patch = { state: 'queued', attempt: run.attempt + 1, execution: undefined, lane: 'main' } as const;
  await world.store.runs.update(keyOfRun(run), expected, patch);
}

/** An execution ends, or is lost; its end is told once, again, or not at all. */
export async function endOne(place: Place, world: World, dagId: string): Promise<void> {
  const execution = anyOf(
    place,
    place.executions.all().filter(({ run }) => run.dagId === dagId),
  );
  if (execution === undefined) return;
  const dice = place.random();
  place.executions.end(execution.name, dice < 0.1 ? 'lost' : 'ended');
  if (execution.state === 'lost' || dice < 0.2) return;
  await place.tellEnd(world, execution, dice < 0.4 ? 'failed' : 'success');
  if (dice > 0.9) await place.tellEnd(world, execution, 'success');
}

/** The intervals of the first four minutes; those that have run run again where they failed. */
export async function backfill({ nowMs }: Place, world: World, dagId: string): Promise<void> {
  const lastMs = Math.min(nowMs - MINUTE, START_MS + 4 * MINUTE);
  if (lastMs < START_MS + MINUTE) return;
  const range = { from: isoText(START_MS), to: isoText(lastMs) };
  const options = { reprocess: 'failed', maxActiveRuns: BACKFILL_LIMIT } as const;
  await createBackfill(world, PERSON, { dagId, ...range, ...options });
}

async function clearOne(place: Place, world: World, dagId: string): Promise<void> {
  const { items } = await world.store.runs.list({ dagId, states: ['success', 'failed'], limit: 10 });
  const run = anyOf(place, items);
  if (run === undefined) return;
  await again(world, run);
  await startLane(world, { dagId, lane: 'main' });
}

async function cancelOne(place: Place, world: World, dagId: string): Promise<void> {
  const run = anyOf(place, await world.store.runs.open({ dagId }));
  // It may have ended since.
  if (run !== undefined) await cancelRun(world, PERSON, keyOfRun(run)).catch(() => undefined);
}

function anyOf<T>({ random }: Place, list: readonly T[]): T | undefined {
  return list[Math.floor(random() * list.length)];
}
