import { expect, test } from 'vitest';
import { story } from './ledger/story.ts';

/** So many in CI; `npm run soak:ledger` tells a million more. */
const STORIES = 10_000;

test('whatever crashes, comes twice, late or never: each interval has one run, each attempt one start', async () => {
  const seed = Number(process.env['SEED'] ?? 1);
  for (let at = seed; at < seed + STORIES; at++) {
    const faults = await story(at);
    expect(faults, `story of seed ${at}`).toEqual([]);
  }
});
