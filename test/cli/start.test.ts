import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';

test('an old Node is told what is needed, and how a project brings its own', () => {
  const old =
    "data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.1.0'}})";
  const args = ['--import', old, 'dist/tutti.js', '--help'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toBe(
    'tutti › node: must be 24 or newer, got 20.1.0; install it, or give this project its own: npm install --save-dev node@24, then npx tutti\n',
  );
});
