import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, posix, resolve } from 'node:path';
import type { Files } from '../../model/context.ts';
import { checkedPath, contentOf, jsonIn, notFound } from '../../runtime/file-rules.ts';
import { isNamed } from '../../runtime/named-error.ts';

let writes = 0;

/** Files of a run here: a folder, which paths cannot leave. */
export function folderFiles(folder: string): Files {
  const at = (path: string) => join(folder, checkedPath(path));
  const read = async (path: string) => found(path, readFile(at(path)));
  return {
    async write(path, data) {
      const target = at(path);
      // Written beside it and renamed: a reader sees the old content or the new, never a part.
      const draft = join(dirname(target), `.${process.pid}-${writes++}.tmp`);
      await mkdir(dirname(target), { recursive: true });
      try {
        await writeFile(draft, contentOf(data));
        await rename(draft, target);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      return path;
    },
    read,
    text: async (path) => (await read(path)).toString('utf8'),
    json: async (path) => jsonIn(path, (await read(path)).toString('utf8')),
    async list(prefix) {
      const start = prefix === '' || prefix.endsWith('/') ? prefix : posix.dirname(prefix);
      const base = start === '' || start === '.' ? folder : at(start);
      const entries = await readdir(base, { recursive: true, withFileTypes: true }).catch(() => []);
      const paths = entries
        .filter((entry) => entry.isFile() && !DRAFT.test(entry.name))
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(folder.length + 1)
            .replaceAll('\\', '/'),
        );
      return paths.filter((path) => path.startsWith(prefix)).sort();
    },
    exists: async (path) => (await stat(at(path)).catch(() => undefined)) !== undefined,
    remove: async (path) => rm(at(path), { force: true }),
    path: (path) => resolve(at(path)),
  };
}

const DRAFT = /^\.\d+-\d+\.tmp$/;

async function found<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    if (!isNamed(cause, 'ENOENT')) throw cause;
    throw notFound(path, cause);
  }
}
