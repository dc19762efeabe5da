/**
 * A DuckDB file in the environment's bucket: one version of it is fetched, used, and replaces itself, on the condition that
 * nobody else has replaced it meanwhile. So writers come one after the other, whichever runs they are of: no write is lost,
 * and nobody holds a lock that could be left behind.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */

import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AwsClient } from '../signed/command.ts';
import { GetObjectCommand, PutObjectCommand } from '../signed/commands.ts';
import { type Place, told } from './s3-files.ts';

/** The version that was fetched. */
export interface Version {
  /** Absent: there is none yet. */
  readonly etag?: string;
  /** Marks of the last writes, the newest first. */
  readonly writes: readonly string[];
}

/** Name of the metadata with the marks. */
const WRITES = 'tutti-writes';

/** Of 17 characters each, they are well within the 2 KB of an object's metadata. */
const KEPT_WRITES = 60;

/** Mark of a write: whoever submitted it finds it again. */
export function markOf(token: string): string {
  return token.slice(0, 16);
}

/** Fetches the file to `target`; nothing is there where there is none. */
export async function fetched(s3: AwsClient, { bucket, key }: Place, target: string): Promise<Version> {
  try {
    const found = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    await pipeline(found.Body as Readable, createWriteStream(target));
    const marks = found.Metadata?.[WRITES] ?? '';
    return {
      writes: marks.split(' ').filter((mark) => mark !== ''),
      ...(found.ETag === undefined ? {} : { etag: found.ETag }),
    };
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return { writes: [] };
    return told(`s3://${bucket}/${key}`, Promise.reject(error));
  }
}

export interface Replacement {
  /** The file that takes its place. */
  readonly source: string;
  /** What it was made from. */
  readonly version: Version;
  /** Of this write. */
  readonly mark: string;
}

/** False where somebody else has replaced it since it was fetched. */
export async function replaced(
  s3: AwsClient,
  { bucket, key }: Place,
  { source, version, mark }: Replacement,
): Promise<boolean> {
  const request = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    // Not as a stream: that could not be sent twice.
    Body: await readFile(source),
    Metadata: { [WRITES]: [mark, ...version.writes].slice(0, KEPT_WRITES).join(' ') },
    ...(version.etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: version.etag }),
  });
  try {
    await s3.send(request);
    return true;
  } catch (error) {
    if (error instanceof Error && CONFLICTS.has(error.name)) return false;
    return told(`s3://${bucket}/${key}`, Promise.reject(error));
  }
}

/** The second one: two replaced it at once. The last one: it was removed. */
const CONFLICTS = new Set(['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey']);

export async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
