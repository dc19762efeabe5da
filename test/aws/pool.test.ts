import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { acquire, holdersOf, lookAfter, type PoolPlace, release } from '../../lib/aws/pool.ts';
import { ask, EMPTY, leave, type Queue } from '../../lib/aws/pool-queue.ts';
import type { Clock } from '../../lib/base/clock.ts';
import { hasTables, newTable } from './tables.ts';

const LEASE_MS = 60_000;

/** Step Functions, as far as a pool sees it: tokens that wait, and which were answered. */
function tokens() {
  const waiting = new Set<string>();
  const answered: string[] = [];
  const sfn = {
    send: async ({ input }: { input: { taskToken: string } }) => {
      if (waiting.delete(input.taskToken)) answered.push(input.taskToken);
      return {};
    },
  } as unknown as PoolPlace['sfn'];
  return { waiting, answered, sfn };
}

async function pools(most: number) {
  let nowMs = 0;
  const clock: Clock = {
    now: () => nowMs,
    until: (instantMs) => new Promise((resolve) => setTimeout(resolve, instantMs - nowMs)),
  };
  const { waiting, answered, sfn } = tokens();
  const place: PoolPlace = { table: await newTable(), sfn, clock };
  return {
    place,
    waiting,
    answered,
    pass: (ms: number) => {
      nowMs += ms;
    },
    async ask(holder: string, { slots = 1, token = `${holder}!`, by = place } = {}) {
      waiting.add(token);
      await acquire(by, { pool: 'db', holder, slots, most, leaseMs: LEASE_MS, token });
    },
    leave: (holder: string, by = place) => release(by, 'db', holder),
  };
}

describe.skipIf(!hasTables)('a pool', () => {
  test('answers at once as long as there are places, then in the order of asking', async () => {
    const { ask: asks, leave: leaves, answered } = await pools(2);
    for (const holder of ['a', 'b', 'c', 'd']) await asks(holder);
    expect(answered).toEqual(['a!', 'b!']);
    await leaves('b');
    await leaves('a');
    expect(answered).toEqual(['a!', 'b!', 'c!', 'd!']);
  });

  test('lets nobody overtake who needs more than are free', async () => {
    const { ask: asks, leave: leaves, answered } = await pools(3);
    await asks('a', { slots: 2 });
    await asks('b', { slots: 2 });
    await asks('c');
    expect(answered).toEqual(['a!']);
    await leaves('a');
    expect(answered).toEqual(['a!', 'b!', 'c!']);
  });

  test('answers who holds and asks again, whose wake-up was lost', async () => {
    const { ask: asks, answered, place } = await pools(1);
    await asks('a');
    await asks('a', { token: 'second' });
    expect(answered).toEqual(['a!', 'second']);
    expect(await holdersOf(place, 'db')).toEqual(['a']);
  });

  test('keeps the place of who waits and asks again, and answers by its newest token', async () => {
    const { ask: asks, leave: leaves, answered } = await pools(1);
    for (const holder of ['a', 'b', 'c']) await asks(holder);
    await asks('b', { token: 'renewed' });
    await leaves('a');
    expect(answered).toEqual(['a!', 'renewed']);
  });

  test('takes back what was lent for too long, as somebody asks or looks', async () => {
    const { ask: asks, answered, pass, place } = await pools(1);
    await asks('a');
    await asks('b');
    pass(LEASE_MS);
    await lookAfter(place, 'db', new Set());
    expect(answered).toEqual(['a!', 'b!']);
    pass(LEASE_MS);
    await asks('c');
    expect(answered).toEqual(['a!', 'b!', 'c!']);
  });

  test('forgets who waits and whose run is over', async () => {
    const { ask: asks, leave: leaves, answered, place } = await pools(1);
    for (const holder of ['a', 'b', 'c']) await asks(holder);
    await lookAfter(place, 'db', new Set(['b']));
    await leaves('a');
    expect(answered).toEqual(['a!', 'c!']);
  });

  test('refuses who asks for more than there are', async () => {
    const { ask: asks } = await pools(2);
    await expect(asks('a', { slots: 3 })).rejects.toMatchObject({
      error: 'Pool.TooManySlots',
      causeText: 'pool "db" › slots: must be at most 2, got 3 for a',
    });
  });

  test('holds under many that come at once, are killed and come again', { timeout: 120_000 }, async () => {
    const { ask: asks, leave: leaves, answered, waiting, place } = await pools(3);
    /** A function that dies with its n-th request. */
    const dying = (requests: number): PoolPlace => {
      let left = requests;
      const send = async (command: never) => {
        left -= 1;
        if (left < 0) throw new Error('killed');
        const answer: unknown = await place.table.client.send(command);
        if (left === 0) throw new Error('killed');
        return answer;
      };
      return { ...place, table: { ...place.table, client: { send } as typeof place.table.client } };
    };
    const held = new Set<string>();
    let most = 0;
    let given = 0;
    const work = async (holder: string, index: number) => {
      await asks(holder, { by: dying(index % 6) }).catch(() => undefined);
      // Those that died after they were in the queue do not ask again, and do not sleep for ever.
      const isKnown = answered.includes(`${holder}!`) || (await holdersOf(place, 'db')).includes(holder);
      if (!isKnown) await asks(holder);
      while (!answered.includes(`${holder}!`)) await new Promise((resolve) => setTimeout(resolve, 20));
      held.add(holder);
      most = Math.max(most, held.size);
      await new Promise((resolve) => setTimeout(resolve, 5));
      held.delete(holder);
      await leaves(holder, dying(index % 4)).catch(() => leaves(holder));
      given += 1;
    };
    const holders = Array.from({ length: 12 }, (_, index) => `h${index}`);
    let isOver = false;
    const sweeps = (async () => {
      while (!isOver) {
        await lookAfter(place, 'db', new Set());
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    })();
    await Promise.all(holders.map(work));
    isOver = true;
    await sweeps;
    expect(given).toBe(holders.length);
    expect(most).toBeLessThanOrEqual(3);
    expect([...waiting]).toEqual([]);
    expect(await holdersOf(place, 'db')).toEqual([]);
  });
});

describe('the queue of a pool', () => {
  const step = fc.record({
    kind: fc.constantFrom('ask', 'leave'),
    holder: fc.integer({ min: 0, max: 7 }).map(String),
    slots: fc.integer({ min: 1, max: 3 }),
    afterMs: fc.integer({ min: 0, max: LEASE_MS / 2 }),
  });

  test('never lends more than there are, and lets nobody wait who could be served', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let queue: Queue = EMPTY;
        let nowMs = 0;
        for (const { afterMs, ...one } of steps) {
          nowMs += afterMs;
          queue = stepped(queue, one, nowMs);
        }
      }),
    );
  });
});

interface Step {
  readonly kind: string;
  readonly holder: string;
  readonly slots: number;
}

/** One step, after which the queue is as it must be. */
function stepped(before: Queue, { kind, holder, slots }: Step, nowMs: number): Queue {
  const place = { holder, slots, most: 3, leaseMs: LEASE_MS };
  const waited = before.waiting.map((one) => one.holder);
  const { queue, lent } =
    kind === 'ask' ? ask(before, place, nowMs) : leave(before, new Set([holder]), nowMs);
  const taken = queue.held.reduce((sum, one) => sum + one.slots, 0);
  expect(new Set(queue.held.map((one) => one.holder)).size).toBe(queue.held.length);
  // Who holds may ask for more than before: then nobody else is lent anything.
  if (lent.length > 0) expect(taken).toBeLessThanOrEqual(3);
  const [first] = queue.waiting;
  if (first !== undefined) expect(taken + first.slots).toBeGreaterThan(first.most);
  // Those that waited before are served in their order.
  const served = lent.filter((one) => waited.includes(one));
  expect(served).toEqual(waited.filter((one) => served.includes(one)));
  return queue;
}
