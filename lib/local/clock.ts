import type { Clock } from '../base/clock.ts';

/** Longest wait of one timer. @see https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const MAX_TIMER_MS = 2_147_483_647;

/** The clock of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  until(instantMs, signal) {
    return new Promise<void>((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const abort = () => {
        clearTimeout(timer);
        reject(signal?.reason as Error);
      };
      const wait = () => {
        const left = instantMs - Date.now();
        if (left > 0) {
          timer = setTimeout(wait, Math.min(left, MAX_TIMER_MS));
          return;
        }
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      if (signal?.aborted) abort();
      else {
        signal?.addEventListener('abort', abort, { once: true });
        wait();
      }
    });
  },
};
