/** SQL of any warehouse, run on a DuckDB file. */
import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import * as duckdb from '@duckdb/node-api';
import { boundStatements, runSql } from '../../runtime/duckdb-run.ts';
import { closeDatabase, databaseFile, openDatabase } from './databases.ts';
import type { EngineCall, LocalEngine } from './local-engine.ts';

/** `sql.query`, `sql.execute`, `sql.transaction`. */
export const sql: LocalEngine = async (call) => {
  const { connection: name = '', place, context, args } = call;
  const config = place.environment.connections[name];
  const file = databaseFile(place.root, name, config?.kind === 'sql' ? config : { kind: 'sql' });
  const placeOf = (path: string) => placeOfFile(path, call);
  // What cannot be bound is told before the file is opened.
  boundStatements(args, placeOf);
  const { engine, want } = call;
  const { log, signal } = context;
  const database = await openDatabase(name, file);
  try {
    return await database.use(signal, (connection) =>
      runSql(connection, { duckdb, engine, args, want, placeOf, log, signal }),
    );
  } finally {
    await closeDatabase(file);
  }
};

/** A path of `files.write` is below the files folder; else one of the project; a URL and an absolute path stay. */
function placeOfFile(path: string, { place: { filesFolder, root } }: EngineCall): string {
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path) || isAbsolute(path)) return path;
  const ours = join(filesFolder, path);
  return existsSync(ours) || !existsSync(join(root, path)) ? ours : join(root, path);
}
