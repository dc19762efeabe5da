import type { Json, JsonObject } from '../base/json.ts';
import { type FileFound, matchesPath, prefixOf } from '../engines/sensor.ts';
import type { Files } from '../model/context.ts';

/** `file.exists`: files of the environment that match `path`: `{ path, paths }`, `paths` empty where there is none. */
export async function filesFound(files: Pick<Files, 'list'>, args: JsonObject): Promise<Json> {
  const pattern = typeof args['path'] === 'string' ? args['path'] : '';
  const inside = await files.list(prefixOf(pattern));
  const paths = inside.filter((path) => matchesPath(pattern, path));
  const [path = ''] = paths;
  const found: FileFound = { path, paths };
  return { ...found };
}
