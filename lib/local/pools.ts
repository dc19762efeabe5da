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
  /** Pool → holder → its token while it waits, `undefined` once it holds. */
  readonly #mine = new Map<string, Map<string, string | undefined>>();
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
    const place: Place = {
      pool: textIn(request, 'pool'),
      holder: textIn(request, 'holder'),
      slots: numberIn(request, 'slots'),
      limit: numberIn(request, 'limit'),
      leaseMs: numberIn(request, 'leaseSec') * 1000,
      pid: process.pid,
    };
    const { pool, holder, slots, limit } = place;
    if (slots > limit) {
      const text = `pool "${pool}" › slots: must be at most ${limit}, got ${slots} for ${holder}`;
      throw new TaskError('Pool.TooManySlots', text);
    }
    const table = await this.#open();
    const mine = this.#mine.get(pool) ?? new Map<string, string | undefined>();
    this.#mine.set(pool, mine);
    const holds = mine.has(holder) && mine.get(holder) === undefined;
    mine.set(holder, textIn(request, 'token'));
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
      const token = mine?.get(holder);
      if (token === undefined) continue;
      mine?.set(holder, undefined);
      try {
        this.#options.tokens.success(token, {});
      } catch (error) {
        // Its wait is just over: it asks again in a moment, and is told then that it holds.
        if (!(error instanceof TaskError)) throw error;
      }
    }
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
      [...holders.values()].some((token) => token !== undefined),
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
