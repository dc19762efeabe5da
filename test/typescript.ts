import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** What `tsc` says about the files of a folder that is not the project's own; empty when it is content. */
export async function typeErrors(folder: string): Promise<string> {
  const config = { extends: resolve('tsconfig.json'), include: ['*.ts'], exclude: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  try {
    await promisify(execFile)(resolve('node_modules/.bin/tsc'), ['-p', folder]);
    return '';
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'stdout' in error) return String(error.stdout);
    throw error;
  }
}
