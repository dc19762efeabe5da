/** The first page of a query's rows: what of them travels to later tasks. */
import type { Json } from '../base/json.ts';

/** Bounds of the first page: what later states read of one task is at most 64 KiB, its names and `first` included. */
export const MAX_PAGE_ROWS = 1000;
const MAX_PAGE_BYTES = 65_000;

/** Rows to keep: `first` alone needs one, and where nobody reads rows none are fetched. */
export function rowsWanted(want: readonly string[]): number {
  if (wants(want, 'rows')) return MAX_PAGE_ROWS;
  return want.some((name) => name === 'first' || name.startsWith('first.')) ? 1 : 0;
}

/** True where somebody reads this field of the output, or a part of it, or all. */
export function wants(want: readonly string[], field: string): boolean {
  return want.some((name) => name === '' || name === field || name.startsWith(`${field}.`));
}

/** Takes rows in their order until the page is full. */
export class RowPage {
  readonly rows: Json[] = [];
  readonly #atMost: number;
  #left = MAX_PAGE_BYTES;

  constructor(atMost: number) {
    this.#atMost = atMost;
  }

  get isFull(): boolean {
    return this.rows.length >= this.#atMost || this.#left < 0;
  }

  /**
   * Adds a row where it fits. The first row counts twice: it is `first` too. One that is too large alone is kept: it
   * travels as a file, or its task fails, but it is not lost.
   */
  add(row: Json): void {
    if (this.isFull) return;
    const size = Buffer.byteLength(JSON.stringify(row)) + 1;
    this.#left -= this.rows.length === 0 ? 2 * size : size;
    if (this.rows.length === 0 || this.#left >= 0) this.rows.push(row);
  }
}

/** Output of `query`. `rowCount` is left out where nobody has counted. */
export function queryOutput(rows: readonly Json[], rowCount?: number) {
  const [first] = rows;
  return {
    rows,
    ...(first === undefined ? {} : { first }),
    ...(rowCount === undefined ? {} : { rowCount }),
  };
}

/** What a person is told where rows were left behind; nothing where none were. */
export function pageWarning(rows: readonly Json[], rowCount: number): string | undefined {
  if (rows.length <= 1 || rows.length >= rowCount) return undefined;
  return `later tasks see the first ${rows.length} of ${rowCount} rows: a page is 1,000 rows or 64 KiB`;
}
