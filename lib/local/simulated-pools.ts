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
  /** Places held, by holder. */
  readonly held: Map<string, number>;
  /** In the order they asked. */
  readonly queue: Holder[];
}

/** Places of pools, given in the order they are asked for; leases never end here. */
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
    let used = [...pool.held.values()].reduce((sum, slots) => sum + slots, 0);
    for (
      let next = pool.queue[0];
      next !== undefined && used + next.slots <= pool.limit;
      next = pool.queue[0]
    ) {
      pool.queue.shift();
      pool.held.set(next.name, next.slots);
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
