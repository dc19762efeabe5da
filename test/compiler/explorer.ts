/**
 * Explores what order the world may answer in: every call of a table or token waits at two gates, before it takes
 * effect and before its answer arrives; whenever nothing else can happen, the explorer opens one gate, or lets one
 * wait of the clock end. Which one is the next number of a schedule.
 */
import { setImmediate } from 'node:timers/promises';
import type { Json } from '../../lib/base/json.ts';
import type { Random } from '../../lib/base/random.ts';
import { type ResourceHandler, TaskError } from '../../lib/interpreter/resource.ts';
import type { DrivenClock } from '../../lib/local/simulate.ts';

/** Picks one of `count` possibilities. */
export type Pick = (count: number) => number;

/** What may go wrong with a call. */
export type Fault = 'none' | 'refused' | 'answer lost' | 'sent twice' | 'never sent';

/** Longer waits are not raced against calls: no call takes as long as its timeout. */
const LONGEST_CALL_MS = 50_000;
/** What only a waiter that nobody wakes waits for. */
const OVERSLEPT_MS = 3_000_000;

export class Explorer implements DrivenClock {
  /** Times at which nothing but a wait of nearly an hour could end. */
  longWaits = 0;
  #now = 0;
  #waits: { readonly at: number; readonly wake: () => void }[] = [];
  readonly #gates: (() => void)[] = [];
  readonly #pick: Pick;

  constructor(pick: Pick) {
    this.#pick = pick;
  }

  now(): number {
    return this.#now;
  }

  until(instantMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const wait = { at: instantMs, wake: resolve };
      this.#waits.push(wait);
      signal?.addEventListener('abort', () => {
        this.#waits = this.#waits.filter((other) => other !== wait);
        reject(signal.reason as Error);
      });
    });
  }

  /** Passes when the explorer opens it. */
  gate(): Promise<void> {
    return new Promise((resolve) => {
      this.#gates.push(resolve);
    });
  }

  async drive<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const settle = () => {
      settled = true;
    };
    work.then(settle, settle);
    for (;;) {
      await setImmediate();
      if (settled) return work;
      this.#step();
    }
  }

  /** Opens one gate, or ends one wait of the nearest instant. */
  #step(): void {
    const nearest = Math.min(...this.#waits.map(({ at }) => at));
    const isLong = nearest - this.#now >= LONGEST_CALL_MS;
    const next = isLong && this.#gates.length > 0 ? [] : this.#waits.filter(({ at }) => at === nearest);
    if (next.length + this.#gates.length === 0) return;
    if (next.length > 0 && nearest - this.#now >= OVERSLEPT_MS) this.longWaits += 1;
    const index = this.#pick(next.length + this.#gates.length);
    const wait = next[index - this.#gates.length];
    if (wait === undefined) {
      this.#gates.splice(index, 1)[0]?.();
      return;
    }
    this.#now = Math.max(this.#now, nearest);
    this.#waits = this.#waits.filter((other) => other !== wait);
    wait.wake();
  }

  /** Puts the gates, and the faults that `fault` names, before a machine's table and tokens. */
  wrap(inner: ResourceHandler, fault: (resource: string) => Fault): ResourceHandler {
    return async (call) => {
      if (call.resource.endsWith('lambda:invoke')) return inner(call);
      const trouble = fault(call.resource);
      await this.gate();
      if (trouble === 'refused') throw unavailable(call.resource);
      const answer: Json | undefined = trouble === 'never sent' ? {} : await inner(call);
      if (trouble === 'sent twice') await again(inner, call);
      await this.gate();
      if (trouble === 'answer lost') throw unavailable(call.resource);
      return answer;
    };
  }
}

/** The second of two deliveries: its token may be answered already, which nobody hears of. */
async function again(inner: ResourceHandler, call: Parameters<ResourceHandler>[0]): Promise<void> {
  try {
    await inner(call);
  } catch (thrown) {
    if (!(thrown instanceof TaskError)) throw thrown;
  }
}

function unavailable(resource: string): TaskError {
  const service = resource.includes('dynamodb') ? 'DynamoDb' : 'Sfn';
  return new TaskError(`${service}.InternalServerErrorException`, 'try again');
}

/**
 * Every schedule, depth first, at most `limit` of them: each call of `run` gets the next one's choices.
 *
 * @returns how many there were, and whether that is all
 */
export async function everySchedule(
  limit: number,
  run: (pick: Pick) => Promise<unknown>,
): Promise<{ readonly count: number; readonly complete: boolean }> {
  let prefix: number[] = [];
  for (let count = 1; count <= limit; count++) {
    const taken: { readonly chosen: number; readonly of: number }[] = [];
    await run((of) => {
      const chosen = prefix[taken.length] ?? 0;
      taken.push({ chosen, of });
      return chosen;
    });
    const last = taken.findLastIndex(({ chosen, of }) => chosen + 1 < of);
    if (last < 0) return { count, complete: true };
    prefix = [...taken.slice(0, last).map(({ chosen }) => chosen), (taken[last]?.chosen ?? 0) + 1];
  }
  return { count: limit, complete: false };
}

/** Schedules by chance. */
export function randomPick(random: Random): Pick {
  return (count) => Math.floor(random() * count);
}
