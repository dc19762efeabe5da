import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { project, tutti } from './tutti.ts';

/** Every task notes its name in ran.txt; `load` fails while broken.txt is there. */
const STEPS = `
import { appendFileSync, existsSync } from 'node:fs';
import { dag, eq, fn } from 'tutti';

const note = (name, value) => fn(() => { appendFileSync('ran.txt', name + ' '); return value; });

export const steps = dag('steps', { schedule: '@daily' }, ({ task, branch, group, chain }) => {
  const fetch = task('fetch', note('fetch', { rows: 3, path: 'a.json' }));
  const size = branch('size', fn({ rows: fetch.output.rows }, ({ rows }) => (rows > 2 ? 'big' : 'small')));
  const big = task('big', note('big', {}), { after: size.to('big') });
  task('small', note('small', {}), { after: size.to('small') });
  const files = task.map('files', ['x', 'y'], (name) => fn({ name }, ({ name }) => { appendFileSync('ran.txt', 'files '); return { name }; }));
  const load = task('load', fn({ rows: fetch.output.rows, files: files.output }, ({ rows, files }) => {
    appendFileSync('ran.txt', 'load:' + rows + ':' + files.map(({ name }) => name).join('') + ' ');
    if (existsSync('broken.txt')) throw new Error('no such table');
    return { loaded: rows };
  }), { after: big });
  task('report', fn({ loaded: load.output.loaded }, ({ loaded }) => { appendFileSync('ran.txt', 'report:' + loaded + ' '); }));
});
`;

async function broken(): Promise<string> {
  const root = project({ 'pipelines/steps.ts': STEPS, 'broken.txt': '' });
  const { code } = await tutti(root, 'run', 'steps', '--logical-date', '2026-08-22');
  expect(code).toBe(1);
  writeFileSync(join(root, 'ran.txt'), '');
  return root;
}

const ran = (root: string) => readFileSync(join(root, 'ran.txt'), 'utf8').trim();

describe('tutti run --from', () => {
  test('runs a failed task and what is below again, with what the others gave', async () => {
    const root = await broken();
    rmSync(join(root, 'broken.txt'));
    const { code, stdout } = await tutti(root, 'run', 'steps', '--from', 'load', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      run: { state: 'success', logicalDate: '2026-08-22T00:00:00Z' },
    });
    expect(code).toBe(0);
    expect(ran(root)).toBe('load:3:xy report:3');
  });

  test('says what ran again, what was kept, and which failure is of the run before', async () => {
    const root = await broken();
    const { code, stdout } = await tutti(root, 'run', 'steps', '--only', 'big');
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✓ success {2}big in .*\n\n✕ failed/);
    expect(stdout).toMatch(
      /✕ load failed\n +it failed in \S+-steps, and was not run again; to do so: --from load/,
    );
    expect(stdout).toMatch(/ {2}again +big of \S+-steps\n {2}tasks +1 success, 6 kept\n/);
    const logs = await tutti(root, 'logs', 'latest');
    expect(logs.stdout).toMatch(/\n {2}again big of \S+-steps\n/);
  });

  test('again after a rerun keeps what that one did', async () => {
    const root = await broken();
    await tutti(root, 'run', 'steps', '--only', 'big');
    expect(ran(root)).toBe('big');
    const { code, stdout } = await tutti(root, 'run', 'steps', '--only', 'size', '--dry-run', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      runs: ['size'],
      keeps: expect.arrayContaining([
        { task: 'fetch', state: 'success' },
        { task: 'load', state: 'failed' },
        { task: 'small', state: 'skipped' },
        { task: 'report', state: 'upstream_failed' },
      ]),
    });
  });

  test('leaves what a brancher did not choose skipped', async () => {
    const root = await broken();
    const { stdout } = await tutti(root, 'run', 'steps', '--from', 'size', '--json');
    expect(ran(root)).toBe('big load:3:xy');
    expect(JSON.parse(stdout)).toMatchObject({ run: { state: 'failed' } });
  });
});

describe('refuses, and starts nothing,', () => {
  test.each([
    ['a task that is none', ['--only', 'lod'], 3, 'did you mean "load"?'],
    ['a date that never ran', ['--only', 'load', '-d', '2026-08-01'], 3, 'must have run here for 2026-08-01'],
    ['what waits for a failure', ['--only', 'report'], 5, 'run that again, too: --from load'],
    ['params of its own', ['--only', 'load', '-p', 'x=1'], 2, 'has the params of its run'],
  ])('%s', async (_what, flags, exit, text) => {
    const root = await broken();
    const { code, stderr } = await tutti(root, 'run', 'steps', ...flags);
    expect({ code, stderr }).toEqual({ code: exit, stderr: expect.stringContaining(text) });
    expect(ran(root)).toBe('');
  });

  test('another version', async () => {
    const root = await broken();
    const file = join(root, 'pipelines/steps.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace("task('report',", "task('reported',"));
    const { code, stderr } = await tutti(root, 'run', 'steps', '--only', 'load');
    expect({ code, stderr }).toEqual({ code: 5, stderr: expect.stringContaining('got another one') });
    expect(ran(root)).toBe('');
  });
});
