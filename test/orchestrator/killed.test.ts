import { expect, test } from 'vitest';
import { killedAt } from './ledger/killed.ts';

/** Where the first of two schedulers dies; the second one dies some points later. */
const POINTS = Array.from({ length: 8 }, (_, index) => 1 + 9 * index);

test('two schedulers on one file, killed in the midst of their writes, leave one run of each interval, started once', async () => {
  let dead = 0;
  for (const point of POINTS) {
    const { kills, faults } = await killedAt([point, point + 3]);
    expect(faults, `killed at points ${point} and ${point + 3}`).toEqual([]);
    dead += kills;
  }
  expect(dead).toBeGreaterThan(POINTS.length);
});
