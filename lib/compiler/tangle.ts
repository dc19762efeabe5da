/** The graph under contraction: vertices are strands, edges are what is still to be expressed. */
import type { Item, Latch } from './structure.ts';

export interface Vertex {
  readonly id: number;
  readonly hash: number;
  items: Item[];
  readonly preds: Set<Vertex>;
  readonly succs: Set<Vertex>;
  predHash: number;
  succHash: number;
  /** Set when something was cut behind it. */
  latch: Latch | undefined;
  /** When all of it is expected to be final. */
  endSec: number;
  /** Parallels inside each other, at its deepest. */
  depth: number;
  alive: boolean;
}

/**
 * Applies the two exact steps until neither fits; says which vertices changed. Twins that would nest Parallels as deep
 * as `mostNested` stay apart: one level is left for what stands by itself in the end.
 */
export class Tangle {
  readonly #mostNested: number;
  readonly #byKey = new Map<string, Set<Vertex>>();
  readonly #keyOf = new Map<Vertex, string>();
  #dirty = new Set<Vertex>();
  #changed = new Set<Vertex>();
  #tooDeep = new Set<Vertex>();
  #alive: number;

  constructor(vertices: readonly Vertex[], mostNested: number) {
    this.#mostNested = mostNested;
    this.#alive = vertices.length;
    for (const vertex of vertices) this.touch(vertex);
  }

  /** How many vertices are left. */
  get alive(): number {
    return this.#alive;
  }

  /** True where some vertex has this key ({@link keyText}). */
  hasKey(key: string): boolean {
    return this.#byKey.has(key);
  }

  touch(vertex: Vertex): void {
    this.#dirty.add(vertex);
    this.#changed.add(vertex);
    const key = this.#keyOf.get(vertex);
    if (key === undefined) return;
    this.#keyOf.delete(vertex);
    const group = this.#byKey.get(key);
    group?.delete(vertex);
    if (group?.size === 0) this.#byKey.delete(key);
  }

  /** Contracts as far as it goes; the vertices that changed since the last call. */
  settle(): readonly Vertex[] {
    while (this.#dirty.size > 0) {
      this.#mergeSeries();
      this.#mergeTwins();
    }
    const changed = [...this.#changed].filter((vertex) => vertex.alive);
    this.#changed = new Set();
    return changed;
  }

  /** Vertices that were kept from their twins since the last call: nothing contracts them where they are. */
  takeTooDeep(): readonly Vertex[] {
    const taken = [...this.#tooDeep].filter((vertex) => vertex.alive);
    this.#tooDeep = new Set();
    return taken;
  }

  unlink(u: Vertex, v: Vertex): void {
    unlink(u, v);
    this.touch(u);
    this.touch(v);
  }

  #mergeSeries(): void {
    for (const vertex of this.#dirty) {
      if (!vertex.alive) continue;
      const [before] = vertex.preds;
      const first = vertex.preds.size === 1 && before?.succs.size === 1 ? before : vertex;
      for (let next = onlyNext(first); next !== undefined; next = onlyNext(first)) this.#append(first, next);
    }
  }

  #append(u: Vertex, v: Vertex): void {
    this.unlink(u, v);
    for (const after of [...v.succs]) {
      this.unlink(v, after);
      link(u, after);
    }
    u.items.push(...v.items);
    u.latch = v.latch;
    u.endSec = Math.max(u.endSec, v.endSec);
    u.depth = Math.max(u.depth, v.depth);
    this.#drop(v);
  }

  #drop(vertex: Vertex): void {
    this.touch(vertex);
    vertex.alive = false;
    this.#alive--;
  }

  #mergeTwins(): void {
    const dirty = this.#dirty;
    this.#dirty = new Set();
    const groups = new Set<Set<Vertex>>();
    for (const vertex of dirty) {
      if (!vertex.alive) continue;
      const key = keyOf(vertex);
      const group = this.#byKey.get(key) ?? new Set();
      group.add(vertex);
      this.#byKey.set(key, group);
      this.#keyOf.set(vertex, key);
      if (group.size > 1) groups.add(group);
    }
    for (const group of groups) {
      const [first, ...others] = [...group].filter((vertex) => vertex.alive);
      if (first === undefined) continue;
      const twins = others.filter((vertex) => sameNeighbours(vertex, first));
      if (twins.length > 0) this.#join(this.#shallow([first, ...twins]));
    }
  }

  /** Those that may stand side by side; a single one goes on in its line. What is all by itself may always. */
  #shallow(twins: readonly Vertex[]): readonly Vertex[] {
    if (twins.every(isAlone)) return twins;
    const deep = twins.filter((twin) => depthBeside(twin) >= this.#mostNested);
    if (deep.length === twins.length) deep.shift();
    for (const twin of deep) this.#tooDeep.add(twin);
    return twins.filter((twin) => !deep.includes(twin));
  }

  /** Twins become one Parallel; a Parallel among them opens. */
  #join(twins: readonly Vertex[]): void {
    const [kept, ...rest] = [...twins].sort((a, b) => a.id - b.id);
    if (kept === undefined || rest.length === 0) return;
    kept.depth = Math.max(...twins.map(depthBeside));
    const branches = [kept, ...rest].flatMap((twin) => {
      const [only] = twin.items;
      return twin.items.length === 1 && only?.kind === 'par' ? only.branches : [twin.items];
    });
    kept.items = [{ kind: 'par', branches }];
    kept.latch = undefined;
    for (const twin of rest) {
      kept.endSec = Math.max(kept.endSec, twin.endSec);
      for (const before of [...twin.preds]) this.unlink(before, twin);
      for (const after of [...twin.succs]) this.unlink(twin, after);
      this.#drop(twin);
    }
    this.touch(kept);
  }
}

function isParallel({ items }: Vertex): boolean {
  return items.length === 1 && items[0]?.kind === 'par';
}

/** Depth of a Parallel in which it stands. */
function depthBeside(vertex: Vertex): number {
  return isParallel(vertex) ? vertex.depth : vertex.depth + 1;
}

function isAlone({ preds, succs }: Vertex): boolean {
  return preds.size === 0 && succs.size === 0;
}

function onlyNext(u: Vertex): Vertex | undefined {
  const [v] = u.succs;
  return u.succs.size === 1 && v?.preds.size === 1 ? v : undefined;
}

function keyOf(vertex: Vertex): string {
  return keyText(vertex.predHash, vertex.succHash, vertex.preds.size, vertex.succs.size);
}

/** Hashes stand for the two sets, summed so that they follow each link. */
export function keyText(predHash: number, succHash: number, preds: number, succs: number): string {
  return `${predHash}:${succHash}:${preds}:${succs}`;
}

/** Hashes may collide; sets do not. */
function sameNeighbours(a: Vertex, b: Vertex): boolean {
  return [...a.preds].every((u) => b.preds.has(u)) && [...a.succs].every((v) => b.succs.has(v));
}

export function newVertex(task: number, endSec: number): Vertex {
  return {
    id: task,
    hash: mix(task),
    items: [{ kind: 'task', task }],
    preds: new Set(),
    succs: new Set(),
    predHash: 0,
    succHash: 0,
    latch: undefined,
    endSec,
    depth: 0,
    alive: true,
  };
}

export function link(u: Vertex, v: Vertex): void {
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
