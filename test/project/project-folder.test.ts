import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { projectFolder } from '../../lib/project/project-folder.ts';

function folderWith(...files: readonly string[]): string {
  const root = mkdtempSync(join(tmpdir(), 'tutti-project-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), '');
  }
  return root;
}

test('a project is where the mark above its app is, wherever that is started', () => {
  const root = folderWith('cdk.json', 'sales/tutti.config.ts', 'other/cdk.json', 'mine/tutti.config.ts');
  const other = join(root, 'other');
  const folderOf = (script: string) => projectFolder({ script, workingDirectory: other });
  expect(folderOf(join(root, 'sales/bin/app.ts'))).toBe(join(root, 'sales'));
  expect(folderOf(join(root, 'bin/deep/app.ts'))).toBe(root);
  expect(folderOf('bin/app.ts')).toBe(other);
  // One app for many projects.
  const workingDirectory = join(root, 'mine');
  expect(projectFolder({ script: join(root, 'bin/app.ts'), workingDirectory })).toBe(workingDirectory);
});

test('a tool that runs an app says nothing of where it is: the working directory does', () => {
  const root = folderWith('tutti.config.ts', 'node_modules/x/cdk.json', 'test/deep/one.ts');
  const script = join(root, 'node_modules/x/run.js');
  const workingDirectory = join(root, 'test/deep');
  expect(projectFolder({ script, workingDirectory })).toBe(root);
  expect(projectFolder({ script: undefined, workingDirectory })).toBe(root);
});

test('without a mark it is the working directory', () => {
  const root = folderWith('bin/app.ts');
  expect(projectFolder({ script: join(root, 'bin/app.ts'), workingDirectory: '/' })).toBe('/');
});
