import type { JsonObject } from '../base/json.ts';
import type { Operand } from './ref.ts';

/** Arguments of `sql.query`, `sql.execute` (one statement) and `sql.transaction` (one or more). */
export interface SqlArgs extends JsonObject {
  readonly statements: readonly SqlStatement[];
  /** Of `sql.transaction`: `false` where a warehouse without transactions may run them one by one. @default true */
  readonly atomic?: false;
}

/** One SQL statement, as the tag `sql` splits it: values and names are never part of its text. */
export interface SqlStatement extends JsonObject {
  readonly parts: readonly SqlPart[];
}

export type SqlPart =
  /** SQL text as the author wrote it. */
  | string
  /** A bound value: text, number, boolean or null. */
  | { readonly value: Operand }
  /** The name of a table, schema or column, quoted by the warehouse's rules; dots separate its parts. */
  | { readonly identifier: Operand }
  /** SQL text marked by the author as trusted. */
  | { readonly raw: string }
  /** The rows of a file under `files`, where a table may stand. */
  | { readonly file: SqlFile };

/** A file that is read as a table. */
export type SqlFile = {
  readonly format: 'json' | 'csv' | 'parquet';
  /** As `files.write` returned it, or a URL the warehouse reads. */
  readonly path: Operand;
  /** Column → SQL type. Absent: the warehouse infers them, where it can. */
  readonly columns?: Readonly<Record<string, string>>;
};

/** What `query` gives: the first page of the rows, fetched only where a later task refers to it. */
export interface QueryOutput<Row> {
  readonly rows: readonly Row[];
  /** The first row; absent when there is none. */
  readonly first?: Row;
  /** Number of all rows, those beyond the first page included. */
  readonly rowCount: number;
}

/** What `execute` gives. */
export interface ExecuteOutput {
  /** Rows changed; 0 for a statement that changes none. */
  readonly rowCount: number;
}

/** What `transaction` gives. */
export interface TransactionOutput {
  /** Rows changed by each statement, in order. */
  readonly rowCounts: readonly number[];
}
