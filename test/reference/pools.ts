/** Pools: first come, first served, by the instant a task asks; whoever is first among equals. */
import type { Case } from './case.ts';
import type { Attempted } from './tries.ts';

/** By task run: when it was given its places. */
export type Grants = ReadonlyMap<string, number>;

/** One task run and its places of a pool. */
export interface PoolRequest {
  /** `load#2`. */
  readonly key: string;
  readonly pool: string;
  readonly slots: number;
  readonly askedMs: number;
  readonly givenMs: number;
  readonly releasedMs: number;
}

export function requestOf(
  key: string,
  { name, slots }: { readonly name: string; readonly slots: number },
  askedMs: number,
  { startMs, endMs }: Attempted,
): PoolRequest {
  return { key, pool: name, slots, askedMs, givenMs: startMs, releasedMs: endMs };
}

/**
 * What is wrong with when tasks were given their places: each gets them as soon as it has asked, all who asked before
 * it got theirs, and enough are free; who was given first among those who asked at one instant counts as first.
 */
export function poolProblem({ pools = [] }: Case, requests: readonly PoolRequest[]): string | undefined {
  for (const { name, slots } of pools) {
    const mine = requests.filter(({ pool }) => pool === name);
    mine.sort((a, b) => a.askedMs - b.askedMs || a.givenMs - b.givenMs);
    let lastMs = 0;
    for (const [index, request] of mine.entries()) {
      const fromMs = Math.max(request.askedMs, lastMs);
      const dueMs = freeFrom(mine.slice(0, index), slots - request.slots, fromMs);
      if (dueMs !== request.givenMs) {
        return `${request.key} asked for ${request.slots} of ${slots} of ${name} at ${request.askedMs / 1000} s: due at ${dueMs / 1000} s, given at ${request.givenMs / 1000} s`;
      }
      lastMs = dueMs;
    }
  }
  return undefined;
}

/** The first instant from `fromMs` on at which the others hold at most `most`. */
function freeFrom(others: readonly PoolRequest[], most: number, fromMs: number): number {
  const instants = [fromMs, ...others.map(({ releasedMs }) => releasedMs).filter((ms) => ms > fromMs)];
  const held = (ms: number) =>
    others.filter(({ releasedMs }) => releasedMs > ms).reduce((sum, { slots }) => sum + slots, 0);
  return instants.sort((a, b) => a - b).find((ms) => held(ms) <= most) ?? Number.POSITIVE_INFINITY;
}
