/** The verbs of SQL on an open DuckDB file: statement by statement, values bound. */
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from '@duckdb/node-api';
import type { Json, JsonObject } from '../base/json.ts';
import type { Log } from '../model/context.ts';
import { type DuckDB, pageOf } from './duckdb-rows.ts';
import { type BoundStatement, boundStatement, type PlaceOf } from './duckdb-statement.ts';
import { namedError } from './named-error.ts';
import { pageWarning, queryOutput, rowsWanted } from './sql-page.ts';
import { statementsOf } from './sql-parts.ts';

export interface SqlCall {
  readonly duckdb: DuckDB;
  /** `sql.query`, `sql.execute`, `sql.transaction` */
  readonly engine: string;
  readonly args: JsonObject;
  readonly want: readonly string[];
  readonly placeOf: PlaceOf;
  readonly log: Pick<Log, 'warn'>;
  readonly signal: AbortSignal;
}

/** Runs a verb's statements. @throws {Error} `Sql.CatalogError` and the like, naming the statement */
export async function runSql(connection: DuckDBConnection, call: SqlCall): Promise<Json> {
  const statements = boundStatements(call.args, call.placeOf);
  if (call.engine === 'sql.transaction')
    return { rowCounts: await inTransaction(connection, statements, call) };
  const [statement] = statements;
  if (call.engine === 'sql.execute')
    return {
      rowCount: statement === undefined ? 0 : await changed(call, connection, { statement, position: 1 }),
    };
  if (statement === undefined) return queryOutput([], 0);
  const { rows, rowCount } = await run(connection, { statement, position: 1 }, (result) =>
    pageOf(call.duckdb, result, rowsWanted(call.want)),
  );
  const warning = pageWarning(rows, rowCount);
  if (warning !== undefined) call.log.warn(warning);
  return queryOutput(rows, rowCount);
}

/** @throws {Error} `Sql.BadValue` */
export function boundStatements(args: JsonObject, placeOf: PlaceOf): readonly BoundStatement[] {
  return statementsOf(args).map((statement) => boundStatement(statement, placeOf));
}

/** All or none; rows changed by each. */
async function inTransaction(
  connection: DuckDBConnection,
  statements: readonly BoundStatement[],
  call: SqlCall,
): Promise<readonly number[]> {
  const rowCounts: number[] = [];
  await connection.run('begin transaction');
  try {
    for (const [index, statement] of statements.entries()) {
      call.signal.throwIfAborted();
      rowCounts.push(await changed(call, connection, { statement, position: index + 1 }));
    }
    await connection.run('commit');
  } catch (error) {
    await connection.run('rollback').catch(() => undefined);
    throw error;
  }
  return rowCounts;
}

interface Placed {
  readonly statement: BoundStatement;
  /** From 1. */
  readonly position: number;
}

async function run<T>(
  connection: DuckDBConnection,
  { statement, position }: Placed,
  read: (result: DuckDBResult) => Promise<T>,
): Promise<T> {
  try {
    const prepared = await connection.prepare(statement.text);
    prepared.bind([...statement.values]);
    return await read(await prepared.stream());
  } catch (error) {
    throw sqlError(error, statement, position);
  }
}

/** Rows that a statement changes. */
function changed({ duckdb }: SqlCall, connection: DuckDBConnection, placed: Placed): Promise<number> {
  return run(connection, placed, async (result) => {
    // A streamed result is done when it has been read to its end.
    await pageOf(duckdb, result, 0);
    return result.rowsChanged;
  });
}

/** `Catalog Error: …` becomes an error named `Sql.CatalogError`, which names the statement. */
function sqlError(cause: unknown, statement: BoundStatement, position: number): Error {
  const text = cause instanceof Error ? cause.message : String(cause);
  const [, kind = 'Error', rest = text] = /^([A-Za-z -]+? Error): ([\s\S]*)$/.exec(text) ?? [];
  const what = statement.text.trim().replace(/\s+/g, ' ').slice(0, 200);
  const lines = rest.replace(/\n+LINE \d+:[\s\S]*$/, '').trim();
  return namedError(`Sql.${kind.replaceAll(/[ -]/g, '')}`, `statement ${position} (${what}): ${lines}`, {
    cause,
  });
}

/**
 * A connection of its own for `work`, which the signal interrupts.
 *
 * @throws {unknown} the signal's reason where it is aborted already
 */
export async function withConnection<T>(
  instance: DuckDBInstance,
  signal: AbortSignal,
  work: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const connection = await instance.connect();
  const interrupt = () => connection.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    // The same instants wherever it runs, whatever the zone there.
    await connection.run("set timezone = 'UTC'");
    return await work(connection);
  } finally {
    signal.removeEventListener('abort', interrupt);
    connection.closeSync();
  }
}
