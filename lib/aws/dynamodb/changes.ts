import type { Run } from '../../model/run.ts';
import { cursorAfter, keyOfCursor, limitOf } from '../../store/page.ts';
import type { Changes } from '../../store/store.ts';
import { type Entry, FEED_MS, type FeedState, numbersIn, type Subject } from './feed.ts';
import { headKey, runItemKey, valueIn } from './item.ts';
import type { Parts } from './parts.ts';
import type { Item, ItemKey } from './requests.ts';

/**
 * What changed after a cursor: the feed's entries in order, each told if its write is the last of its run or head. What
 * is announced and not yet written is remembered in the cursor, and looked at again.
 */
export async function changesAfter(
  parts: Parts,
  cursor: string | undefined,
  limit?: number,
): Promise<Changes> {
  const most = limitOf(limit);
  const state = await parts.feed.state();
  if (cursor === undefined) return nothing(await cursorOfNow(parts, state));
  const from = placeIn(cursor);
  if (isLost(from, state)) return { ...nothing(await cursorOfNow(parts, state)), resync: true };
  if (from.n === state.last && from.holes.size === 0) return nothing(cursor);
  const reader = new Reader(parts, from, most);
  await reader.read();
  const { runs, dags, isMoved } = reader;
  return { runs, dags, cursor: isMoved ? cursorOf(state, reader.place) : cursor };
}

/** How far somebody has read; `holes`: announced numbers up to there that were not written, and since when. */
interface Place {
  readonly id: string;
  readonly n: number;
  readonly atMs: number;
  readonly holes: ReadonlyMap<number, number>;
}

/** After so long a writer is dead. */
const PATIENCE_MS = 600_000;
/** Most numbers that a cursor remembers; with more, who wrote them was throttled, or many died at once. */
const MOST_HOLES = 40;
/** Of the newest entries so many may be under way. */
const UNDER_WAY = 25;
const YOUNG_MS = 15_000;

class Reader {
  readonly runs: Run[] = [];
  readonly dags: string[] = [];
  isMoved = false;
  readonly #parts: Parts;
  readonly #from: Place;
  readonly #most: number;
  readonly #holes = new Map<number, number>();
  #n: number;

  constructor(parts: Parts, from: Place, most: number) {
    this.#parts = parts;
    this.#from = from;
    this.#most = most;
    this.#n = from.n;
  }

  get place(): Place {
    const holes = new Map([...this.#holes].slice(-MOST_HOLES));
    return { ...this.#from, n: this.#n, atMs: Date.now(), holes };
  }

  async read(): Promise<void> {
    await this.#readHoles();
    if (this.#isFull()) return;
    for await (const page of this.#parts.feed.after(this.#n, Math.min(this.#most, 100))) {
      await this.#take(page);
      if (this.#isFull()) return;
    }
  }

  async #readHoles(): Promise<void> {
    const { holes } = this.#from;
    if (holes.size === 0) return;
    const entries = new Map((await this.#parts.feed.of([...holes.keys()])).map((entry) => [entry.n, entry]));
    const subjects = await subjectsOf(this.#parts, [...entries.values()]);
    for (const [n, sinceMs] of holes) {
      const entry = entries.get(n);
      // Those that do not fit this reply stay.
      if (this.#isFull()) this.#holes.set(n, sinceMs);
      else if (entry === undefined) this.#wait(n, sinceMs);
      else this.#tell(entry, subjects.get(keyText(entry)), sinceMs);
    }
    if (this.#holes.size < holes.size) this.isMoved = true;
  }

  async #take(page: readonly Entry[]): Promise<void> {
    const subjects = await subjectsOf(this.#parts, page);
    for (const entry of page) {
      if (this.#isFull()) return;
      for (let n = this.#n + 1; n < entry.n; n++) this.#wait(n, Date.now());
      this.#tell(entry, subjects.get(keyText(entry)), entry.atMs);
      this.#n = entry.n;
      this.isMoved = true;
    }
  }

  #tell(entry: Entry, subject: Item | undefined, sinceMs: number): void {
    if (entry.isVoid) return;
    const last = numbersIn(subject).at(-1) ?? 0;
    if (last < entry.n) this.#wait(entry.n, sinceMs);
    // What was written later is told by its own entry.
    if (last !== entry.n || subject === undefined) return;
    if (entry.runId === undefined) this.dags.push(entry.dagId);
    else this.runs.push(valueIn<Run>(subject));
  }

  #wait(n: number, sinceMs: number): void {
    if (Date.now() - sinceMs < PATIENCE_MS) this.#holes.set(n, sinceMs);
  }

  #isFull(): boolean {
    return this.runs.length + this.dags.length >= this.#most;
  }
}

/** The end of the feed, and what is under way there. */
async function cursorOfNow(parts: Parts, state: FeedState): Promise<string> {
  const since = Date.now() - YOUNG_MS;
  const young = (await parts.feed.newest(UNDER_WAY)).filter(({ atMs, n }) => atMs > since && n <= state.last);
  const subjects = await subjectsOf(parts, young);
  const isUnderWay = (entry: Entry) =>
    !entry.isVoid && (numbersIn(subjects.get(keyText(entry))).at(-1) ?? 0) < entry.n;
  const holes = new Map(young.filter(isUnderWay).map(({ n, atMs }) => [n, atMs]));
  return cursorOf(state, { n: state.last, atMs: Date.now(), holes });
}

async function subjectsOf({ table }: Parts, entries: readonly Entry[]): Promise<ReadonlyMap<string, Item>> {
  const keys = new Map(
    entries.filter(({ isVoid }) => !isVoid).map((entry) => [keyText(entry), keyOf(entry)] as const),
  );
  const items = await table.getAll([...keys.values()]);
  return new Map(items.map((item) => [`${item['pk']?.S} ${item['sk']?.S}`, item]));
}

function keyOf({ dagId, runId }: Subject): ItemKey {
  return runId === undefined ? headKey(dagId) : runItemKey({ dagId, runId });
}

function keyText(subject: Subject): string {
  const { pk, sk } = keyOf(subject);
  return `${pk} ${sk}`;
}

/** It is of another store, runs were removed since, or what followed is kept no more. */
function isLost({ id, n, atMs }: Place, { id: now, last, floor }: FeedState): boolean {
  const isOther = id !== now && id !== '';
  return isOther || n < floor || n > last || (n < last && Date.now() - atMs > FEED_MS);
}

function nothing(cursor: string): Changes {
  return { runs: [], dags: [], cursor };
}

function cursorOf({ id }: FeedState, { n, atMs, holes }: Omit<Place, 'id'>): string {
  return cursorAfter('changes', [id, n, atMs, [...holes].map((hole) => hole.join(':')).join(' ')]);
}

function placeIn(cursor: string): Place {
  const [id, n, atMs, text] = keyOfCursor('changes', cursor, ['', 0, 0, '']);
  const holes = text.split(' ').filter(Boolean);
  return { id, n, atMs, holes: new Map(holes.map((hole) => pairOf(hole))) };
}

function pairOf(hole: string): readonly [number, number] {
  const [n = '', sinceMs = ''] = hole.split(':');
  return [Number(n), Number(sinceMs)];
}
