import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { compareTexts } from '../../base/compare.ts';
import type { Difference } from './difference.ts';

/** Hash and bytes of every file of a folder, by its path in it. */
export type FileHashes = ReadonlyMap<string, { readonly hash: string; readonly bytes: number }>;

export async function fileHashes(folder: string): Promise<FileHashes> {
  const found = new Map<string, { hash: string; bytes: number }>();
  if (!existsSync(folder)) return found;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const hash = createHash('sha256');
    const stream = createReadStream(file);
    await pipeline(stream, hash);
    found.set(relative(folder, file).replaceAll('\\', '/'), {
      hash: hash.digest('hex'),
      bytes: stream.bytesRead,
    });
  }
  return found;
}

/** Files that a second run left otherwise. */
export function fileDifferences(first: FileHashes, second: FileHashes): readonly Difference[] {
  const paths = [...new Set([...first.keys(), ...second.keys()])].sort(compareTexts);
  return paths.flatMap((name): readonly Difference[] => {
    const [one, other] = [first.get(name), second.get(name)];
    if (one?.hash === other?.hash) return [];
    return [{ kind: 'file', name, got: gotText(one?.bytes, other?.bytes) }];
  });
}

function gotText(one: number | undefined, other: number | undefined): string {
  if (one === undefined) return 'a file only after the second run';
  if (other === undefined) return 'no file after the second run';
  return one === other ? `other content of as many bytes (${one})` : `${one} bytes, then ${other}`;
}
