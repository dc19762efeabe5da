/** Who holds places of a pool and who waits, as one value: every change is made on it and kept by one write. */

/** One run of a task that asks. */
export interface Place {
  /** The same for every try: `dag/run/attempt/task#instance`. */
  readonly holder: string;
  readonly slots: number;
  /** Places of the pool in all, as the one who asks knows it. */
  readonly most: number;
  readonly leaseMs: number;
}

export interface Holding extends Place {
  /** After that it is taken for dead. Milliseconds since the epoch. */
  readonly untilMs: number;
}

/** Lends in the order of asking: who needs more than are free waits, and nobody overtakes. */
export interface Queue {
  readonly held: readonly Holding[];
  /** Who asked first is first. */
  readonly waiting: readonly Place[];
}

export interface Change {
  readonly queue: Queue;
  /** Who holds places only since this change. */
  readonly lent: readonly string[];
}

export const EMPTY: Queue = { held: [], waiting: [] };

/** Asks; who has asked before keeps its place in the queue, and its places with a new lease. */
export function ask(queue: Queue, place: Place, nowMs: number): Change {
  const { holder } = place;
  const same = <T extends Place>(one: T): T => (one.holder === holder ? { ...one, ...place } : one);
  const live = expired(queue, nowMs);
  const holds = live.held.some((one) => one.holder === holder);
  const waits = live.waiting.some((one) => one.holder === holder);
  return serve(
    {
      held: live.held.map((one) =>
        one.holder === holder ? { ...one, ...place, untilMs: nowMs + place.leaseMs } : one,
      ),
      waiting: holds || waits ? live.waiting.map(same) : [...live.waiting, place],
    },
    nowMs,
  );
}

/** Gives places back, or leaves the queue. */
export function leave(queue: Queue, holders: ReadonlySet<string>, nowMs: number): Change {
  const others = <T extends Place>(list: readonly T[]) => list.filter(({ holder }) => !holders.has(holder));
  return serve(expired({ held: others(queue.held), waiting: others(queue.waiting) }, nowMs), nowMs);
}

export function holds({ held }: Queue, holder: string): boolean {
  return held.some((one) => one.holder === holder);
}

function expired({ held, waiting }: Queue, nowMs: number): Queue {
  return { held: held.filter(({ untilMs }) => untilMs > nowMs), waiting };
}

function serve({ held, waiting }: Queue, nowMs: number): Change {
  let taken = held.reduce((sum, { slots }) => sum + slots, 0);
  let count = 0;
  for (const { slots, most } of waiting) {
    if (taken + slots > most) break;
    taken += slots;
    count += 1;
  }
  const lent = waiting.slice(0, count);
  const now = lent.map((place) => ({ ...place, untilMs: nowMs + place.leaseMs }));
  return {
    queue: { held: [...held, ...now], waiting: waiting.slice(count) },
    lent: lent.map(({ holder }) => holder),
  };
}
