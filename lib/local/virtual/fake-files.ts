import { compareTexts } from '../../base/compare.ts';
import type { Files } from '../../model/context.ts';
import { isBadPath } from '../../runtime/file-rules.ts';
import { namedError } from '../../runtime/named-error.ts';

/** Files of simulated runs, by their paths, as text. */
export type FakeFiles = Map<string, Uint8Array>;

export function fakeFiles(given: Readonly<Record<string, string | object>> = {}): FakeFiles {
  return new Map(Object.entries(given).map(([path, data]) => [path, bytesOf(data)]));
}

/** Every file as text, in the order of their paths. */
export function textsOf(files: FakeFiles): Readonly<Record<string, string>> {
  const sorted = [...files].sort(([one], [other]) => compareTexts(one, other));
  return Object.fromEntries(sorted.map(([path, data]) => [path, textOf(data)]));
}

/** `ctx.files` on files in memory. */
export function memoryFiles(kept: FakeFiles): Files {
  const found = (path: string): Uint8Array => {
    const data = kept.get(checked(path));
    if (data !== undefined) return data;
    throw namedError('Files.NotFound', `files › "${path}": there is no such file`);
  };
  return {
    write: async (path, data) => {
      kept.set(checked(path), bytesOf(data));
      return path;
    },
    read: async (path) => found(path),
    text: async (path) => textOf(found(path)),
    json: async (path) => {
      try {
        return JSON.parse(textOf(found(path)));
      } catch (cause) {
        if (!(cause instanceof SyntaxError)) throw cause;
        throw namedError('Files.NotJson', `files › "${path}": must be JSON, got ${cause.message}`, { cause });
      }
    },
    list: async (prefix) => [...kept.keys()].filter((path) => path.startsWith(prefix)).sort(compareTexts),
    exists: async (path) => kept.has(checked(path)),
    remove: async (path) => {
      kept.delete(checked(path));
    },
    path: (path) => {
      throw namedError('Files.NoPath', `files › "${path}": has no place on this machine in a simulation`);
    },
  };
}

function checked(path: string): string {
  if (!isBadPath(path)) return path;
  throw namedError(
    'Files.BadPath',
    `files › path: must be relative and stay inside the folder, got "${path}"`,
  );
}

function bytesOf(data: unknown): Uint8Array {
  if (data instanceof Uint8Array) return data;
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data));
}

function textOf(data: Uint8Array): string {
  return Buffer.from(data).toString('utf8');
}
