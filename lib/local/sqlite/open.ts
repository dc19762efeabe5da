/** Opens the file of a store: nothing is written to one that is not a sound store of a version we know. */
import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { RefusedError } from '../../base/errors.ts';
import { type Database, databaseOf, primaryCode, refusalOf } from './database.ts';
import { APPLICATION_ID, MIGRATIONS } from './schema.ts';

export interface OpenOptions {
  /** Reads only, also where neither file nor folder may be written. @default false */
  readonly readOnly?: boolean;
  /** How long to wait for another process's write, milliseconds. @default 10_000 */
  readonly busyMs?: number;
}

/**
 * Opens or creates it, and brings an older one to this version.
 *
 * @throws {RefusedError} `store-newer`, `store-corrupt`, `not-writable`, `store-busy`; to read only also `no-store`, `store-older`
 */
export function openDatabase(file: string, { readOnly = false, busyMs = 10_000 }: OpenOptions): Database {
  const path = resolve(file);
  lookAt(path, readOnly);
  if (readOnly) return openToRead(path, busyMs);
  const database = databaseOf(connect(path, { timeout: busyMs }), path);
  return closedOnError(database, () => {
    // What a killed process had committed is there; a power cut may take the last commits, never the file's soundness.
    database.run('pragma synchronous = normal');
    if (versionOf(database, path) < MIGRATIONS.length) migrate(database, path);
    // Writers do not wait for readers, nor readers for writers.
    if (database.get('pragma journal_mode')?.['journal_mode'] !== 'wal')
      database.run('pragma journal_mode = wal');
    database.run('pragma cache_size = -16000');
    // After a long transaction the log is cut to this again.
    database.run('pragma journal_size_limit = 67108864');
    // Fails here, not at some later write, where it may not be written.
    database.alone(() => undefined);
  });
}

/** Where the folder may not be written, SQLite cannot make the files it coordinates by; nobody writes there, so none are needed. */
function openToRead(path: string, busyMs: number): Database {
  const check = (database: Database) =>
    closedOnError(database, () => {
      if (versionOf(database, path) < MIGRATIONS.length) throw older(path);
    });
  try {
    return check(databaseOf(connect(path, { timeout: busyMs, readOnly: true }), path));
  } catch (error) {
    const unopened = error instanceof RefusedError && [8, 14].includes(primaryCode(error.cause));
    if (!unopened || sizeOf(`${path}-wal`) > 0) throw error;
    const url = new URL(`${pathToFileURL(path)}?immutable=1`);
    return check(databaseOf(connect(url, { readOnly: true }), path));
  }
}

function connect(path: string | URL, options: { readonly timeout?: number; readonly readOnly?: boolean }) {
  try {
    if (options.readOnly !== true) mkdirSync(dirname(String(path)), { recursive: true });
    // Loaded when a store is opened: most commands need none.
    return new (process.getBuiltinModule('node:sqlite').DatabaseSync)(path, options);
  } catch (error) {
    if (primaryCode(error) !== -1) throw refusalOf(error, String(path));
    throw refused('not-writable', path, 'must be in a folder that can be written', {
      got: error instanceof Error ? error.message : String(error),
      remedy: 'allow it, or name another',
      cause: error,
    });
  }
}

/** Looks at the file before SQLite does: it is not touched where it cannot be ours. */
function lookAt(path: string, readOnly: boolean): void {
  const header = headerOf(path);
  if (header === undefined) {
    if (!readOnly) return;
    throw refused('no-store', path, 'must be there', { got: 'nothing', remedy: 'run something first' });
  }
  // A new store's first write may have been cut short; SQLite then undoes it by the journal.
  if (header.length === 0 || existsSync(`${path}-journal`)) return;
  if (header.length < HEADER_BYTES || header.toString('latin1', 0, 16) !== 'SQLite format 3\0')
    throw refused('store-corrupt', path, 'must be a store', {
      got: 'a file of another kind',
      remedy: 'move it away, or name another',
    });
  if (header.readUInt32BE(68) === APPLICATION_ID) refuseNewer(header.readUInt32BE(60), path);
}

/** @see https://www.sqlite.org/fileformat.html#the_database_header */
const HEADER_BYTES = 100;

/** The first bytes of a file; `undefined` where there is none. */
function headerOf(path: string): Buffer | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? undefined : bytesOf(path, stat);
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    throw refused('not-writable', path, 'must be a file that can be read', {
      got: error instanceof Error ? error.message : String(error),
      remedy: 'allow it',
      cause: error,
    });
  }
}

function bytesOf(path: string, stat: Stats): Buffer {
  if (!stat.isFile())
    throw refused('store-corrupt', path, 'must be a file', {
      got: stat.isDirectory() ? 'a folder' : 'something else',
      remedy: 'move it away, or name another',
    });
  const opened = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, readSync(opened, header));
  } finally {
    closeSync(opened);
  }
}

/** Version of the tables that are there, 0 for none. */
function versionOf(database: Database, path: string): number {
  const version = Number(database.get('pragma user_version')?.['user_version']);
  const ours = database.get('pragma application_id')?.['application_id'] === APPLICATION_ID;
  if (ours) refuseNewer(version, path);
  const tables = Number(database.get('select count(*) as count from sqlite_schema')?.['count']);
  if (!ours && tables > 0)
    throw refused('store-corrupt', path, 'must be a store', {
      got: 'a database of something else',
      remedy: 'move it away, or name another',
    });
  return ours ? version : 0;
}

/** Another process may do the same at the same time: who is second finds it done. */
function migrate(database: Database, path: string): void {
  database.alone(() => {
    const from = versionOf(database, path);
    for (const migration of MIGRATIONS.slice(from)) database.script(migration);
    if (from === 0) database.run('insert into store (id, floor) values (?, 0)', randomUUID());
    database.run(`pragma application_id = ${APPLICATION_ID}`);
    database.run(`pragma user_version = ${MIGRATIONS.length}`);
  });
}

function closedOnError(database: Database, work: () => void): Database {
  try {
    work();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function refuseNewer(version: number, path: string): void {
  if (version <= MIGRATIONS.length) return;
  throw refused('store-newer', path, `must be of version ${MIGRATIONS.length} at most`, {
    got: `version ${version}`,
    remedy: 'use the newer Tutti that wrote it',
  });
}

function older(path: string): RefusedError {
  return refused('store-older', path, `must be of version ${MIGRATIONS.length}`, {
    got: 'an older one',
    remedy: 'run something where it can be written, which brings it up to date',
  });
}

function refused(
  code: string,
  path: string | URL,
  rule: string,
  { got, remedy, cause }: { readonly got: string; readonly remedy: string; readonly cause?: unknown },
): RefusedError {
  return new RefusedError(code, `store › ${path}: ${rule}, got ${got}; ${remedy}`, { cause });
}
