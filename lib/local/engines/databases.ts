/** DuckDB files, opened once in a process however many runs use them: a file belongs to one process at a time. */
import { mkdirSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { RefusedError } from '../../base/errors.ts';
import type { SqlConnectionConfig } from '../../model/environment.ts';
import { withConnection } from '../../runtime/duckdb-run.ts';

/** One open file. */
export interface Database {
  /** Absolute path. */
  readonly file: string;
  /** Runs `work` on a connection of its own, after everybody who asked before: statements of two tasks never mix. */
  use<T>(signal: AbortSignal, work: (connection: DuckDBConnection) => Promise<T>): Promise<T>;
}

/** The DuckDB file of a connection, absolute. */
export function databaseFile(root: string, name: string, { database }: SqlConnectionConfig): string {
  if (database !== undefined) return isAbsolute(database) ? database : join(root, database);
  return join(root, '.tutti', `${name}.duckdb`);
}

/**
 * Opens a file, or joins those who have it open. Give it back with {@link closeDatabase}.
 *
 * @throws {RefusedError} `database-locked`, `database-unusable`
 */
export async function openDatabase(connection: string, file: string): Promise<Database> {
  const known = open.get(file);
  const entry = known ?? { users: 0, opening: opened(connection, file) };
  open.set(file, entry);
  entry.users += 1;
  try {
    return await entry.opening;
  } catch (error) {
    open.delete(file);
    throw error;
  }
}

/** Gives a file back; the last one closes it, so that other programs can open it. */
export async function closeDatabase(file: string): Promise<void> {
  const entry = open.get(file);
  if (entry === undefined) return;
  entry.users -= 1;
  if (entry.users > 0) return;
  open.delete(file);
  const { close } = await entry.opening;
  close();
}

type OpenDatabase = Database & { readonly close: () => void };

const open = new Map<string, { users: number; readonly opening: Promise<OpenDatabase> }>();

async function opened(connection: string, file: string): Promise<OpenDatabase> {
  const instance = await instanceOf(connection, file);
  let last: Promise<unknown> = Promise.resolve();
  return {
    file,
    close: () => instance.closeSync(),
    use(signal, work) {
      const mine = last.then(() => withConnection(instance, signal, work));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}

async function instanceOf(connection: string, file: string): Promise<DuckDBInstance> {
  try {
    mkdirSync(dirname(file), { recursive: true });
    return await DuckDBInstance.create(file);
  } catch (error) {
    throw unusable(connection, file, error);
  }
}

function unusable(connection: string, file: string, cause: unknown): RefusedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  const where = `connection "${connection}" › database`;
  if (!why.includes('Could not set lock')) {
    const text = `${where}: must be a DuckDB file that can be written, got "${file}" (${why}); move it away or repair it`;
    return new RefusedError('database-unusable', text, { cause });
  }
  const [, holder = 'another'] = /Conflicting lock is held in (.*?)\.? See also/.exec(why) ?? [];
  const text = `${where}: must be open in one process at a time, got "${file}" held by ${holder}; end that process or wait for it`;
  return new RefusedError('database-locked', text, { cause });
}
