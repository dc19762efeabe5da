import type { Clock } from '../../base/clock.ts';
import { Heap } from '../../base/heap.ts';

interface Waiter {
  readonly at: number;
  readonly order: number;
  readonly wake: () => void;
  readonly abort: () => void;
  readonly signal: AbortSignal | undefined;
  isCancelled: boolean;
}

/**
 * A clock that stands in a recorded past until it is told to go on: then it is another clock, and what waits for an
 * instant that is over by then waits no longer.
 */
export class ReplayClock implements Clock {
  readonly #after: Clock;
  readonly #waiters = new Heap<Waiter>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));
  #now: number;
  #order = 0;
  #isPast = true;

  constructor(startMs: number, after: Clock) {
    this.#now = startMs;
    this.#after = after;
  }

  now(): number {
    return this.#isPast ? this.#now : this.#after.now();
  }

  until(instantMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.#isPast) return this.#after.until(instantMs, signal);
    return new Promise<void>((resolve, reject) => {
      const abort = () => {
        waiter.isCancelled = true;
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        at: instantMs,
        order: this.#order++,
        signal,
        isCancelled: false,
        abort,
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      if (signal?.aborted) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** It is at least so late. */
  reach(instantMs: number): void {
    this.#now = Math.max(this.#now, instantMs);
  }

  /** When the next wait of the past ends; `undefined` where nobody waits. */
  nextMs(): number | undefined {
    let next = this.#waiters.peek();
    while (next?.isCancelled) {
      this.#waiters.pop();
      next = this.#waiters.peek();
    }
    return next?.at;
  }

  /** Ends the wait that ends first. */
  wakeNext(): void {
    const atMs = this.nextMs();
    if (atMs === undefined) return;
    this.reach(atMs);
    this.#waiters.pop()?.wake();
  }

  /** For the rest of this turn it is that instant again: time that counts from it is counted so. */
  recall(instantMs: number): void {
    if (this.#isPast) return;
    this.#isPast = true;
    this.#now = instantMs;
    queueMicrotask(() => this.leavePast());
  }

  /** From now on it is the other clock's time; waits of the past still stand. */
  leavePast(): void {
    this.#isPast = false;
  }

  /** Waits of the past go on by the other clock: those that are over end at once, the earliest first. */
  release(): void {
    this.leavePast();
    for (let next = this.#waiters.pop(); next !== undefined; next = this.#waiters.pop()) {
      const { isCancelled, signal, abort, wake, at } = next;
      if (isCancelled) continue;
      signal?.removeEventListener('abort', abort);
      this.#after.until(at, signal).then(wake, abort);
    }
  }
}
