/** `s3.key`: objects of any bucket that match. One key is asked for alone; a pattern lists what begins like it. */
import { compareTexts } from '../../base/compare.ts';
import type { Json } from '../../base/json.ts';
import { matchesPath, prefixOf, type S3KeyFound } from '../../engines/sensor.ts';
import type { AwsClient } from '../signed/command.ts';
import { HeadObjectCommand, ListObjectsV2Command } from '../signed/commands.ts';
import { busyOr } from './busy.ts';
import { engineError, REFUSED } from './errors.ts';
import type { EngineHere } from './place.ts';

/** Most keys that a look gives; there may be more. */
const MOST_KEYS = 1000;

export const s3Key: EngineHere = {
  async answer({ args, clients }): Promise<Json> {
    const [bucket, key] = [String(args['bucket'] ?? ''), String(args['key'] ?? '')];
    const prefix = prefixOf(key);
    const look = { client: await clients.s3(), bucket };
    try {
      const keys = prefix === key ? await headOf(look, key) : await matching(look, key, prefix);
      const found: S3KeyFound = { bucket, key: keys[0] ?? '', keys };
      return { ...found };
    } catch (thrown) {
      throw busyOr(thrown, (error) =>
        engineError(REFUSED, `s3://${bucket}/${key}: ${error.name}: ${error.message}`, { cause: error }),
      );
    }
  },
};

interface Look {
  readonly client: AwsClient;
  readonly bucket: string;
}

/** The key, where there is such an object. Without the right to list, S3 says `403` of what is not there. */
async function headOf({ client, bucket }: Look, key: string): Promise<readonly string[]> {
  try {
    await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return [key];
  } catch (error) {
    if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return [];
    throw error;
  }
}

async function matching(
  { client, bucket }: Look,
  pattern: string,
  prefix: string,
): Promise<readonly string[]> {
  const keys: string[] = [];
  let from: string | undefined;
  do {
    const more = from === undefined ? {} : { ContinuationToken: from };
    const command = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ...more });
    const { Contents = [], NextContinuationToken } = await client.send(command);
    keys.push(...Contents.flatMap(({ Key = '' }) => (matchesPath(pattern, Key) ? [Key] : [])));
    from = NextContinuationToken;
  } while (from !== undefined && keys.length < MOST_KEYS);
  return keys.sort(compareTexts).slice(0, MOST_KEYS);
}
