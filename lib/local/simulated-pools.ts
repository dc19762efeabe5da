import { isObject, type Json, type JsonObject } from '../base/json.ts';
import type { TokenAnswers } from './latch-table.ts';

interface Holder {
  readonly name: string;
  readonly slots: number;
  /** Of the state that waits. */
  token: string;
}

interface Pool {
  limit: number;
  /** Who has places, by name. */
  readonly held: Map<string, Holder>;
  /** In the order they asked. */
  readonly queue: Holder[];
}

/** Places of pools, given in the order they are asked for, to executions that share the tokens; leases never end here. */
export class SimulatedPools {
  readonly #tokens: TokenAnswers;
  readonly #pools = new Map<string, Pool>();

  constructor(tokens: TokenAnswers) {
    this.#tokens = tokens;
  }

  /** Answers a call of the `pool` function; `undefined` for every other call. */
  handle(payload: Json | undefined): Json | undefined {
    if (!isObject(payload)) return undefined;
    if (isObject(payload['acquire'])) this.#acquire(payload['acquire']);
    else if (isObject(payload['release'])) this.#release(payload['release']);
    else return undefined;
    return {};
  }

  /** Gives back what an execution holds or waits for: it has ended, in whatever way. */
  leave(executionId: string): void {
    const isOf = ({ token }: Holder) => token.startsWith(`${executionId}/`);
    for (const pool of this.#pools.values()) {
      const left = [...pool.held.values()].filter(isOf);
      for (const { name } of left) pool.held.delete(name);
      pool.queue.splice(0, pool.queue.length, ...pool.queue.filter((holder) => !isOf(holder)));
      if (left.length > 0) this.#serve(pool);
    }
  }

  #acquire(request: JsonObject): void {
    const name = String(request['holder']);
    const token = String(request['token']);
    const pool = this.#pool(request, Number(request['limit']));
    const queued = pool.queue.find((holder) => holder.name === name);
    if (pool.held.has(name)) this.#tokens.success(token, {});
    else if (queued === undefined) pool.queue.push({ name, slots: Number(request['slots']), token });
    else queued.token = token;
    this.#serve(pool);
  }

  #release(request: JsonObject): void {
    const name = String(request['holder']);
    const pool = this.#pool(request, Number.POSITIVE_INFINITY);
    pool.held.delete(name);
    this.#serve(pool);
  }

  #serve(pool: Pool): void {
    let used = [...pool.held.values()].reduce((sum, { slots }) => sum + slots, 0);
    for (
      let next = pool.queue[0];
      next !== undefined && used + next.slots <= pool.limit;
      next = pool.queue[0]
    ) {
      pool.queue.shift();
      pool.held.set(next.name, next);
      used += next.slots;
      this.#tokens.success(next.token, {});
    }
  }

  #pool(request: JsonObject, limit: number): Pool {
    const name = String(request['pool']);
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const pool: Pool = { limit, held: new Map(), queue: [] };
    this.#pools.set(name, pool);
    return pool;
  }
}
