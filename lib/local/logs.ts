/** Reads logs of tries a page at a time, from wherever it is asked: never a whole file into one reply. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { RefusedError } from '../base/errors.ts';
import type { LoggedTryKey, LogPage, LogQuery, LogReader } from '../orchestrator/ports.ts';
import { isNamed } from '../runtime/named-error.ts';
import { LineCounts } from './logs/line-counts.ts';
import { matcher } from './logs/matcher.ts';
import { backward, forward, type Place, START } from './logs/scan.ts';
import { logFile, runsFolder } from './run-folder.ts';

const MAX_LINES = 1_000;

/** The logs of the executions in a project's `.tutti/runs`. */
export function fileLogs(root: string): LogReader {
  const counts = new LineCounts();
  return {
    async read(of, query) {
      const file = logFile(join(runsFolder(root), safe('execution', of.execution)), checked(of));
      const handle = await opened(file);
      if (handle === undefined) return { lines: [], next: cursorOf(START), end: true };
      try {
        return await pageOf(handle, query, () => counts.of(file, handle));
      } finally {
        await handle.close();
      }
    },
  };
}

async function pageOf(handle: FileHandle, query: LogQuery, lines: () => Promise<Place>): Promise<LogPage> {
  const { after, before, limit = 200 } = query;
  const asked = { isMeant: matcher(query), limit: Math.min(Math.max(1, limit), MAX_LINES) };
  if (after !== undefined) {
    const from = placeOf(after);
    const { found, at, isAtEnd } = await forward(handle, from, asked);
    const prev = from.offset === 0 ? {} : { prev: after };
    return { lines: found.map(({ line }) => line), next: cursorOf(at), ...prev, end: isAtEnd };
  }
  const to = before === undefined ? await lines() : placeOf(before);
  const { found, at } = await backward(handle, to, asked);
  const next = before === undefined ? to : (found.at(-1)?.end ?? to);
  return {
    lines: found.map(({ line }) => line),
    next: cursorOf(next),
    ...(at.offset === 0 ? {} : { prev: cursorOf(at) }),
    end: before === undefined,
  };
}

async function opened(file: string): Promise<FileHandle | undefined> {
  try {
    return await open(file, 'r');
  } catch (error) {
    if (isNamed(error, 'ENOENT') || isNamed(error, 'ENOTDIR') || isNamed(error, 'ENAMETOOLONG'))
      return undefined;
    throw error;
  }
}

function cursorOf({ offset, n }: Place): string {
  return `${offset}-${n}`;
}

/** @throws {RefusedError} `invalid-cursor` */
function placeOf(cursor: string): Place {
  const [match, offset, n] = /^(\d{1,15})-(\d{1,15})$/.exec(cursor) ?? [];
  if (match !== undefined) return { offset: Number(offset), n: Number(n) };
  throw new RefusedError(
    'invalid-cursor',
    `log › cursor: must be one that a page gave, got "${cursor.slice(0, 40)}"; read without it`,
  );
}

function checked({ task, instance, try: count }: LoggedTryKey): LoggedTryKey & { readonly try: number } {
  const which = instance === undefined ? {} : { instance: safe('instance', instance) };
  if (Number.isInteger(count) && count >= 1)
    return { execution: '', task: safe('task', task), ...which, try: count };
  throw new RefusedError('invalid-id', `log › try: must be a number from 1, got ${count}`);
}

/**
 * What is one name of a file.
 *
 * @throws {RefusedError} `invalid-id`
 */
function safe(what: string, id: string): string {
  if (id !== '' && id.length <= 255 && !/[/\\\0]/.test(id) && !/^\.+$/.test(id)) return id;
  throw new RefusedError(
    'invalid-id',
    `log › ${what}: must be an id, got ${JSON.stringify(id.slice(0, 40))}`,
  );
}
