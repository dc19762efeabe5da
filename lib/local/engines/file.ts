import type { FileFound } from '../../engines/sensor.ts';
import { matchesPath, prefixOf } from '../../engines/sensor.ts';
import type { LocalEngine } from './local-engine.ts';

/** Files of the environment that match `path`: `{ path, paths }`, `paths` empty where there is none. */
export const exists: LocalEngine = async ({ args, context }) => {
  const pattern = typeof args['path'] === 'string' ? args['path'] : '';
  const inside = await context.files.list(prefixOf(pattern));
  const paths = inside.filter((path) => matchesPath(pattern, path));
  const [path = ''] = paths;
  const found: FileFound = { path, paths };
  return { ...found };
};
