/** Puts files where Athena's tables find them: each alone in a folder. */

import type { AwsClient } from '../signed/command.ts';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
} from '../signed/commands.ts';
import type { FileTable } from './athena-tables.ts';
import { engineError, REFUSED } from './errors.ts';
import { keysOf, listed, type Place, placeOf, told } from './s3-files.ts';

/** A file of JSON that is a list is read whole, to write its rows one a line. Bytes. */
const MAX_LIST_BYTES = 64 * 1024 * 1024;

/** Copies a table's files into its folder; asked again, it writes the same. */
export async function fillFolder(
  s3: AwsClient,
  table: FileTable,
  { bucket, key: folder }: Place,
): Promise<void> {
  const source = placeOf(table.path, bucket);
  if (source === undefined)
    throw engineError(
      REFUSED,
      `sql › file "${table.path}": must be in a bucket for Athena; write it with files.write`,
    );
  const keys = await keysOf(s3, source);
  for (const [index, key] of keys.entries()) {
    const from = { bucket: source.bucket, key };
    const to = { bucket, key: `${folder}${index}.${table.format}` };
    if (table.format === 'json' && (await isList(s3, from))) await copyRows(s3, from, to);
    else await copy(s3, from, to);
  }
}

export async function emptyFolder(s3: AwsClient, folder: Place): Promise<void> {
  for (const key of await listed(s3, folder))
    await told(key, s3.send(new DeleteObjectCommand({ Bucket: folder.bucket, Key: key })));
}

async function copy(s3: AwsClient, from: Place, to: Place): Promise<void> {
  const source = `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`;
  const request = { Bucket: to.bucket, Key: to.key, CopySource: source };
  await told(`s3://${from.bucket}/${from.key}`, s3.send(new CopyObjectCommand(request)));
}

/** A list where the serialiser wants one object a line. */
async function isList(s3: AwsClient, { bucket, key }: Place): Promise<boolean> {
  const at = { Bucket: bucket, Key: key };
  const what = `s3://${bucket}/${key}`;
  const { ContentLength: size = 0 } = await told(what, s3.send(new HeadObjectCommand(at)));
  if (size === 0) return false;
  const { Body } = await told(what, s3.send(new GetObjectCommand({ ...at, Range: 'bytes=0-255' })));
  const begins = ((await Body?.transformToString()) ?? '').trimStart().startsWith('[');
  if (begins && size > MAX_LIST_BYTES)
    throw engineError(
      REFUSED,
      `sql › file "${key}": must be at most ${MAX_LIST_BYTES} bytes as a list for Athena, got ${size}; write one object a line`,
    );
  return begins;
}

async function copyRows(s3: AwsClient, from: Place, to: Place): Promise<void> {
  const what = `s3://${from.bucket}/${from.key}`;
  const { Body } = await told(what, s3.send(new GetObjectCommand({ Bucket: from.bucket, Key: from.key })));
  const rows: unknown = JSON.parse((await Body?.transformToString()) ?? '[]');
  const lines = (Array.isArray(rows) ? rows : [rows]).map((row) => `${JSON.stringify(row)}\n`).join('');
  await told(what, s3.send(new PutObjectCommand({ Bucket: to.bucket, Key: to.key, Body: lines })));
}
