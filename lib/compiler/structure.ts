/**
 * Any DAG as sequences and Parallels plus latches.
 *
 * The reduced order is contracted by two exact steps, series (u has one successor, which has
 * one predecessor) and parallel (same predecessors, same successors), until one vertex is left.
 * Series-parallel graphs need nothing else. Where neither step applies, the graph is a tangle:
 * one edge is cut, becoming a latch, and contraction goes on. Each cut costs a few
 * transitions, so the edge that unlocks most for least is cut.
 *
 * This replaces modular decomposition and forest hanging: contraction finds the same series and
 * parallel modules, and joins of whole strands besides.
 *
 * @see Valdes, Tarjan, Lawler: The recognition of series parallel digraphs, 1982
 */
import type { Graph } from './graph.ts';

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

interface Vertex {
  readonly id: number;
  readonly hash: number;
  items: Item[];
  preds: Set<Vertex>;
  succs: Set<Vertex>;
  predHash: number;
  succHash: number;
  /** Set when something was cut behind it. */
  latch: Latch | undefined;
  /** When all of it is final, by expected durations. */
  endSec: number;
  alive: boolean;
}

/** How much an unlocked contraction counts against the cost of a cut; the cheapest plan is kept. */
const STRATEGIES: readonly Strategy[] = [
  { gain: 1, cost: 0.5, orphan: 2 },
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

/** Above this many edges in a tangle, choosing each cut by look-ahead costs more than it earns. */
const LOOK_AHEAD_EDGES = 2000;

/** The cheapest of a few plans; `endSec` is when each task is expected to be final. */
export function structureOf(graph: Graph, endSec: readonly number[]): Strand {
  if (graph.tasks.length === 0) return [];
  const first = contract(graph, endSec, STRATEGIES[0] ?? { gain: 1, cost: 1, orphan: 2 });
  if (first.cuts === 0 || first.bulk) return first.strand;
  const others = STRATEGIES.slice(1).map((strategy) => contract(graph, endSec, strategy));
  return [first, ...others].reduce((best, plan) => (plan.cost < best.cost ? plan : best)).strand;
}

interface Contraction {
  readonly strand: Strand;
  readonly cuts: number;
  readonly bulk: boolean;
  readonly cost: number;
}

function contract(graph: Graph, endSec: readonly number[], strategy: Strategy): Contraction {
  const vertices = verticesOf(graph, endSec);
  let alive = vertices;
  let cuts = 0;
  let bulk = false;
  for (;;) {
    settle(alive);
    alive = alive.filter((vertex) => vertex.alive);
    if (alive.length <= 1) break;
    const edges = alive.reduce((sum, vertex) => sum + vertex.succs.size, 0);
    if (edges > LOOK_AHEAD_EDGES) {
      bulk = true;
      cuts += cutToForest(alive);
    } else {
      cutBest(alive, strategy);
      cuts++;
    }
  }
  const strand = alive[0]?.items ?? [];
  return { strand, cuts, bulk, cost: costOf(strand) };
}

function verticesOf(graph: Graph, endSec: readonly number[]): Vertex[] {
  const vertices = graph.tasks.map(
    (_, task): Vertex => ({
      id: task,
      hash: mix(task),
      items: [{ kind: 'task', task }],
      preds: new Set(),
      succs: new Set(),
      predHash: 0,
      succHash: 0,
      latch: undefined,
      endSec: endSec[task] ?? 0,
      alive: true,
    }),
  );
  for (const [task, parents] of graph.before.entries()) {
    for (const parent of parents) {
      const [u, v] = [vertices[parent], vertices[task]];
      if (u && v) link(u, v);
    }
  }
  return vertices;
}

/** Contracts until neither step applies. */
function settle(vertices: readonly Vertex[]): void {
  for (let changed = true; changed; ) {
    changed = false;
    for (const vertex of vertices) {
      while (vertex.alive && mergeSeries(vertex)) changed = true;
    }
    for (const twins of twinsAmong(vertices)) {
      mergeParallel(twins);
      changed = true;
    }
  }
}

function mergeSeries(u: Vertex): boolean {
  const [v] = u.succs;
  if (v === undefined || u.succs.size !== 1 || v.preds.size !== 1) return false;
  unlink(u, v);
  for (const after of [...v.succs]) {
    unlink(v, after);
    link(u, after);
  }
  u.items.push(...v.items);
  u.latch = v.latch;
  u.endSec = Math.max(u.endSec, v.endSec);
  v.alive = false;
  return true;
}

function twinsAmong(vertices: readonly Vertex[]): readonly (readonly Vertex[])[] {
  const byKey = new Map<string, Vertex[]>();
  for (const vertex of vertices) {
    if (!vertex.alive) continue;
    const key = keyOf(vertex);
    const group = byKey.get(key);
    if (group) group.push(vertex);
    else byKey.set(key, [vertex]);
  }
  return [...byKey.values()]
    .map((group) => group.filter((vertex) => sameNeighbours(vertex, group[0])))
    .filter((group) => group.length > 1);
}

/** Hashes may collide; sets do not. */
function sameNeighbours(a: Vertex, b: Vertex | undefined): boolean {
  return b !== undefined && [...a.preds].every((u) => b.preds.has(u)) && [...a.succs].every((v) => b.succs.has(v));
}

/** Hashes stand for the two sets: 53 bits each and the sizes, summed so that they follow each link. */
function keyOf(vertex: Vertex): string {
  return `${vertex.predHash}:${vertex.succHash}:${vertex.preds.size}:${vertex.succs.size}`;
}

function mergeParallel(twins: readonly Vertex[]): void {
  const [kept, ...rest] = [...twins].sort((a, b) => a.id - b.id);
  if (kept === undefined) return;
  const branches = [kept, ...rest].flatMap((twin) => {
    const [only] = twin.items;
    return twin.items.length === 1 && only?.kind === 'par' ? only.branches : [twin.items];
  });
  kept.items = [{ kind: 'par', branches }];
  kept.latch = undefined;
  for (const twin of rest) {
    kept.endSec = Math.max(kept.endSec, twin.endSec);
    for (const before of [...twin.preds]) unlink(before, twin);
    for (const after of [...twin.succs]) unlink(twin, after);
    twin.alive = false;
  }
}

function cutBest(alive: readonly Vertex[], strategy: Strategy): void {
  const keys = new Set(alive.map(keyOf));
  let best: { readonly u: Vertex; readonly v: Vertex; readonly score: number } | undefined;
  for (const u of alive) {
    for (const v of u.succs) {
      const score = scoreOf(u, v, keys, strategy);
      if (best === undefined || score > best.score) best = { u, v, score };
    }
  }
  if (best) cut(best.u, best.v);
}

function scoreOf(u: Vertex, v: Vertex, keys: ReadonlySet<string>, strategy: Strategy): number {
  const cost = (u.latch ? 0 : 2) + (v.items[0]?.kind === 'wait' ? 0 : 2);
  const orphan = v.preds.size === 1 ? strategy.orphan : 0;
  return strategy.gain * unlockedBy(u, v, keys) - strategy.cost * cost - orphan + slack(u, v);
}

/** How many contractions become possible when u → v is cut. */
function unlockedBy(u: Vertex, v: Vertex, keys: ReadonlySet<string>): number {
  let count = 0;
  if (u.succs.size === 2 && otherOf(u.succs, v)?.preds.size === 1) count++;
  if (v.preds.size === 2 && otherOf(v.preds, u)?.succs.size === 1) count++;
  if (keys.has(`${u.predHash}:${u.succHash - v.hash}:${u.preds.size}:${u.succs.size - 1}`)) count++;
  if (keys.has(`${v.predHash - u.hash}:${v.succHash}:${v.preds.size - 1}:${v.succs.size}`)) count++;
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

/** Keeps for every vertex its latest-ending predecessor: what is left is a forest. */
function cutToForest(alive: readonly Vertex[]): number {
  let cuts = 0;
  for (const v of alive) {
    if (v.preds.size < 2) continue;
    const kept = [...v.preds].reduce((latest, u) => (u.endSec > latest.endSec ? u : latest));
    for (const u of [...v.preds]) {
      if (u === kept) continue;
      cut(u, v);
      cuts++;
    }
  }
  return cuts;
}

function cut(u: Vertex, v: Vertex): void {
  unlink(u, v);
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

function link(u: Vertex, v: Vertex): void {
  if (u.succs.has(v)) return;
  u.succs.add(v);
  v.preds.add(u);
  u.succHash += v.hash;
  v.predHash += u.hash;
}

function unlink(u: Vertex, v: Vertex): void {
  if (!u.succs.delete(v)) return;
  v.preds.delete(u);
  u.succHash -= v.hash;
  v.predHash -= u.hash;
}

/** A spread-out whole number below 2^38, so that sums over 10,000 stay exact. */
function mix(id: number): number {
  const a = Math.imul(id + 1, 0x9e3779b1) >>> 0;
  const b = Math.imul((a ^ (a >>> 15)) + id, 0x85ebca6b) >>> 0;
  return b * 64 + (a & 63);
}

/** Transitions besides the tasks' own, roughly: what the plans are compared by. */
function costOf(strand: Strand): number {
  let cost = 0;
  for (const [position, item] of strand.entries()) {
    if (item.kind === 'wait' || item.kind === 'signal') cost += 2;
    if (item.kind !== 'par') continue;
    cost += 1 + (strand[position + 1]?.kind === 'task' ? 1 : 0);
    for (const branch of item.branches) cost += costOf(branch);
  }
  return cost;
}
