/** What a `tutti dev` cannot go on without. */
import { statSync } from 'node:fs';
import { RefusedError } from '../../base/errors.ts';

const LOOK_MS = 1000;
const ENDS: ReadonlySet<string> = new Set(['store-corrupt', 'store-gone']);

/** Whether an error is of a store that nothing can be kept in any more. */
export function endsAll(error: unknown): error is RefusedError {
  return error instanceof RefusedError && ENDS.has(error.code);
}

/**
 * Tells when `file` is no longer the one that it is now. What is written then is kept by nobody: commands find no store,
 * or another one.
 */
export function watchStoreFile(
  file: string,
  signal: AbortSignal,
  onGone: (error: RefusedError) => void,
): void {
  const inode = inodeOf(file);
  const timer = setInterval(() => {
    if (inodeOf(file) === inode) return;
    clearInterval(timer);
    const text = `store › ${file}: must stay where it is while tutti dev runs, got removed or replaced; start tutti dev again`;
    onGone(new RefusedError('store-gone', text));
  }, LOOK_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer));
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}
