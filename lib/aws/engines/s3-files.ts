/** Files that statements name, in buckets. */

import { compareTexts } from '../../base/compare.ts';
import { BUCKET } from '../../deployment/names.ts';
import { matchesPath, prefixOf } from '../../engines/sensor.ts';
import type { AwsClient } from '../signed/command.ts';
import { ListObjectsV2Command } from '../signed/commands.ts';
import { busyOr } from './busy.ts';
import { engineError, REFUSED } from './errors.ts';

/** An object, or with `*` and `?` in its key all that it matches. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

/** A path of `files.write`, or `s3://bucket/key`; `undefined` for the URL of something else. */
export function placeOf(path: string, bucket: string): Place | undefined {
  const [, other, key = ''] = /^s3a?:\/\/([^/]+)\/(.+)$/i.exec(path) ?? [];
  if (other !== undefined) return { bucket: other, key };
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(path) ? undefined : { bucket, key: `${BUCKET.files}${path}` };
}

/** Keys that are meant, sorted; the key itself where it is no pattern. */
export async function keysOf(s3: AwsClient, { bucket, key }: Place): Promise<readonly string[]> {
  if (!/[*?]/.test(key)) return [key];
  return (await listed(s3, { bucket, key: prefixOf(key) })).filter((each) => matchesPath(key, each));
}

/** Keys that begin so, sorted. */
export async function listed(s3: AwsClient, { bucket, key }: Place): Promise<readonly string[]> {
  const keys: string[] = [];
  let after: string | undefined;
  do {
    const request = {
      Bucket: bucket,
      Prefix: key,
      ...(after === undefined ? {} : { ContinuationToken: after }),
    };
    const page = await told(`s3://${bucket}/${key}`, s3.send(new ListObjectsV2Command(request)));
    keys.push(...(page.Contents ?? []).map(({ Key = '' }) => Key));
    after = page.NextContinuationToken;
  } while (after !== undefined);
  return keys.toSorted(compareTexts);
}

/** Faults of S3 as engines tell them. */
export async function told<T>(what: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (thrown) {
    throw busyOr(thrown, (error) =>
      engineError(REFUSED, `${what}: ${error.name}: ${error.message}`, { cause: error }),
    );
  }
}
