import { expect, test } from 'vitest';
import type { Store } from '../../../lib/store/store.ts';

const ANN = { id: 'ann', pid: 1 };
const BOB = { id: 'bob', pid: 2 };

export function leaseContract(current: () => Store): void {
  test('gives a lease to one holder, who may prolong it', async () => {
    const { leases } = current();
    expect(await leases.acquire('scheduler', ANN, 100, 0)).toBeUndefined();
    expect(await leases.acquire('scheduler', BOB, 100, 50)).toEqual(ANN);
    expect(await leases.acquire('scheduler', { ...ANN, pid: 3 }, 200, 50)).toBeUndefined();
    expect(await leases.acquire('scheduler', BOB, 300, 199)).toEqual({ ...ANN, pid: 3 });
    expect(await leases.acquire('other', BOB, 300, 50)).toBeUndefined();
    expect(await leases.holder('scheduler', 199)).toEqual({ ...ANN, pid: 3 });
    expect(await leases.holder('nope', 0)).toBeUndefined();
  });

  test('gives a lease that ran out to the next who asks', async () => {
    const { leases } = current();
    await leases.acquire('scheduler', ANN, 100, 0);
    expect(await leases.holder('scheduler', 100)).toBeUndefined();
    expect(await leases.acquire('scheduler', BOB, 200, 100)).toBeUndefined();
    expect(await leases.acquire('scheduler', ANN, 200, 100)).toEqual(BOB);
  });

  test('takes a lease back from its holder only', async () => {
    const { leases } = current();
    await leases.acquire('scheduler', ANN, 100, 0);
    await leases.release('scheduler', 'bob');
    expect(await leases.holder('scheduler', 0)).toEqual(ANN);
    await leases.release('scheduler', 'ann');
    await leases.release('scheduler', 'ann');
    expect(await leases.holder('scheduler', 0)).toBeUndefined();
    expect(await leases.acquire('scheduler', BOB, 100, 0)).toBeUndefined();
  });

  test('gives a lease to one of those who ask at once', async () => {
    const { leases } = current();
    const ids = Array.from({ length: 10 }, (_, index) => `holder ${index}`);
    const answers = await Promise.all(ids.map((id) => leases.acquire('scheduler', { id }, 100, 0)));
    const winners = ids.filter((_, index) => answers[index] === undefined);
    expect(winners).toHaveLength(1);
    expect(answers.filter((answer) => answer?.['id'] === winners[0])).toHaveLength(9);
  });

  test('keeps the first value under a key until it expires', async () => {
    const { leases } = current();
    expect(await leases.once('key', { n: 1 }, 100, 0)).toBeUndefined();
    expect(await leases.once('key', { n: 2 }, 300, 99)).toEqual({ n: 1 });
    expect(await leases.once('key', { n: 3 }, 200, 100)).toBeUndefined();
    expect(await leases.once('key', { n: 4 }, 300, 199)).toEqual({ n: 3 });
    expect(await leases.once('none', null, 100, 0)).toBeUndefined();
    expect(await leases.once('none', 1, 100, 0)).toBeNull();
  });

  test('replaces the value and its time', async () => {
    const { leases } = current();
    await leases.once('key', 'claimed', 100, 0);
    await leases.settle('key', { reply: 'done' }, 500);
    expect(await leases.once('key', 'again', 600, 499)).toEqual({ reply: 'done' });
    expect(await leases.once('key', 'again', 600, 500)).toBeUndefined();
    await leases.settle('new', 1, 1_000);
    expect(await leases.once('new', 2, 1_000, 500)).toBe(1);
  });

  test('lets one of those who come at once be first', async () => {
    const { leases } = current();
    const values = [1, 2, 3, 4, 5];
    const answers = await Promise.all(values.map((value) => leases.once('key', value, 100, 0)));
    const first = values.filter((_, index) => answers[index] === undefined);
    expect(first).toHaveLength(1);
    expect(answers.filter((answer) => answer === first[0])).toHaveLength(4);
  });

  test('keeps what has not expired as others come and go', async () => {
    const { leases } = current();
    await leases.once('long', 'kept', 10_000, 0);
    for (let index = 0; index < 50; index++) await leases.once(`short ${index}`, index, index + 10, index);
    expect(await leases.once('long', 'again', 10_000, 60)).toBe('kept');
    expect(await leases.once('short 49', 'again', 100, 58)).toBe(49);
    expect(await leases.once('short 1', 'again', 100, 58)).toBeUndefined();
  });
}
