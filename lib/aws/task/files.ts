/** `ctx.files` on AWS: objects below `files/` of the environment's bucket, which one request writes whole. */
import { mkdirSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { compareTexts } from '../../base/compare.ts';
import { BUCKET } from '../../deployment/names.ts';
import type { Files } from '../../model/context.ts';
import { checkedPath, contentOf, jsonIn, notFound } from '../../runtime/file-rules.ts';
import { namedError } from '../../runtime/named-error.ts';
import type { Bucket } from './bucket.ts';

export interface TryFiles {
  readonly files: Files;
  /** Removes the copies on this machine. */
  readonly close: () => Promise<void>;
}

/**
 * What a try has read or written has a copy in `folder` of this machine, so that `path` can name it at once. Copies share
 * the 512 MB of `/tmp`: what does not fit has none. `exists` is true of files alone, where a laptop's is of folders too.
 */
export function bucketFiles(objects: Bucket, folder: string): TryFiles {
  const copies = new Map<string, string>();
  const copied = async (path: string, content: string | Uint8Array) => {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    await writeFile(target, content).then(
      () => copies.set(path, target),
      () => rm(target, { force: true }),
    );
  };
  const read = async (given: string): Promise<Buffer> => {
    const path = normal(given);
    const content = await objects.get(`${BUCKET.files}${path}`);
    if (content === undefined) throw notFound(given);
    await copied(path, content);
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  };
  const files: Files = {
    async write(given, data) {
      const path = normal(given);
      const content = contentOf(data);
      await objects.put(`${BUCKET.files}${path}`, content);
      await copied(path, content);
      return given;
    },
    read,
    text: async (path) => (await read(path)).toString('utf8'),
    json: async (path) => jsonIn(path, (await read(path)).toString('utf8')),
    async list(prefix) {
      if (prefix !== '') checkedPath(prefix);
      const keys = await objects.list(`${BUCKET.files}${prefix}`);
      // What the console makes as folders are objects whose names end so.
      return keys
        .filter((key) => !key.endsWith('/'))
        .map((key) => key.slice(BUCKET.files.length))
        .sort(compareTexts);
    },
    exists: (path) => objects.exists(`${BUCKET.files}${normal(path)}`),
    async remove(given) {
      const path = normal(given);
      await objects.delete(`${BUCKET.files}${path}`);
      copies.delete(path);
      await rm(join(folder, path), { force: true });
    },
    path(given) {
      const copy = copies.get(normal(given));
      if (copy !== undefined) return copy;
      throw namedError(
        'Files.NoPath',
        `files › path "${given}": must have been read or written by this try, so that it has a copy on this machine; await files.read(…) first`,
      );
    },
  };
  return { files, close: () => rm(folder, { recursive: true, force: true }) };
}

/** `a//b` and `./a/b` are `a/b`, as in a folder. */
function normal(path: string): string {
  return posix.normalize(checkedPath(path)).replace(/\/$/, '');
}
