import { appendFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { BROKEN, SALES, SLOW } from './sales.ts';
import { project, start, tutti } from './tutti.ts';

test('tells what happened in the order it happened', async () => {
  const root = project({ 'pipelines/sales.ts': SALES });
  await tutti(root, 'run', 'sales', '-d', '2026-08-22');
  const { code, stdout } = await tutti(root, 'logs', 'latest');
  expect(code).toBe(0);
  const lines = stdout
    .split('\n')
    .map((line) => line.replace(/^\d\d:\d\d:\d\d\.\d{3} {2}/, '').replace(/ in \S+$/, ''));
  expect(lines.slice(3, -1)).toEqual([
    '▶ fetch',
    '  fetch INFO  printed by the task',
    '  fetch INFO  fetched {"day":"2026-08-22","region":"eu"}',
    '✓ success  fetch',
    '▶ load',
    '✓ success  load',
  ]);
});

test('shows one task, and as a document with --json', async () => {
  const root = project({ 'pipelines/broken.ts': BROKEN });
  await tutti(root, 'run', 'broken');
  const [plain, json] = await Promise.all([
    tutti(root, 'logs', 'latest', 'boom'),
    tutti(root, 'logs', 'latest', 'boom', '--json'),
  ]);
  expect(plain.stdout).toContain('✕ failed  boom');
  expect(plain.stdout).not.toContain('after');
  expect(JSON.parse(json.stdout)).toMatchObject({
    run: { dagId: 'broken', state: 'failed', alive: true },
    tasks: [{ id: 'boom', state: 'failed', tries: [{ error: 'Error', cause: 'no such table' }] }],
    logs: [{ task: 'boom', try: 1 }],
  });
});

test('reads a run whose process was killed up to its last whole line', async () => {
  const root = project({ 'pipelines/slow.ts': SLOW });
  const { child, done, printed } = start(root, 'run', 'slow');
  await printed('running  wait');
  child.kill('SIGKILL');
  await done;
  const folder = join(root, '.tutti/runs', readdirSync(join(root, '.tutti/runs'))[0] ?? '');
  appendFileSync(join(folder, 'events.jsonl'), '{"id":99,"type":"TaskSuc');
  const { code, stdout } = await tutti(root, 'logs', 'latest');
  expect(code).toBe(0);
  expect(stdout).toContain('its process is gone');
  expect(stdout).toContain('▶ wait');
});

test.each([
  ['a run', ['logs', 'nope'], 'got "nope"; the newest are'],
  ['a task', ['logs', 'latest', 'fecth'], 'got "fecth"; did you mean "fetch"?'],
])('%s that is none is not found', async (_, args, text) => {
  const root = project({ 'pipelines/sales.ts': SALES });
  await tutti(root, 'run', 'sales');
  const { code, stderr } = await tutti(root, ...args);
  expect(code).toBe(3);
  expect(stderr).toContain(text);
});

test('where nothing ran yet, says how to begin', async () => {
  const { code, stderr } = await tutti(project({}), 'logs', 'latest');
  expect(code).toBe(3);
  expect(stderr).toContain('nothing ran here yet: start with tutti run <dag>');
});

test('needs no pipeline file: the run keeps its own manifest', async () => {
  const root = project({ 'pipelines/sales.ts': SALES });
  await tutti(root, 'run', 'sales');
  writeFileSync(join(root, 'pipelines/sales.ts'), 'const = 1;');
  expect((await tutti(root, 'logs', 'latest')).code).toBe(0);
  expect(readFileSync(join(root, 'pipelines/sales.ts'), 'utf8')).toBe('const = 1;');
});
