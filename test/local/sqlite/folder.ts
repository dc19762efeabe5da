import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
/** In memory where the machine has such a place: what a disk takes to sync is not tested. */
const PLACE = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** A folder of its own, gone when the tests of the file are done. */
export function newFolder(): string {
  const folder = mkdtempSync(join(PLACE, 'tutti-sqlite-'));
  made.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});
