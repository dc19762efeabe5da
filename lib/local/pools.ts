/** What the `pool` function does here: lends places to runs of tasks, in the order they ask. */
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { TaskError } from '../interpreter/resource.ts';
import type { TokenAnswers } from './latch-table.ts';
import { openPools, type Place, type PoolTable } from './pool-table.ts';

/** How often is looked whether another process gave places back, milliseconds. */
const LOOK_MS = 50;

export interface PoolsOptions {
  /** The project's folder, whose runs share pools. @default none: this run has them for itself */
  readonly root?: string;
  readonly tokens: Pick<TokenAnswers, 'success'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** The places that the tasks of one run hold and wait for. */
export class Pools {
  readonly #options: PoolsOptions;
  #table: Promise<PoolTable> | undefined;
  /** Pool → holder → what wakes it while it waits, `undefined` once it holds. */
  readonly #mine = new Map<string, Map<string, (() => void) | undefined>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: PoolsOptions) {
    this.#options = options;
  }

  /**
   * Answers a call of the `pool` function: at once, the token of who waits later.
   *
   * @throws {TaskError} `Pool.TooManySlots` where a task asks for more than there are
   */
  async handle(args: Json): Promise<Json> {
    const { acquire, release } = payloadOf(args);
    if (isObject(acquire)) await this.#acquire(acquire);
    if (isObject(release)) await this.#release(textIn(release, 'pool'), textIn(release, 'holder'));
    return { Payload: {} };
  }

  /**
   * Takes places that a run held as its process died. Where others have them by now it waits in their queue: then the
   * holder has a promise, which resolves when it holds them again.
   */
  async regain(requests: readonly JsonObject[]): Promise<ReadonlyMap<string, Promise<void>>> {
    const waiting = new Map<string, Promise<void>>();
    if (requests.length === 0) return waiting;
    const table = await this.#open();
    for (const place of requests.map(placeIn)) {
      const { pool, holder } = place;
      const held = Promise.withResolvers<void>();
      this.#holders(pool).set(holder, held.resolve);
      table.ask(place, this.#now());
      this.#wake(pool, table.look(pool, process.pid, this.#now()));
      if (this.#holders(pool).get(holder) === undefined) continue;
      waiting.set(holder, held.promise);
      this.#watch(table);
    }
    return waiting;
  }

  /** Gives back what the run still holds or waits for: it has ended, one way or another. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const table = await this.#table;
    for (const [pool, holders] of this.#mine)
      for (const holder of holders.keys()) table?.leave(pool, holder, this.#now());
    this.#mine.clear();
    table?.close();
  }

  async #acquire(request: JsonObject): Promise<void> {
    const place = placeIn(request);
    const { pool, holder, slots, limit } = place;
    if (slots > limit) {
      const text = `pool "${pool}" › slots: must be at most ${limit}, got ${slots} for ${holder}`;
      throw new TaskError('Pool.TooManySlots', text);
    }
    const table = await this.#open();
    const mine = this.#holders(pool);
    const holds = mine.has(holder) && mine.get(holder) === undefined;
    const token = textIn(request, 'token');
    mine.set(holder, () => this.#answer(token));
    this.#wake(pool, [...table.ask(place, this.#now()), ...(holds ? [holder] : [])]);
    if (mine.get(holder) !== undefined) this.#watch(table);
  }

  async #release(pool: string, holder: string): Promise<void> {
    const table = await this.#open();
    this.#mine.get(pool)?.delete(holder);
    this.#wake(pool, table.leave(pool, holder, this.#now()));
  }

  #open(): Promise<PoolTable> {
    const { root } = this.#options;
    this.#table ??= openPools(root === undefined ? ':memory:' : join(root, '.tutti', 'pools.sqlite'));
    return this.#table;
  }

  /** Wakes those of this run that wait and now hold. */
  #wake(pool: string, holders: readonly string[]): void {
    const mine = this.#mine.get(pool);
    for (const holder of holders) {
      const wake = mine?.get(holder);
      if (wake === undefined) continue;
      mine?.set(holder, undefined);
      wake();
    }
  }

  #answer(token: string): void {
    try {
      this.#options.tokens.success(token, {});
    } catch (error) {
      // Its wait is just over: it asks again in a moment, and is told then that it holds.
      if (!(error instanceof TaskError)) throw error;
    }
  }

  #holders(pool: string): Map<string, (() => void) | undefined> {
    const mine = this.#mine.get(pool) ?? new Map<string, (() => void) | undefined>();
    this.#mine.set(pool, mine);
    return mine;
  }

  /** Other processes give back without a word. */
  #watch(table: PoolTable): void {
    if (this.#options.root === undefined || this.#timer !== undefined) return;
    this.#timer = setInterval(() => {
      for (const pool of this.#mine.keys()) this.#wake(pool, table.look(pool, process.pid, this.#now()));
      if (this.#isWaiting()) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    }, LOOK_MS);
  }

  #isWaiting(): boolean {
    return [...this.#mine.values()].some((holders) =>
      [...holders.values()].some((wake) => wake !== undefined),
    );
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

/** True for a call of the `pool` function. */
export function isPoolCall(args: Json): boolean {
  const { acquire, release } = payloadOf(args);
  return isObject(acquire) || isObject(release);
}

function placeIn(request: JsonObject): Place {
  return {
    pool: textIn(request, 'pool'),
    holder: textIn(request, 'holder'),
    slots: numberIn(request, 'slots'),
    limit: numberIn(request, 'limit'),
    leaseMs: numberIn(request, 'leaseSec') * 1000,
    pid: process.pid,
  };
}

function payloadOf(args: Json): JsonObject {
  const payload = isObject(args) ? args['Payload'] : undefined;
  return isObject(payload) ? payload : {};
}

function textIn(request: JsonObject, field: string): string {
  const value = request[field];
  if (typeof value === 'string') return value;
  throw malformed(field, value);
}

function numberIn(request: JsonObject, field: string): number {
  const value = request[field];
  if (typeof value === 'number') return value;
  throw malformed(field, value);
}

function malformed(field: string, value: unknown): TaskError {
  return new TaskError('Pool.Malformed', `pool › ${field}: must be given, got ${JSON.stringify(value)}`);
}
