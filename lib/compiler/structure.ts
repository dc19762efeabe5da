/**
 * Any DAG as sequences and Parallels plus latches.
 *
 * The reduced order is contracted by two exact steps, series (u has one successor, which has
 * one predecessor) and parallel (same predecessors, same successors), until one vertex is left.
 * Series-parallel graphs need nothing else. Where neither step applies, the graph is a tangle:
 * one edge is cut, becoming a latch, and contraction goes on. Each cut costs a few
 * transitions, so the edge that unlocks most for least is cut.
 *
 * This replaces modular decomposition: contraction finds the same series and parallel modules, and
 * joins of whole strands besides. A forest of the tangle is one of the plans that are compared.
 *
 * @see Valdes, Tarjan, Lawler: The recognition of series parallel digraphs, 1982
 */
import { Heap } from '../base/heap.ts';
import { unreachable } from '../base/unreachable.ts';
import type { Graph } from './graph.ts';
import { keyText, link, newVertex, Tangle, type Vertex } from './tangle.ts';
import { endsIn, expectedEnds, type Timing, timingOf } from './timing.ts';

export type Strand = readonly Item[];

export type Item =
  | { readonly kind: 'task'; readonly task: number }
  | { readonly kind: 'par'; readonly branches: readonly Strand[] }
  /** Everything behind it waits for these. */
  | { readonly kind: 'wait'; readonly latches: Latch[] }
  /** Set when everything before it in the strand is final. */
  | { readonly kind: 'signal'; readonly latch: Latch };

/** An edge of order that no sequence or Parallel expresses. */
export interface Latch {
  /** The strand item it stands behind; its tasks are final when it is set. */
  readonly producer: Item;
  /** The wait items that wait for it, in the order they were cut. */
  readonly consumers: Item[];
  /** What stands behind each of them. */
  readonly waiting: Item[];
}

/** How much an unlocked contraction counts against the cost of a cut; the cheapest plan is kept. */
const OTHER_STRATEGIES: readonly Strategy[] = [
  { gain: 1, cost: 1, orphan: 2 },
  { gain: 2, cost: 0.3, orphan: 1 },
  { gain: 0.5, cost: 1, orphan: 3 },
];

interface Strategy {
  readonly gain: number;
  readonly cost: number;
  /** Against leaving a vertex without predecessor. */
  readonly orphan: number;
}

/** Above this many cuts, comparing several plans costs more time than it earns. */
const COMPARED_CUTS = 300;

/** Above this many tasks, looking ahead at each cut costs more time than it earns. */
const LOOK_AHEAD_TASKS = 3000;

const DEFAULT_STRATEGY: Strategy = { gain: 1, cost: 0.5, orphan: 2 };

export interface Structure {
  readonly strand: Strand;
  readonly timing: Timing;
}

/**
 * The cheapest of a few plans; `seconds` is how long each task is expected to take, `mostNested` how deep Parallels may
 * stand inside each other.
 */
export function structureOf(graph: Graph, seconds: readonly number[], mostNested: number): Structure {
  const expected = expectedEnds(graph, seconds);
  if (graph.tasks.length === 0) return { strand: [], timing: timingOf([], expected) };
  const order: Order = { graph, endSec: expected, mostNested };
  const priced = ({ strand, cuts }: Contraction) => {
    const endSec = cuts === 0 ? expected : endsIn(strand, seconds, expected);
    const timing = timingOf(strand, endSec);
    return { strand, timing, cost: costOf(strand, timing) };
  };
  if (graph.tasks.length > LOOK_AHEAD_TASKS) return priced(forest(order));
  const first = contract(order, DEFAULT_STRATEGY);
  if (first.cuts === 0) return priced(first);
  const compared = first.cuts > COMPARED_CUTS ? [] : OTHER_STRATEGIES;
  const others = compared.map((strategy) => contract(order, strategy));
  const plans = [first, forest(order), ...others].map(priced);
  return plans.reduce((best, plan) => (plan.cost < best.cost ? plan : best));
}

/** What is contracted. */
interface Order {
  readonly graph: Graph;
  readonly endSec: readonly number[];
  readonly mostNested: number;
}

/** Every tangled vertex hangs under its latest predecessor: fewest latches where nothing joins as a whole. */
function forest(order: Order): Contraction {
  const vertices = verticesOf(order);
  const tangle = new Tangle(vertices, order.mostNested);
  let { cuts } = settled(tangle);
  for (const v of vertices) {
    if (!v.alive || v.preds.size < 2) continue;
    const kept = [...v.preds].reduce((latest, u) => (u.endSec > latest.endSec ? u : latest));
    for (const u of [...v.preds]) {
      if (u === kept) continue;
      cut(u, v, tangle);
      cuts++;
    }
  }
  cuts += settled(tangle).cuts;
  return { strand: finished(vertices), cuts };
}

/** Contracts as far as it goes without a choice: what would nest too deep is cut off on both sides. */
function settled(tangle: Tangle): { readonly changed: readonly Vertex[]; readonly cuts: number } {
  const changed = new Set(tangle.settle());
  let cuts = 0;
  for (let deep = tangle.takeTooDeep(); deep.length > 0; deep = tangle.takeTooDeep()) {
    for (const vertex of deep) {
      cuts += vertex.preds.size + vertex.succs.size;
      for (const before of [...vertex.preds]) cut(before, vertex, tangle);
      for (const after of [...vertex.succs]) cut(vertex, after, tangle);
    }
    for (const vertex of tangle.settle()) changed.add(vertex);
  }
  return { changed: [...changed].filter(({ alive }) => alive), cuts };
}

function finished(vertices: readonly Vertex[]): Strand {
  const [last, ...more] = vertices.filter((vertex) => vertex.alive);
  if (last === undefined || more.length > 0) throw new Error('unreachable: a tangle that does not contract');
  return last.items;
}

interface Contraction {
  readonly strand: Strand;
  readonly cuts: number;
}

interface Candidate {
  readonly u: Vertex;
  readonly v: Vertex;
  readonly score: number;
  /** Among equals the first found. */
  readonly order: number;
}

function contract(order: Order, strategy: Strategy): Contraction {
  const vertices = verticesOf(order);
  const tangle = new Tangle(vertices, order.mostNested);
  const candidates = new Heap<Candidate>(
    (a, b) => a.score > b.score || (a.score === b.score && a.order < b.order),
  );
  let offered = 0;
  const offer = (u: Vertex, v: Vertex) => {
    candidates.push({ u, v, score: scoreOf(u, v, tangle, strategy), order: offered++ });
  };
  let { changed, cuts } = settled(tangle);
  while (tangle.alive > 1) {
    for (const vertex of changed) {
      for (const after of vertex.succs) offer(vertex, after);
      for (const before of vertex.preds) offer(before, vertex);
    }
    cutBest(candidates, tangle, offer, strategy);
    const next = settled(tangle);
    changed = next.changed;
    cuts += 1 + next.cuts;
  }
  return { strand: finished(vertices), cuts };
}

/** Takes the best candidate that is still as good as it was when it was offered. */
function cutBest(
  candidates: Heap<Candidate>,
  tangle: Tangle,
  offer: (u: Vertex, v: Vertex) => void,
  strategy: Strategy,
): void {
  for (let next = candidates.pop(); next !== undefined; next = candidates.pop()) {
    const { u, v, score } = next;
    if (!u.succs.has(v)) continue;
    if (scoreOf(u, v, tangle, strategy) < score) {
      offer(u, v);
      continue;
    }
    cut(u, v, tangle);
    return;
  }
  throw new Error('unreachable: a tangle without edges contracts');
}

function verticesOf({ graph, endSec }: Order): Vertex[] {
  const vertices = graph.tasks.map((_, task) => newVertex(task, endSec[task] ?? 0));
  for (const [task, parents] of graph.before.entries()) {
    for (const parent of parents) {
      const [u, v] = [vertices[parent], vertices[task]];
      if (u && v) link(u, v);
    }
  }
  return vertices;
}

function scoreOf(u: Vertex, v: Vertex, tangle: Tangle, strategy: Strategy): number {
  const cost = (u.latch ? 0 : 2) + (v.items[0]?.kind === 'wait' ? 0 : 2);
  const orphan = v.preds.size === 1 ? strategy.orphan : 0;
  return strategy.gain * unlockedBy(u, v, tangle) - strategy.cost * cost - orphan + slack(u, v);
}

/** How many contractions become possible when u → v is cut. */
function unlockedBy(u: Vertex, v: Vertex, tangle: Tangle): number {
  let count = 0;
  if (u.succs.size === 2 && otherOf(u.succs, v)?.preds.size === 1) count++;
  if (v.preds.size === 2 && otherOf(v.preds, u)?.succs.size === 1) count++;
  if (tangle.hasKey(keyText(u.predHash, u.succHash - v.hash, u.preds.size, u.succs.size - 1))) count++;
  if (tangle.hasKey(keyText(v.predHash - u.hash, v.succHash, v.preds.size - 1, v.succs.size))) count++;
  return count;
}

function otherOf(set: ReadonlySet<Vertex>, not: Vertex): Vertex | undefined {
  for (const vertex of set) if (vertex !== not) return vertex;
  return undefined;
}

/** Prefers latches that are set long before they are asked: up to half a point. */
function slack(u: Vertex, v: Vertex): number {
  let latest = 0;
  for (const other of v.preds) if (other !== u) latest = Math.max(latest, other.endSec);
  const span = Math.max(latest, u.endSec);
  return span === 0 ? 0 : (latest - u.endSec) / (2 * span);
}

function cut(u: Vertex, v: Vertex, tangle: Tangle): void {
  tangle.unlink(u, v);
  const producer = u.items.at(-1);
  if (u.latch === undefined && producer) {
    u.latch = { producer, consumers: [], waiting: [] };
    u.items.push({ kind: 'signal', latch: u.latch });
  }
  if (u.latch === undefined) return;
  let [wait] = v.items;
  if (wait?.kind !== 'wait') {
    wait = { kind: 'wait', latches: [] };
    v.items.unshift(wait);
  }
  const next = v.items[1];
  wait.latches.push(u.latch);
  u.latch.consumers.push(wait);
  if (next) u.latch.waiting.push(next);
}

/** Transitions besides the tasks' own, roughly: what the plans are compared by. */
function costOf(strand: Strand, timing: Timing): number {
  return strand.reduce((cost, item, position) => cost + costOfItem(item, strand[position + 1], timing), 0);
}

function costOfItem(item: Item, next: Item | undefined, timing: Timing): number {
  switch (item.kind) {
    case 'task':
      return 0;
    case 'wait':
      return timing.sleeps(item) ? 3 : 1;
    case 'signal':
      return timing.sleepers(item.latch) > 0 ? 2 : 1;
    case 'par':
      return item.branches.reduce(
        (sum, branch) => sum + costOf(branch, timing),
        next?.kind === 'task' ? 2 : 1,
      );
    default:
      return unreachable(item);
  }
}
