import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compareTexts } from '../../lib/base/compare.ts';
import { projectName } from '../../lib/cli/new-project.ts';
import { project, tutti } from './tutti.ts';

const FILES = [
  '.gitignore',
  'README.md',
  'bin/app.ts',
  'cdk.json',
  'package.json',
  'pipelines/orders.ts',
  'pipelines/weekly-report.ts',
  'test/pipelines.test.ts',
  'tsconfig.json',
  'tutti.config.ts',
];

test('a new folder gets every file, under its own name, and is sound', async () => {
  const root = project({});
  const { code, stdout } = await tutti(root, 'init', 'Sales Data', '--no-install', '--json');
  const folder = join(root, 'Sales Data');
  expect(code).toBe(0);
  const answer = JSON.parse(stdout);
  expect(answer).toMatchObject({
    folder,
    name: 'sales-data',
    packageJson: 'created',
    installed: false,
  });
  expect(filesIn(folder)).toEqual(FILES);
  expect(answer.files.toSorted(compareTexts)).toEqual(FILES);
  expect(readFileSync(join(folder, 'README.md'), 'utf8')).toMatch(/^# sales-data\n/);
  expect((await tutti(folder, 'check')).stdout).toContain('2 DAGs, no mistakes');
});

test('a person reads what was written, and what to do next', async () => {
  const { stdout } = await tutti(project({}), 'init', 'sales', '--no-install');
  expect(stdout).toContain('✓ sales: 10 files\n');
  for (const file of FILES) expect(stdout).toContain(`  ${file}\n`);
  expect(stdout).toContain('\n  cd sales\n  npm install\n  npm test\n  npx tutti run orders\n');
});

test('what is there is named, and nothing is written', async () => {
  const root = project({ 'README.md': 'mine', 'bin/app.ts': 'mine', 'notes.txt': 'mine' });
  const { code, stdout, stderr } = await tutti(root, 'init', '--json');
  expect(code).toBe(5);
  expect(stderr).toContain('must have none of its files, got README.md, bin/app.ts; nothing was written');
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'files-exist' } });
  expect(filesIn(root)).toEqual(['README.md', 'bin/app.ts', 'notes.txt']);
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toBe('mine');
});

test('other files in the folder are left alone, and package.json is completed', async () => {
  const root = project({ 'notes.txt': 'mine', 'package.json': '{ "name": "mine", "type": "commonjs" }' });
  const { code, stdout } = await tutti(root, 'init', '--no-install');
  expect(code).toBe(0);
  expect(stdout).toContain('package.json completed: type, scripts, dependencies');
  expect(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))).toMatchObject({
    name: 'mine',
    type: 'module',
  });
});

test.each([
  [{ 'package.json': '{' }, 'package.json: must be a JSON object, got {'],
  [{ 'package.json': '{}', 'index.js': 'exports.a = 1' }, 'type: must be "module" where there is code'],
  [
    { 'package.json': '{ "type": "commonjs", "main": "a.js" }', 'a.js': '' },
    'got "commonjs" and a.js; name another folder',
  ],
])('a package.json that cannot be completed is refused: %o', async (files, text) => {
  const root = project(files);
  const { code, stderr } = await tutti(root, 'init');
  expect({ code, written: existsSync(join(root, 'pipelines')) }).toEqual({ code: 1, written: false });
  expect(stderr).toContain(text);
});

test('a file where the folder should be is a usage error', async () => {
  const { code, stderr } = await tutti(project({ sales: '' }), 'init', 'sales');
  expect(code).toBe(2);
  expect(stderr).toMatch(/tutti init › folder: must be a folder, got the file ".*sales"/);
});

test('a folder that cannot be made is refused', async () => {
  const { code, stderr } = await tutti(project({ sales: '' }), 'init', 'sales/deep');
  expect(code).toBe(1);
  expect(stderr).toContain('must be one that can be written');
});

test.each([
  ['/work/Sales Data', 'sales-data'],
  ['/work/2026_orders!', 'orders'],
  ['/work/Ärzte', 'rzte'],
  ['/work/---', 'my-pipelines'],
  ['/', 'my-pipelines'],
  ['/work/tutti', 'my-pipelines'],
  [`/work/${'a'.repeat(39)}-b`, 'a'.repeat(39)],
])('the name of a project in %s is %s', (folder, name) => {
  expect(projectName(folder)).toBe(name);
});

function filesIn(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((file) => !file.startsWith('.tutti'))
    .sort(compareTexts);
}
