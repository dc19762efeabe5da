/** What `ctx.files` takes and gives, wherever the files are. */
import type { Files, Untyped } from '../model/context.ts';
import { namedError } from './named-error.ts';

/** @throws {Error} `Files.BadPath` when the path leaves the folder, or names none */
export function checkedPath(path: string): string {
  if (!isBadPath(path)) return path;
  throw namedError(
    'Files.BadPath',
    `files › path: must be relative and stay inside the folder, got "${path}"; write "raw/orders.json"`,
  );
}

/** Whether a path leaves the folder, or names none. */
export function isBadPath(path: string): boolean {
  if (path === '' || path.includes('\0') || /^([/\\]|[a-zA-Z]:)/.test(path)) return true;
  return path.split(/[/\\]/).includes('..');
}

/** Text and bytes as they are, anything else as JSON. */
export function contentOf(data: Parameters<Files['write']>[1]): string | Uint8Array {
  return typeof data === 'string' || data instanceof Uint8Array ? data : JSON.stringify(data);
}

/** A file's text as JSON; its shape is the caller's word. @throws {Error} `Files.NotJson` */
export function jsonIn(path: string, text: string): Untyped {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw namedError('Files.NotJson', `files › "${path}": must be JSON, got ${why}`, { cause });
  }
}

export function notFound(path: string, cause?: unknown): Error {
  return namedError('Files.NotFound', `files › "${path}": there is no such file`, { cause });
}
