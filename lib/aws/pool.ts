/**
 * Pools on AWS. The queue is one item, changed by conditional writes, so that there is one order of all changes; tokens of
 * who waits are items of their own, kept before their task is in the queue. Whoever lends places wakes; whoever is not
 * woken by a crash asks again within the hour, or is found by the sweep.
 */
import type { Clock } from '../base/clock.ts';
import { TaskError } from '../base/task-error.ts';
import type { Sfn } from './history-page.ts';
import { ask, type Change, EMPTY, holds, leave, type Place, type Queue } from './pool-queue.ts';
import { deleteItem, getItem, type ItemKey, itemsOf, putItem, type Table } from './table.ts';
import { succeedTask } from './tokens.ts';

export interface PoolPlace {
  readonly table: Table;
  readonly sfn: Sfn;
  readonly clock: Clock;
}

export interface PoolRequest extends Place {
  readonly pool: string;
  /** By which the task is answered once it holds its places. */
  readonly token: string;
}

/** A pool that nobody has used for so long is forgotten, seconds. */
const KEPT_SECONDS = 34_560_000;

/** Longest that one of many that change a pool at once waits before it tries again, milliseconds. */
const MOST_PAUSE_MS = 200;

/** @throws {TaskError} `Pool.TooManySlots` where a task asks for more than there are */
export async function acquire(place: PoolPlace, request: PoolRequest): Promise<void> {
  const { pool, token, ...asked } = request;
  const { holder, slots, most } = asked;
  if (slots > most)
    throw new TaskError(
      'Pool.TooManySlots',
      `pool "${pool}" › slots: must be at most ${most}, got ${slots} for ${holder}`,
    );
  const nowMs = place.clock.now();
  // Before it may be lent places: whoever lends them finds whom to wake.
  await putItem(place.table, {
    ...tokenKey(pool, holder),
    token,
    ttl: Math.floor(nowMs / 1000) + KEPT_SECONDS,
  });
  const { queue, lent } = await change(place, pool, (before) => ask(before, asked, place.clock.now()));
  const told = holds(queue, holder) && !lent.includes(holder) ? [...lent, holder] : lent;
  await wake(place, pool, told);
}

/** Gives places back, or the place in the queue; nothing where there is none. */
export async function release(place: PoolPlace, pool: string, holder: string): Promise<void> {
  await leavePool(place, pool, new Set([holder]));
}

/** The same for several, and takes back what was lent for too long. */
export async function leavePool(place: PoolPlace, pool: string, holders: ReadonlySet<string>): Promise<void> {
  for (const holder of holders) await deleteItem(place.table, tokenKey(pool, holder));
  const { lent } = await change(place, pool, (before) => leave(before, holders, place.clock.now()));
  await wake(place, pool, lent);
}

/** Who holds places and who waits. */
export async function holdersOf(place: PoolPlace, pool: string): Promise<readonly string[]> {
  const { queue } = await read(place, pool);
  return [...queue.held, ...queue.waiting].map(({ holder }) => holder);
}

/** Mends what a crash left: lends what is free, and wakes those that hold places and were not told so. */
export async function lookAfter(place: PoolPlace, pool: string, gone: ReadonlySet<string>): Promise<void> {
  await leavePool(place, pool, gone);
  const { queue } = await read(place, pool);
  const untold: string[] = [];
  for (const item of await itemsOf(place.table, partitionOf(pool), { prefix: TOKEN })) {
    const holder = item.sk.slice(TOKEN.length);
    if (holds(queue, holder)) untold.push(holder);
  }
  await wake(place, pool, untold);
}

/** One change, on the queue as it is then: where somebody else was faster, on what that left. */
async function change(place: PoolPlace, pool: string, work: (queue: Queue) => Change): Promise<Change> {
  for (let tries = 0; ; tries += 1) {
    const { queue, rev, text } = await read(place, pool);
    const changed = work(queue);
    const now = JSON.stringify(changed.queue);
    if (now === text || (await write(place, pool, { text: now, rev }))) return changed;
    const pauseMs = Math.min(MOST_PAUSE_MS, 2 ** tries) * Math.random();
    await place.clock.until(place.clock.now() + pauseMs);
  }
}

interface Kept {
  readonly queue: Queue;
  /** 0: there is none. */
  readonly rev: number;
  readonly text: string;
}

async function read({ table }: PoolPlace, pool: string): Promise<Kept> {
  const item = await getItem(table, headKey(pool));
  const text = String(item?.['queue'] ?? JSON.stringify(EMPTY));
  return { queue: JSON.parse(text), rev: Number(item?.['rev'] ?? 0), text };
}

async function write(
  { table, clock }: PoolPlace,
  pool: string,
  { text, rev }: Omit<Kept, 'queue'>,
): Promise<boolean> {
  const ttl = Math.floor(clock.now() / 1000) + KEPT_SECONDS;
  const item = { ...headKey(pool), queue: text, rev: rev + 1, ttl };
  return putItem(table, item, rev === 0 ? 'absent' : { field: 'rev', is: rev });
}

/**
 * Tells those that now hold places. One that waits no more keeps its places all the same: it asks again in a moment, with
 * another token; where its run is over, they are given back as that is kept.
 */
async function wake(place: PoolPlace, pool: string, holders: readonly string[]): Promise<void> {
  for (const holder of holders) {
    const token = (await getItem(place.table, tokenKey(pool, holder)))?.['token'];
    if (typeof token !== 'string') continue;
    await succeedTask(place.sfn, token, {});
    await deleteItem(place.table, tokenKey(pool, holder), { field: 'token', is: token });
  }
}

const TOKEN = 'W#';

function partitionOf(pool: string): string {
  return `POOL#${pool}`;
}

function headKey(pool: string): ItemKey {
  return { pk: partitionOf(pool), sk: 'HEAD' };
}

function tokenKey(pool: string, holder: string): ItemKey {
  return { pk: partitionOf(pool), sk: `${TOKEN}${holder}` };
}
