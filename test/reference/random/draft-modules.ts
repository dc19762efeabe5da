/** Groups of any run: which tasks they are around, and what they do. */
import fc from 'fast-check';
import type { CaseModule, CaseRetry } from '../case.ts';
import { anyRule, type Draft, type MapDraft, mapDraft, rarely, retry } from './draft-task.ts';

export interface ModuleDraft {
  readonly kind: CaseModule['kind'];
  /** Number of the first task in it, if there are that many. */
  readonly at: number;
  /** How many tasks are in it. */
  readonly size: number;
  readonly name: string;
  readonly back: readonly number[];
  readonly triggerRule: string;
  readonly map: MapDraft;
  readonly retries: CaseRetry;
  readonly maxIterations: number;
  readonly untilAt: number;
  readonly bare: boolean;
  readonly broken: boolean;
  /** Which of the tasks inside says whether a loop is over, and which one before it what it begins with. */
  readonly teller: number;
  readonly initial: number | undefined;
}

export const moduleDraft: fc.Arbitrary<ModuleDraft> = fc.record({
  kind: fc.constantFrom('map' as const, 'map' as const, 'retry' as const, 'loop' as const, 'group' as const),
  at: fc.nat(8),
  size: fc.integer({ min: 1, max: 8 }),
  name: fc.constantFrom('g', 'map', 'it’s', 'größe', 'a-b', 'a_b', 'in'),
  back: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { maxLength: 2 }),
  triggerRule: anyRule,
  map: mapDraft,
  retries: retry,
  maxIterations: fc.integer({ min: 1, max: 3 }),
  untilAt: fc.integer({ min: 0, max: 3 }),
  bare: fc.boolean(),
  broken: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  teller: fc.nat(6),
  initial: rarely(fc.nat(6), 1),
});

/** A group and the tasks in it, by number: from `from` to before `to`. */
export interface Placed {
  readonly draft: ModuleDraft;
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

/** Groups that lie in each other or apart, at most three deep; outer before inner. */
export function placedIn(modules: readonly ModuleDraft[], tasks: readonly Draft[]): readonly Placed[] {
  const placed: Omit<Placed, 'id'>[] = [];
  for (const draft of modules) {
    const [from, to] = [draft.at, Math.min(draft.at + draft.size, tasks.length)];
    const crosses = placed.some(
      (other) =>
        from < other.to &&
        other.from < to &&
        !isWithin(other, { from, to }) &&
        !isWithin({ from, to }, other),
    );
    const around = placed.filter((other) => isWithin({ from, to }, other));
    const inside = placed.filter((other) => isWithin(other, { from, to }));
    if (from < to && !crosses && around.length + inside.length < 3) placed.push({ draft, from, to });
  }
  // Of two around the same tasks the earlier one is the outer.
  placed.sort((a, b) => b.to - b.from - (a.to - a.from));
  const named: Placed[] = [];
  for (const [index, one] of placed.entries()) {
    const outer = named.findLast((other) => isWithin(one, other));
    const name = `${one.draft.name}${index}`;
    named.push({ ...one, id: outer === undefined ? name : `${outer.id}.${name}` });
  }
  return named;
}

type Span = Pick<Placed, 'from' | 'to'>;

function isWithin(inner: Span, outer: Span): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}
