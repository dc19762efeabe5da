/** What becomes of `tutti dev` when its store does not stay what it was. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SALES } from '../cli/sales.ts';
import { project, tutti } from '../cli/tutti.ts';
import { startDev } from './dev.ts';

test('ends where its store is removed: what it writes would be kept by nobody', async () => {
  const root = project({ 'pipelines/sales.ts': SALES });
  const dev = await startDev(root, '--no-sample');
  await dev.next('loaded');
  const ended = new Promise((resolve) => dev.child.once('close', resolve));
  const file = join(root, '.tutti/store.sqlite');
  renameSync(file, `${file}.away`);
  expect(await ended).toBe(1);
  expect(dev.said.at(-1)).toMatchObject({ event: 'error', code: 'store-gone' });
});

test('ends where its store is no sound one, says so once and leaves the file', async () => {
  const root = project({ 'pipelines/sales.ts': SALES });
  await tutti(root, 'trigger', 'sales', '-d', '2026-01-05', '--no-wait');
  const file = join(root, '.tutti/store.sqlite');
  const unsound = readFileSync(file).fill(0x5a, 4096);
  writeFileSync(file, unsound);
  const { code, stderr } = await tutti(root, 'dev', '--port', '0');
  expect(code).toBe(1);
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining('must be a sound store, got ')]);
  expect(readFileSync(file).equals(unsound)).toBe(true);
});
