/** When each wait is expected to be reached, and whether anybody will have to sleep there. */
import { unreachable } from '../base/unreachable.ts';
import type { Item, Latch, Strand } from './structure.ts';
import { tasksIn } from './values.ts';

export interface Timing {
  /** Latches of a wait in the order they are expected to be set. */
  readonly inOrder: (wait: Item) => readonly Latch[];
  /** The last of them is expected later than the waiter comes. */
  readonly sleeps: (wait: Item) => boolean;
  /** Some waiter is expected to sleep on this latch. */
  readonly hasSleeper: (latch: Latch) => boolean;
}

/** `endSec`: expected end of each task, in seconds from the run's start. */
export function timingOf(root: Strand, endSec: readonly number[]): Timing {
  const reached = new Map<Item, number>();
  const ends = new Map<Latch, number>();
  const endOf = (latch: Latch): number => {
    const known = ends.get(latch);
    if (known !== undefined) return known;
    const end = tasksIn(latch.producer).reduce((latest, task) => Math.max(latest, endSec[task] ?? 0), 0);
    ends.set(latch, end);
    return end;
  };
  // Whatever an item reached at `now` is not left before; notes when waits are reached.
  const endsOf = (item: Item, now: number): readonly number[] => {
    switch (item.kind) {
      case 'task':
        return [endSec[item.task] ?? 0];
      case 'wait':
        reached.set(item, now);
        return item.latches.map(endOf);
      case 'par':
        return item.branches.map((branch) => visit(branch, now));
      case 'signal':
        return [];
      default:
        return unreachable(item);
    }
  };
  const visit = (strand: Strand, startSec: number): number =>
    strand.reduce((now, item) => Math.max(now, ...endsOf(item, now)), startSec);
  visit(root, 0);
  const inOrder = (wait: Item) =>
    wait.kind === 'wait' ? [...wait.latches].sort((a, b) => endOf(a) - endOf(b)) : [];
  const sleeps = (wait: Item) => {
    const last = inOrder(wait).at(-1);
    return last !== undefined && endOf(last) >= (reached.get(wait) ?? 0);
  };
  return {
    inOrder,
    sleeps,
    hasSleeper: (latch) => latch.consumers.some((wait) => sleeps(wait) && inOrder(wait).at(-1) === latch),
  };
}
