import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import { RefusedError } from '../../base/errors.ts';

export type Row = Readonly<Record<string, SQLOutputValue>>;
type Values = readonly SQLInputValue[];

/** One connection; its statements are prepared once. */
export interface Database {
  /** Gives how many rows were changed. */
  run(sql: string, ...values: Values): number;
  get(sql: string, ...values: Values): Row | undefined;
  all(sql: string, ...values: Values): readonly Row[];
  /** What the first row has as JSON in its column `doc`. */
  value<T>(sql: string, ...values: Values): T | undefined;
  values<T>(sql: string, ...values: Values): readonly T[];
  /** Statements without values, one after the other. */
  script(sql: string): void;
  /** All of `work` or nothing of it, while nobody else writes. */
  alone<T>(work: () => T): T;
  close(): void;
}

/** Every call throws a {@link RefusedError} where the file, not the statement, is at fault. */
export function databaseOf(sqlite: DatabaseSync, file: string): Database {
  const statements = new Map<string, StatementSync>();
  const prepared = (sql: string) => {
    const statement = statements.get(sql) ?? sqlite.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  const telling = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw refusalOf(error, file);
    }
  };
  const all = (sql: string, ...values: Values) => telling(() => prepared(sql).all(...values));
  const get = (sql: string, ...values: Values) => telling(() => prepared(sql).get(...values));
  const run = (sql: string, ...values: Values) => telling(() => Number(prepared(sql).run(...values).changes));
  return {
    run,
    get,
    all,
    value: (sql, ...values) => {
      const row = get(sql, ...values);
      return row === undefined ? undefined : docOf(row);
    },
    values: (sql, ...values) => all(sql, ...values).map((row) => docOf(row)),
    script: (sql) => telling(() => sqlite.exec(sql)),
    alone(work) {
      run('begin immediate');
      try {
        const result = work();
        run('commit');
        return result;
      } catch (error) {
        // A full disk has rolled it back by itself.
        if (sqlite.isTransaction) run('rollback');
        throw error;
      }
    },
    close: () => {
      statements.clear();
      if (sqlite.isOpen) sqlite.close();
    },
  };
}

function docOf<T>({ doc }: Row): T {
  return JSON.parse(String(doc));
}

/** By SQLite's primary result codes: code, what the file must be, what to do. @see https://www.sqlite.org/rescode.html */
const REFUSALS: Readonly<Record<number, readonly [code: string, rule: string, remedy: string]>> = {
  5: ['store-busy', 'must be free to write', 'end the process that holds it'],
  6: ['store-busy', 'must be free to write', 'end the process that holds it'],
  8: ['not-writable', 'must be a file that can be written', 'allow it, also for its folder'],
  10: ['not-writable', 'must be on a disk that works', 'look at the disk'],
  11: ['store-corrupt', 'must be a sound store', 'put a copy of before there, or move the file away'],
  13: ['not-writable', 'must have room on its disk', 'free some space'],
  14: ['not-writable', 'must be a file that can be written', 'allow it, also for its folder'],
  26: ['store-corrupt', 'must be a store', 'move the file away'],
};

/** The error as people are told it, where what SQLite says is about the file; else the error as it is. */
export function refusalOf(error: unknown, file: string): unknown {
  const refusal = REFUSALS[primaryCode(error)];
  if (refusal === undefined || !(error instanceof Error)) return error;
  const [code, rule, remedy] = refusal;
  return new RefusedError(code, `store › ${file}: ${rule}, got "${error.message}"; ${remedy}`, {
    cause: error,
  });
}

/** -1 for what SQLite did not say. */
export function primaryCode(error: unknown): number {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : -1;
}
