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
 * it got theirs, and enough are free. Of those who asked at one instant anybody may be first.
 */
export function poolProblem({ pools = [] }: Case, requests: readonly PoolRequest[]): string | undefined {
  for (const { name, slots } of pools) {
    const mine = requests.filter(({ pool }) => pool === name);
    mine.sort((a, b) => a.askedMs - b.askedMs || a.givenMs - b.givenMs);
    if (hasOrder(mine, [], slots)) continue;
    const told = mine.map(
      ({ key, slots: count, askedMs, givenMs, releasedMs }) =>
        `${key} asked for ${count} at ${askedMs / 1000}, had them from ${givenMs / 1000} to ${releasedMs / 1000}`,
    );
    return `pool ${name} of ${slots}: ${told.join('; ')}`;
  }
  return undefined;
}

/** Whether the rest can have been served in some order after `served`. */
function hasOrder(rest: readonly PoolRequest[], served: readonly PoolRequest[], slots: number): boolean {
  const [first] = rest;
  if (first === undefined) return true;
  const fromMs = served.at(-1)?.givenMs ?? 0;
  return rest.some((next, index) => {
    if (next.askedMs !== first.askedMs) return false;
    const dueMs = freeFrom(served, slots - next.slots, Math.max(next.askedMs, fromMs));
    return dueMs === next.givenMs && hasOrder(rest.toSpliced(index, 1), [...served, next], slots);
  });
}

/** The first instant from `fromMs` on at which the others hold at most `most`. */
function freeFrom(others: readonly PoolRequest[], most: number, fromMs: number): number {
  const instants = [fromMs, ...others.map(({ releasedMs }) => releasedMs).filter((ms) => ms > fromMs)];
  const held = (ms: number) =>
    others.filter(({ releasedMs }) => releasedMs > ms).reduce((sum, { slots }) => sum + slots, 0);
  return instants.sort((a, b) => a - b).find((ms) => held(ms) <= most) ?? Number.POSITIVE_INFINITY;
}
