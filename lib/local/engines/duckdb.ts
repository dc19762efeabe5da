/** SQL of any warehouse, run on a DuckDB file: statement by statement, values bound. */
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import type { Json } from '../../base/json.ts';
import { namedError } from '../../runtime/named-error.ts';
import { closeDatabase, databaseFile, openDatabase } from './databases.ts';
import { MAX_PAGE_ROWS, pageOf } from './duckdb-rows.ts';
import { type BoundStatement, boundStatement } from './duckdb-statement.ts';
import type { EngineCall, LocalEngine } from './local-engine.ts';

/** `{ rows, first, rowCount }`; rows only where somebody wants them. */
export const query: LocalEngine = (call) =>
  onDatabase(call, async (connection, [statement]) => {
    if (statement === undefined) return { rows: [], rowCount: 0 };
    const { rows, rowCount } = await run(connection, statement, 1, (result) =>
      pageOf(result, rowsWanted(call.want)),
    );
    if (rows.length > 1 && rows.length < rowCount) {
      call.context.log.warn(
        `later tasks see the first ${rows.length} of ${rowCount} rows: a page is 1,000 rows or 64 KiB`,
      );
    }
    const [first] = rows;
    return first === undefined ? { rows, rowCount } : { rows, first, rowCount };
  });

/** `{ rowCount }`: rows changed. */
export const executeStatement: LocalEngine = (call) =>
  onDatabase(call, async (connection, [statement]) => ({
    rowCount: statement === undefined ? 0 : await run(connection, statement, 1, changed),
  }));

/** `{ rowCounts }`; all statements or none. */
export const transaction: LocalEngine = (call) =>
  onDatabase(call, async (connection, statements) => {
    const rowCounts: number[] = [];
    await connection.run('begin transaction');
    try {
      for (const [index, statement] of statements.entries()) {
        call.context.signal.throwIfAborted();
        rowCounts.push(await run(connection, statement, index + 1, changed));
      }
      await connection.run('commit');
    } catch (error) {
      await connection.run('rollback').catch(() => undefined);
      throw error;
    }
    return { rowCounts };
  });

type Work = (connection: DuckDBConnection, statements: readonly BoundStatement[]) => Promise<Json>;

async function onDatabase(call: EngineCall, work: Work): Promise<Json> {
  const { connection: name = '', place, context } = call;
  const config = place.environment.connections[name];
  const file = databaseFile(place.root, name, config?.kind === 'sql' ? config : { kind: 'sql' });
  const folders = { files: place.filesFolder, root: place.root };
  const given = Array.isArray(call.args['statements']) ? call.args['statements'] : [];
  const statements = given.map((statement: Json) => boundStatement(statement, folders));
  const database = await openDatabase(name, file);
  try {
    return await database.use(context.signal, (connection) => work(connection, statements));
  } finally {
    await closeDatabase(file);
  }
}

async function run<T>(
  connection: DuckDBConnection,
  statement: BoundStatement,
  position: number,
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

async function changed(result: DuckDBResult): Promise<number> {
  // A streamed result is done when it has been read to its end.
  await pageOf(result, 0);
  return result.rowsChanged;
}

/** Rows to keep: `first` alone needs one. */
function rowsWanted(want: readonly string[]): number {
  if (want.some((name) => name === '' || name === 'rows' || name.startsWith('rows.'))) return MAX_PAGE_ROWS;
  return want.some((name) => name === 'first' || name.startsWith('first.')) ? 1 : 0;
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
