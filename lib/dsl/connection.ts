import type { Call } from '../engines/engine.ts';
import type { HttpBinding } from '../model/context.ts';
import type { ExecuteOutput, QueryOutput, SqlArgs, TransactionOutput } from '../model/sql.ts';
import { callerPlace } from './at.ts';
import { report } from './collect.ts';
import { kindOf } from './kind-of.ts';
import { isSql, type Sql } from './sql.ts';

/** A warehouse by its name; what it is bound to is the environment's: DuckDB here, Athena on AWS. */
export interface SqlConnection {
  readonly name: string;
  readonly kind: 'sql';
  /** Runs one statement and gives its rows: `{ rows, first, rowCount }`; `rows` is the first page, 1,000 rows. */
  query<Row = Readonly<Record<string, unknown>>>(statement: Sql): Call<QueryOutput<Row>>;
  /** Runs one statement for its effect: `{ rowCount }`. */
  execute(statement: Sql): Call<ExecuteOutput>;
  /** Runs statements in order, all or none: `{ rowCounts }`. */
  transaction(...statements: readonly [Sql, ...Sql[]]): Call<TransactionOutput>;
  /**
   * With `{ atomic: false }` also on a warehouse without transactions, Athena: there each statement takes effect by itself,
   * and a try again runs all of them again.
   */
  transaction(
    options: { readonly atomic: false },
    ...statements: readonly [Sql, ...Sql[]]
  ): Call<TransactionOutput>;
}

/** An HTTP service by its name; its base URL, headers and secret are the environment's. */
export type HttpConnection = HttpBinding;

/** Named bindings of engines; `tutti.config.ts` says what they are in each environment. */
export const connection = {
  /** A SQL warehouse. */
  sql: (name: string): SqlConnection => {
    const self = { name, kind: 'sql' } as const;
    const call = <Output>(
      verb: string,
      given: readonly unknown[],
      more: Partial<SqlArgs> = {},
    ): Call<Output> => {
      const args: SqlArgs = { statements: statementsOf(given, `${name}.${verb}`), ...more };
      return { engine: `sql.${verb}`, connection: self, args };
    };
    return Object.freeze({
      ...self,
      query: <Row>(statement: Sql) => call<QueryOutput<Row>>('query', [statement]),
      execute: (statement: Sql) => call<ExecuteOutput>('execute', [statement]),
      transaction: (...given: readonly unknown[]) => {
        const [options, ...statements] = given;
        return isNotAtomic(options)
          ? call<TransactionOutput>('transaction', statements, { atomic: false })
          : call<TransactionOutput>('transaction', given);
      },
    });
  },
  /** An HTTP service: `http(shop).get('/orders')` in a function, `http.request({ connection: shop, … })` as a task. */
  http: (name: string): HttpConnection => Object.freeze({ name, kind: 'http' } as const),
};

function isNotAtomic(given: unknown): boolean {
  return typeof given === 'object' && given !== null && 'atomic' in given && given.atomic === false;
}

/** Statements as plain data; what is none is told at `path`. */
export function statementsOf(given: readonly unknown[], path: string): SqlArgs['statements'] {
  return given.flatMap((statement, index) => read(statement, path, index));
}

function read(statement: unknown, path: string, index: number): readonly Sql['statement'][] {
  if (isSql(statement)) return [statement.statement];
  report({
    code: 'sql-statement',
    path: `${path} › statement ${index + 1}`,
    message: `must be a statement of the tag sql, got ${kindOf(statement)}`,
    remedy: 'write sql`…`',
    ...callerPlace(import.meta.url),
  });
  return [];
}
