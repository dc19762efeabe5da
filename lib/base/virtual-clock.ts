import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock.ts';
import { Heap } from './heap.ts';

interface Waiter {
  readonly at: number;
  /** Order of arrival: waits for one instant wake first come, first served. */
  readonly order: number;
  readonly wake: () => void;
  cancelled: boolean;
}

/** A clock that jumps to the next wait as soon as everyone is waiting: days run in milliseconds. */
export class VirtualClock implements Clock {
  #now: number;
  #order = 0;
  /** Thousands of tasks may wait at once. */
  readonly #waiters = new Heap<Waiter>((a, b) => a.at < b.at || (a.at === b.at && a.order < b.order));

  /** Work outside of virtual time. */
  readonly #held = new Set<Promise<unknown>>();

  constructor(startMs: number) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  until(instantMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const waiter: Waiter = {
        at: instantMs,
        order: this.#order++,
        cancelled: false,
        wake: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = () => {
        waiter.cancelled = true;
        reject(signal?.reason as Error);
      };
      signal?.addEventListener('abort', abort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  /** Time stands still until `work` is done: it reads files, asks servers. */
  hold<T>(work: Promise<T>): Promise<T> {
    const done = () => {
      this.#held.delete(over);
    };
    const over: Promise<unknown> = work.then(done, done);
    this.#held.add(over);
    return work;
  }

  /** Runs `work` to its end, advancing time whenever nothing else can happen. */
  async drive<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    work.then(settle, settle);
    while (!settled) {
      await setImmediate();
      if (this.#held.size > 0) await Promise.race(this.#held);
      else if (!settled) this.#advance();
    }
    return work;
  }

  /** Wakes every wait of the next instant: they are simultaneous. */
  #advance(): void {
    let next = this.#waiters.peek();
    while (next?.cancelled) {
      this.#waiters.pop();
      next = this.#waiters.peek();
    }
    if (next === undefined) return;
    this.#now = Math.max(this.#now, next.at);
    while (next !== undefined && (next.cancelled || next.at <= this.#now)) {
      this.#waiters.pop();
      if (!next.cancelled) next.wake();
      next = this.#waiters.peek();
    }
  }
}
