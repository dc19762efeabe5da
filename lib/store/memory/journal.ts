import type { RunKey } from '../../model/run.ts';
import { cursorAfter, keyOfCursor, limitOf } from '../page.ts';

/** How many journals there were: a cursor of one means nothing to another. */
let opened = 0;

interface Touch extends Partial<RunKey> {
  readonly dagId: string;
  readonly at: number;
}

/** Counts the writes of runs and heads, and remembers of each the last. */
export class Journal {
  readonly #id = `memory ${++opened}`;
  #now = 0;
  /** Cursors of before were told of runs that are no more. */
  #floor = 0;
  /** Oldest touch first. */
  readonly #touched = new Map<string, Touch>();

  /** A run was written, or without `runId` the head of its DAG. */
  touch(of: { readonly dagId: string; readonly runId?: string }): void {
    const key = JSON.stringify([of.dagId, of.runId]);
    this.#touched.delete(key);
    this.#touched.set(key, { ...of, at: ++this.#now });
  }

  /** Runs are no more. */
  forget(keys: readonly RunKey[]): void {
    if (keys.length === 0) return;
    for (const { dagId, runId } of keys) this.#touched.delete(JSON.stringify([dagId, runId]));
    this.#floor = ++this.#now;
  }

  /** What was touched after a cursor, oldest touch first; `undefined` where the journal cannot say. */
  since(
    cursor: string | undefined,
    limit?: number,
  ): { touched: readonly Touch[] | undefined; cursor: string } {
    const most = limitOf(limit);
    const here = (at: number) => cursorAfter('changes', [this.#id, at]);
    if (cursor === undefined) return { touched: [], cursor: here(this.#now) };
    const [id, at] = keyOfCursor('changes', cursor, ['', 0]);
    if (id !== this.#id || at < this.#floor || at > this.#now)
      return { touched: undefined, cursor: here(this.#now) };
    const touched = [...this.#touched.values()].filter((touch) => touch.at > at).slice(0, most);
    return { touched, cursor: here(touched.at(-1)?.at ?? at) };
  }
}
