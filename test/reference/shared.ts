import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Conformance material lies beside the project; a clone without it skips what needs it. */
export const SHARED = join(import.meta.dirname, '../../../shared/conformance');

export const hasShared = existsSync(SHARED);

/** Names of the `.json` files directly in a folder, sorted; none where there is no folder. */
export function jsonFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort();
}

/** Content of a JSON file; its shape is the caller's word. */
export function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
