import type { JsonObject } from '../../base/json.ts';
import { matchesPath, prefixOf, type S3KeyFound } from '../../engines/sensor.ts';
import type { LocalEngine } from './local-engine.ts';

/** Objects of a bucket, which here is a folder of its name among the files of the environment. */
export const s3Key: LocalEngine = async ({ args, context }) => {
  const [bucket, key] = [textIn(args, 'bucket'), textIn(args, 'key')];
  const paths = await context.files.list(`${bucket}/${prefixOf(key)}`);
  const keys = paths.map((path) => path.slice(bucket.length + 1)).filter((path) => matchesPath(key, path));
  const found: S3KeyFound = { bucket, key: keys[0] ?? '', keys };
  return { ...found };
};

function textIn(args: JsonObject, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : '';
}
