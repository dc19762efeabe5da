import { setTimeout as sleep } from 'node:timers/promises';

/** Parts of a list of so many at most. */
export function batchesOf<T>(all: readonly T[], size: number): readonly (readonly T[])[] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, index) => all.slice(index * size, (index + 1) * size));
}

/** Requests that are under way at once. */
const AT_ONCE = 8;

/** Does something with each of a list, several at once. */
export async function inParallel<T>(list: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = list[Symbol.iterator]();
  const worker = async () => {
    for (const one of left) await work(one);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** What was left undone is asked for again after ever longer pauses. */
export async function pauseBefore(again: number): Promise<void> {
  if (again > 0) await sleep(Math.min(50 * 2 ** again, 5_000) * (0.5 + Math.random() / 2));
}
