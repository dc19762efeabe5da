/** Builds the command line before the tests when a source is newer: they run what a user runs. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function setup(): void {
  if (existsSync('dist/.built') && builtAt() > changedAt()) return;
  const { status } = spawnSync(process.execPath, ['build.ts'], { stdio: 'inherit' });
  if (status !== 0) process.stderr.write('build.ts failed: the tests of the command line run an old one\n');
}

function builtAt(): number {
  return statSync('dist/.built').mtimeMs;
}

function changedAt(): number {
  const files = ['lib', 'bin', 'lambdas'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  return Math.max(...[...files, 'build.ts'].map((file) => statSync(file).mtimeMs));
}
