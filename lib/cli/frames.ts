/** Lines of a stack that are the author's: neither ours nor Node's. */
import { dirname } from 'node:path';

/** `at load (/home/me/pipelines/sales.ts:4:17)`, innermost first. */
export function authorFrames(stack: string): readonly string[] {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line) && !isForeign(line))
    .map((line) => line.trim());
}

function isForeign(frame: string): boolean {
  return /node:|node_modules/.test(frame) || frame.includes(OURS);
}

/** `dist/`: this file is in `dist/chunks/`. */
const OURS = dirname(import.meta.dirname);
