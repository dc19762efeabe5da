/** `sql.*` on DuckDB, inside the DAG's own function: for small deployments, whose file fits into its `/tmp`. */

import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Json } from '../../base/json.ts';
import { BUCKET } from '../../deployment/names.ts';
import { boundStatements, runSql, withConnection } from '../../runtime/duckdb-run.ts';
import { filesIn, statementsOf } from '../../runtime/sql-parts.ts';
import type { AwsClient } from '../signed/command.ts';
import { GetObjectCommand } from '../signed/commands.ts';
import type { CalledEngine } from './called.ts';
import { digestOf, fetched, markOf, replaced, type Version } from './duckdb-file.ts';
import { BUSY, engineError, REFUSED } from './errors.ts';
import { bucketOutputs } from './outputs.ts';
import { connectionOf, type EngineHere, type EnginePlace } from './place.ts';
import { keysOf, type Place, placeOf, told } from './s3-files.ts';

export const duckdbSql: EngineHere = {
  open: duckdbJob,
  // A look changes nothing, and waits for nobody.
  look: (context) => withFolder((folder) => looked({ ...context, dagId: '', folder: '' }, folder)),
};

/** The file, and the connection's files, on this machine. */
interface Here {
  readonly s3: AwsClient;
  /** Folder of this call alone. */
  readonly folder: string;
  readonly database: string;
  /** Where the database is kept. */
  readonly at: Place;
}

function duckdbJob(place: EnginePlace): CalledEngine {
  return {
    async submit(_, token) {
      const output = await withFolder((folder) => written(place, folder, token));
      return { id: `write ${markOf(token)}`, ended: { state: 'done', output } };
    },
    // What was interrupted is run again: nothing of it is in the file.
    poll: async () => ({ state: 'failed', error: REFUSED, cause: 'sql: the statements were interrupted' }),
    cancel: async () => undefined,
  };
}

/** Runs the statements on the newest version, again and again until nobody has been faster. */
async function written(place: EnginePlace, folder: string, token: string): Promise<Json> {
  const here = await hereIn(place, folder);
  const mark = markOf(token);
  const outputs = bucketOutputs(place.clients.s3, place.file.bucket);
  const outputKey = `${place.folder}${token}.json`;
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const version = await fetched(here.s3, here.at, here.database);
    // An earlier call has written, and nobody was told.
    if (version.writes.includes(mark)) return JSON.parse(await outputs.get(outputKey)) as Json;
    const { output, isChanged } = await ran(place, here, version);
    if (!isChanged) return output;
    if ((await place.isStopped?.()) === true)
      throw engineError(REFUSED, 'sql: must be of a run that goes on, got one that is being cancelled');
    // Before the change is there for all: whoever finds it finds its output.
    await outputs.put(outputKey, JSON.stringify(output));
    if (await replaced(here.s3, here.at, { source: here.database, version, mark })) return output;
    place.log.info('the database was written by another run: the statements run again on what is there now');
    place.signal.throwIfAborted();
  }
  throw engineError(BUSY, `s3://${here.at.bucket}/${here.at.key}: was written by others again and again`);
}

/** In one call; the machine's own waits come between calls. */
const MOST_TRIES = 20;

async function looked(place: EnginePlace, folder: string): Promise<Json> {
  const here = await hereIn(place, folder);
  const version = await fetched(here.s3, here.at, here.database);
  return (await ran(place, here, version)).output;
}

async function ran(
  place: EnginePlace,
  { s3, folder, database }: Here,
  { etag }: Version,
): Promise<{ readonly output: Json; readonly isChanged: boolean }> {
  const duckdb = await import('@duckdb/node-api');
  const { args, want, log, signal } = place;
  const files = await filesHere(place, s3, folder);
  const call = {
    ...{ duckdb, args, want, log, signal },
    engine: place.call.engine,
    placeOf: (path: string) => files.get(path) ?? path,
  };
  boundStatements(args, call.placeOf);
  // One that is made here is compared with an empty one.
  if (etag === undefined) (await opened(duckdb, database)).closeSync();
  const before = await digestOf(database);
  const instance = await opened(duckdb, database);
  try {
    const output = await withConnection(instance, signal, async (connection) => {
      const given = await runSql(connection, call);
      await connection.run('checkpoint');
      return given;
    });
    return { output, isChanged: await isOther(instance, database, before) };
  } catch (error) {
    instance.closeSync();
    throw error;
  }
}

/** Closes it: only then all is in the file. */
async function isOther(
  instance: { readonly closeSync: () => void },
  database: string,
  before: string,
): Promise<boolean> {
  instance.closeSync();
  return (await digestOf(database)) !== before;
}

async function opened({ DuckDBInstance }: typeof import('@duckdb/node-api'), database: string) {
  try {
    return await DuckDBInstance.create(database);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw engineError(REFUSED, `database: must be a DuckDB file, got one that cannot be opened (${why})`, {
      cause,
    });
  }
}

async function hereIn({ call, file, clients, ...rest }: EnginePlace, folder: string): Promise<Here> {
  const { database } = connectionOf({ call, file, ...rest }, 'sql');
  const key = `${BUCKET.databases}${database ?? `${call.connection ?? ''}.duckdb`}`;
  return {
    s3: await clients.s3(),
    folder,
    database: join(folder, 'database.duckdb'),
    at: { bucket: file.bucket, key },
  };
}

/** Copies of the files that statements name, by what they are called there. A file that is not there is DuckDB's error. */
async function filesHere(
  { args, file }: EnginePlace,
  s3: AwsClient,
  folder: string,
): Promise<ReadonlyMap<string, string>> {
  const copies = new Map<string, string>();
  const named = filesIn(statementsOf(args)).map(({ path }) => String(path));
  for (const [index, path] of [...new Set(named)].entries()) {
    const place = placeOf(path, file.bucket);
    if (place === undefined) continue;
    const root = join(folder, `files${index}`);
    for (const key of await keysOf(s3, place)) await copied(s3, { ...place, key }, join(root, key));
    copies.set(path, join(root, place.key));
  }
  return copies;
}

async function copied(s3: AwsClient, { bucket, key }: Place, target: string): Promise<void> {
  const what = `s3://${bucket}/${key}`;
  const call = s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const missing = (error: unknown) => {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  };
  const found = await told(what, call.catch(missing));
  if (found === undefined) return;
  await mkdir(dirname(target), { recursive: true });
  await pipeline(found.Body as Readable, createWriteStream(target));
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'tutti-duckdb-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
