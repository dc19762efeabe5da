/**
 * Writes of runs and heads in one order, for those who ask what changed. Each is announced before it is done: it takes a
 * number, an entry says whose it is, and what is written carries the number. So a writer that dies loses no change: its
 * entry is looked at again until it is old.
 */
import { randomUUID } from 'node:crypto';
import { ABSENT, goneAfter, numberIn, textIn } from './item.ts';
import type { Item, ItemKey } from './requests.ts';
import type { Table } from './table.ts';

/** What an entry is about: a run, or without `runId` the head of its DAG. */
export interface Subject {
  readonly dagId: string;
  readonly runId?: string;
}

export interface Entry extends Subject {
  readonly n: number;
  /** When it was announced, by its writer's clock. */
  readonly atMs: number;
  /** The write was not done. */
  readonly isVoid: boolean;
}

/** Which feed, its last number, and below which cursors are too old. */
export interface FeedState {
  readonly id: string;
  readonly last: number;
  readonly floor: number;
}

const COUNTER: ItemKey = { pk: 'SEQ', sk: '-' };
const PARTITION = 'FEED';
/** How long entries are kept; whoever asks later than that reads all anew. */
const KEPT_DAYS = 8;
/** An announced write that is not done by then takes another number. */
const PATIENCE_MS = 30_000;
const REMEMBERED = 4;

export class Feed {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  /**
   * Announces a write and does it; `work` gets its number and says whether it was done. What `before` does is done while
   * it is announced.
   */
  async announced(
    of: Subject,
    work: (n: number) => Promise<boolean>,
    before: (n: number) => Promise<unknown> = async () => undefined,
  ): Promise<boolean> {
    for (;;) {
      const sinceMs = performance.now();
      const n = await this.next();
      await Promise.all([this.#put(of, n), before(n)]);
      const isLate = performance.now() - sinceMs > PATIENCE_MS;
      if (!isLate && (await work(n))) return true;
      await this.#withdraw(n);
      if (!isLate) return false;
    }
  }

  /** A number that nothing had. */
  async next(): Promise<number> {
    const change = {
      text: 'set #id = if_not_exists(#id, :id) add #n :one',
      names: { '#id': 'id', '#n': 'n' },
      values: { ':id': { S: randomUUID() }, ':one': { N: '1' } },
    };
    const { old } = await this.#table.update(COUNTER, change, { returns: 'UPDATED_NEW' });
    return numberIn(old, 'n') ?? 0;
  }

  /** From here on all cursors of before are too old. */
  async raiseFloor(): Promise<void> {
    const n = await this.next();
    const change = { text: 'set #f = :f', names: { '#f': 'floor' }, values: { ':f': { N: String(n) } } };
    const when = { text: 'attribute_not_exists(#f) or #f < :f' };
    await this.#table.update(COUNTER, change, { when });
  }

  async state(): Promise<FeedState> {
    const item = await this.#table.get(COUNTER);
    return {
      id: textIn(item, 'id') ?? '',
      last: numberIn(item, 'n') ?? 0,
      floor: numberIn(item, 'floor') ?? 0,
    };
  }

  /** Entries of numbers after `n`, in order, page by page. */
  async *after(n: number, first: number): AsyncGenerator<readonly Entry[]> {
    const between = [sortKey(n + 1), sortKey(10 ** DIGITS - 1)] as const;
    for await (const page of this.#table.pages({ pk: PARTITION, between, first })) yield page.map(entryIn);
  }

  /** The last entries, newest first. */
  async newest(count: number): Promise<readonly Entry[]> {
    for await (const page of this.#table.pages({ pk: PARTITION, newestFirst: true, first: count }))
      return page.map(entryIn);
    return [];
  }

  /** Entries of these numbers, as far as they are there. */
  async of(numbers: readonly number[]): Promise<readonly Entry[]> {
    const keys = numbers.map((n) => ({ pk: PARTITION, sk: sortKey(n) }));
    return (await this.#table.getAll(keys)).map(entryIn);
  }

  async #put({ dagId, runId }: Subject, n: number): Promise<void> {
    const run: Item = runId === undefined ? {} : { run: { S: runId } };
    const key = { pk: { S: PARTITION }, sk: { S: sortKey(n) }, at: { N: String(Date.now()) } };
    // Not over one that was withdrawn, were this the late repetition of a request.
    await this.#table.put({ ...key, dag: { S: dagId }, ...run, ...goneAfter(KEPT_DAYS) }, ABSENT);
  }

  async #withdraw(n: number): Promise<void> {
    const change = { text: 'set #v = :v', names: { '#v': 'void' }, values: { ':v': { BOOL: true } } };
    await this.#table.update({ pk: PARTITION, sk: sortKey(n) }, change);
  }
}

/** Milliseconds after which a cursor is too old: a day before entries go. */
export const FEED_MS = (KEPT_DAYS - 1) * 86_400_000;

/** Numbers of an item's last writes, oldest first. */
export function numbersIn(item: Item | undefined): readonly number[] {
  return (textIn(item, 'seqs') ?? '').split(' ').filter(Boolean).map(Number);
}

/** Attributes of an item that is written under a number, in the place of `before`. */
export function numbered(n: number, before: Item | undefined): Item {
  const seqs = [...numbersIn(before), n].slice(-REMEMBERED).join(' ');
  return { seqs: { S: seqs } };
}

/** A write that was refused had been done: its reply was lost, and it was repeated. */
export function wasDone(n: number, there: Item | undefined): boolean {
  return numbersIn(there).includes(n);
}

const DIGITS = 12;

function sortKey(n: number): string {
  return String(n).padStart(DIGITS, '0');
}

function entryIn(item: Item): Entry {
  const runId = textIn(item, 'run');
  return {
    n: Number(textIn(item, 'sk')),
    dagId: textIn(item, 'dag') ?? '',
    ...(runId === undefined ? {} : { runId }),
    atMs: numberIn(item, 'at') ?? 0,
    isVoid: item['void']?.BOOL === true,
  };
}
