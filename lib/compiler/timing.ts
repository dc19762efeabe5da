/** When each wait is expected to be reached, and whether anybody will have to sleep there. */
import { unreachable } from '../base/unreachable.ts';
import type { Graph } from './graph.ts';
import type { Item, Latch, Strand } from './structure.ts';
import { tasksIn } from './values.ts';

export interface Timing {
  /** Latches of a wait in the order they are expected to be set. */
  readonly inOrder: (wait: Item) => readonly Latch[];
  /** The last of them is expected later than the waiter comes. */
  readonly sleeps: (wait: Item) => boolean;
  /** How many waiters are expected to sleep on this latch. */
  readonly sleepers: (latch: Latch) => number;
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
    sleepers: (latch) =>
      latch.consumers.filter((wait) => sleeps(wait) && inOrder(wait).at(-1) === latch).length,
  };
}

/** Of two tasks that are expected at one instant, the one later in order is taken to end later. */
const TIE_SECONDS = 1e-7;

/** When each task is expected to end, in seconds from the run's start, if states cost no time. */
export function expectedEnds(graph: Graph, seconds: readonly number[]): readonly number[] {
  const ends: number[] = [];
  for (const task of graph.topological) {
    const start = Math.max(0, ...(graph.before[task] ?? []).map((before) => ends[before] ?? 0));
    const above = (graph.upstream[task] ?? []).map((parent) => ends[parent] ?? 0);
    ends[task] = Math.max(start, graph.early[task] ? Math.min(...above) : 0) + (seconds[task] ?? 1);
  }
  for (const [rank, task] of graph.topological.entries()) ends[task] = (ends[task] ?? 0) + rank * TIE_SECONDS;
  return ends;
}

/** Roughly what entering a state takes: it tells which of two equally long ways is the slower one. */
const STATE_SECONDS = 0.03;

/** Latches lead from strand to strand: as many rounds carry the time along chains of that many. */
const ROUNDS = 6;

/** {@link expectedEnds} in this very structure, the states of latches and Parallels counted. */
export function endsIn(
  root: Strand,
  seconds: readonly number[],
  expected: readonly number[],
): readonly number[] {
  const ends = [...expected];
  const set = new Map<Latch, number>();
  const latchEnd = (latch: Latch) =>
    set.get(latch) ?? tasksIn(latch.producer).reduce((latest, task) => Math.max(latest, ends[task] ?? 0), 0);
  const pass = (strand: Strand, startSec: number): number =>
    strand.reduce((now, item) => {
      const next = now + STATE_SECONDS;
      switch (item.kind) {
        case 'task':
          ends[item.task] = next + (seconds[item.task] ?? 1) + (expected[item.task] ?? 0) * TIE_SECONDS;
          return ends[item.task] ?? next;
        case 'wait':
          return Math.max(next, ...item.latches.map(latchEnd));
        case 'signal':
          set.set(item.latch, next);
          return next;
        case 'par':
          return Math.max(...item.branches.map((branch) => pass(branch, next)));
        default:
          return unreachable(item);
      }
    }, startSec);
  for (let round = 0; round < ROUNDS; round++) pass(root, 0);
  return ends;
}
