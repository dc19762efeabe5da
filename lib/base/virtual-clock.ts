import { setImmediate } from 'node:timers/promises';
import type { Clock } from './clock.ts';

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
  /** A binary min-heap by (at, order): thousands of tasks may wait at once. */
  readonly #heap: Waiter[] = [];

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
      this.#push(waiter);
    });
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
      if (!settled) this.#advance();
    }
    return work;
  }

  /** Wakes every wait of the next instant: they are simultaneous. */
  #advance(): void {
    let next = this.#heap[0];
    while (next?.cancelled) {
      this.#pop();
      next = this.#heap[0];
    }
    if (next === undefined) return;
    this.#now = Math.max(this.#now, next.at);
    while (next !== undefined && (next.cancelled || next.at <= this.#now)) {
      this.#pop();
      if (!next.cancelled) next.wake();
      next = this.#heap[0];
    }
  }

  #push(waiter: Waiter): void {
    const heap = this.#heap;
    let index = heap.push(waiter) - 1;
    while (index > 0) {
      const above = (index - 1) >> 1;
      if (!this.#before(index, above)) return;
      this.#swap(index, above);
      index = above;
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      let least = index;
      if (left < heap.length && this.#before(left, least)) least = left;
      if (left + 1 < heap.length && this.#before(left + 1, least)) least = left + 1;
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }

  #before(a: number, b: number): boolean {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    return x !== undefined && y !== undefined && (x.at < y.at || (x.at === y.at && x.order < y.order));
  }

  #swap(a: number, b: number): void {
    const [x, y] = [this.#heap[a], this.#heap[b]];
    if (x !== undefined && y !== undefined) {
      this.#heap[a] = y;
      this.#heap[b] = x;
    }
  }
}
