import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';

/** The clock of a function. */
export const functionClock: Clock = {
  now: () => Date.now(),
  async until(instantMs, signal) {
    await sleep(Math.max(0, instantMs - Date.now()), undefined, signal === undefined ? {} : { signal });
  },
};
