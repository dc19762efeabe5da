import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { BROKEN, SALES, SLOW } from './sales.ts';
import { project, start, tutti } from './tutti.ts';

const SQL = `
import { connection, dag, sql } from 'tutti';

const warehouse = connection.sql('warehouse');

export const report = dag('report', {}, ({ task }) => {
  task('count', warehouse.query(sql\`select 1 as n\`));
});
`;
const CONFIG = `
import { defineConfig } from 'tutti';

export const config = defineConfig({ environments: { local: { connections: { warehouse: { kind: 'sql' } } } } });
`;

describe('tutti run', () => {
  test('prints one line for each change of a task and a summary', async () => {
    const root = project({ 'pipelines/sales.ts': SALES });
    const { code, stdout, stderr } = await tutti(root, 'run', 'sales', '--logical-date', '2026-08-22');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^✓ success {2}fetch in /m);
    expect(stdout).toMatch(/^✓ success {2}sales in /m);
    expect(stdout).toContain('2026-08-22 (2026-08-22T00:00:00Z to 2026-08-23T00:00:00Z)');
    expect(stdout).toMatch(/next +.*tutti logs \d{8}T\d{9}Z-sales/);
  });

  test('prints one document with --json, whatever a task prints', async () => {
    const root = project({ 'pipelines/sales.ts': SALES });
    const { code, stdout } = await tutti(root, 'run', 'sales', '--json', '-p', 'region=us', '-p', 'limit=3');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      run: { dag: 'sales', state: 'success', params: { region: 'us', limit: 3 } },
      tasks: [
        { id: 'fetch', state: 'success' },
        { id: 'load', state: 'success' },
      ],
    });
  });

  test('a failed run names task, error, cause and log, and exits with 1', async () => {
    const { code, stdout } = await tutti(project({ 'pipelines/broken.ts': BROKEN }), 'run', 'broken');
    expect(code).toBe(1);
    expect(stdout).toMatch(/✕ boom failed\n +Error: no such table\n +\.tutti\/runs\/.*\/logs\/boom\.1\.log/);
    expect(stdout).toContain('1 failed, 1 upstream failed');
    expect(stdout).toMatch(/next +.*tutti logs .*-broken boom/);
  });

  test.each([[[]], [['--isolate']]])('a failed task’s log names the author’s line %j', async (flags) => {
    const root = project({ 'pipelines/broken.ts': BROKEN });
    await tutti(root, 'run', 'broken', ...flags);
    const [id = ''] = readdirSync(join(root, '.tutti/runs'));
    const log = readFileSync(join(root, '.tutti/runs', id, 'logs/boom.1.log'), 'utf8');
    expect(log).toContain(`at <anonymous> (${join(root, 'pipelines/broken.ts')}:6:11)`);
    expect(log).not.toContain('.tutti/cache');
  });

  test('says why a task failed that calls nothing', async () => {
    const source = `
import { dag, param, sensor } from 'tutti';

export const until = dag('until', { params: { when: param.string() } }, ({ task, params }) => {
  task('wait', sensor.at(params.when));
});
`;
    const root = project({ 'pipelines/until.ts': source });
    const { code, stdout } = await tutti(root, 'run', 'until', '-p', 'when=soon');
    expect(code).toBe(1);
    expect(stdout).toMatch(/✕ wait failed\n +its instant must be ISO 8601 with a zone/);
  });

  test('a run that takes too long exits with 6', async () => {
    const { code, stdout } = await tutti(project({ 'pipelines/slow.ts': SLOW }), 'run', 'late');
    expect(code).toBe(6);
    expect(stdout).toContain('States.Timeout');
  });

  test('Ctrl-C aborts the tasks, records the run as cancelled and exits with 130', async () => {
    const root = project({ 'pipelines/slow.ts': SLOW });
    const { child, done, printed } = start(root, 'run', 'slow');
    await printed('running  wait');
    child.kill('SIGINT');
    const { code, stdout } = await done;
    expect(code).toBe(130);
    expect(stdout).toContain('■ cancelled  slow');
    const [id = ''] = readdirSync(join(root, '.tutti/runs'));
    expect(JSON.parse(readFileSync(join(root, '.tutti/runs', id, 'run.json'), 'utf8')).state).toBe(
      'cancelled',
    );
  });
});

describe('an error that nobody waits for', () => {
  const crash = (body: string) => ({
    'pipelines/crash.ts': [
      "import { setTimeout } from 'node:timers/promises';",
      "import { dag, fn } from 'tutti';",
      '',
      "export const crash = dag('crash', {}, ({ task }) => {",
      `  task('lost', fn(async () => { ${body}; await setTimeout(60_000); }));`,
      '});',
    ].join('\n'),
  });

  test.each([
    "void Promise.reject(new Error('boom'))",
    "globalThis.setTimeout(() => { throw new Error('boom'); })",
  ])('%s ends the process with its place and the remedy, and the run is recorded as failed', async (body) => {
    const root = project(crash(body));
    const { code, stderr } = await tutti(root, 'run', 'crash');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^dag "crash" › fn: must wait for what it starts, got an error that nobody waited for: boom, at pipelines\/crash\.ts:5:\d+; await it, or run it with --isolate, .*\n$/,
    );
    const logs = await tutti(root, 'logs', 'latest');
    expect(logs.stdout).toMatch(/✕ failed in .*crash/);
    expect(logs.stdout).toContain('Dag.RunCrashed: dag "crash" › fn: must wait');
    expect(logs.stdout).toContain('✕ failed  lost');
  });
});

test('an error that nobody waits for fails one try with --isolate', async () => {
  const root = project({
    'pipelines/crash.ts': `
      import { setTimeout } from 'node:timers/promises';
      import { dag, fn } from 'tutti';

      export const crash = dag('crash', {}, ({ task }) => {
        task('lost', fn(async () => { void Promise.reject(new RangeError('boom')); await setTimeout(60_000); }));
        task('other', fn(async () => { await setTimeout(500); return 1; }));
      });
    `,
  });
  const { code, stdout } = await tutti(root, 'run', 'crash', '--isolate');
  expect(code).toBe(1);
  expect(stdout).toMatch(/Dag\.TaskCrashed: an error that nobody waited for: RangeError, boom/);
  expect(stdout).toContain('✓ success  other');
});

describe('an endless loop in this process', () => {
  const spin = (body: string, timeout: string) => ({
    'pipelines/spin.ts': [
      "import { setTimeout } from 'node:timers/promises';",
      "import { dag, fn } from 'tutti';",
      '',
      "export const spin = dag('spin', {}, ({ task }) => {",
      `  task('forever', fn(${body}), { timeout: '${timeout}' });`,
      "  task('waits', fn(async ({ signal }) => void (await setTimeout(60_000, 0, { signal }))));",
      '});',
    ].join('\n'),
  });

  test.each(['() => { for (;;); }', 'async () => { await setTimeout(50); for (;;); }'])(
    '%s ends the process past its timeout, and the run is recorded as failed',
    async (body) => {
      const root = project(spin(body, '2s'));
      const { code, stdout, stderr } = await tutti(root, 'run', 'spin');
      expect(code).toBe(6);
      expect(stderr).toMatch(
        /^dag "spin" › task "forever" › fn: must end within its timeout of 2 s, got a function that never gives the process back, at pipelines\/spin\.ts:5:\d+; run it with --isolate, .*\n$/,
      );
      expect(stdout).toContain('✕ failed  forever');
      const [id = ''] = readdirSync(join(root, '.tutti/runs'));
      const folder = join(root, '.tutti/runs', id);
      expect(JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8'))).toMatchObject({
        state: 'failed',
        error: 'States.Timeout',
        cause: expect.stringContaining('task "forever"'),
        endedAt: expect.any(String),
      });
      const events = readFileSync(join(folder, 'events.jsonl'), 'utf8').trimEnd().split('\n');
      expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({ type: 'ExecutionTimedOut', id: events.length });
    },
  );

  test('lets a signal end the process', async () => {
    const root = project(spin('async () => { for (;;); }', '10m'));
    const { child, done } = start(root, 'run', 'spin');
    const again = setInterval(() => child.kill('SIGINT'), 500);
    await done;
    clearInterval(again);
    expect(child.signalCode).toBe('SIGINT');
  });
});

describe('tutti run refuses, before anything runs,', () => {
  test.each([
    ['an unknown DAG', ['run', 'slaes'], 3, 'did you mean "sales"?'],
    ['an unknown param', ['run', 'sales', '-p', 'regoin=eu'], 2, 'got "regoin"; did you mean "region"?'],
    ['a param of the wrong type', ['run', 'sales', '-p', 'limit=many'], 2, 'got "many"'],
    ['a param outside its choices', ['run', 'sales', '-p', 'region=mars'], 2, '"mars"'],
    ['a day that is none', ['run', 'sales', '-d', '2026-02-30'], 2, '"2026-02-30"'],
    ['a date that is none', ['run', 'sales', '-d', 'yesterday'], 2, '"yesterday"'],
  ])('%s', async (_, args, code, text) => {
    const root = project({ 'pipelines/sales.ts': SALES });
    const [plain, json] = await Promise.all([tutti(root, ...args), tutti(root, ...args, '--json')]);
    expect(plain).toMatchObject({ code, stdout: '' });
    expect(plain.stderr).toContain(text);
    expect({ code: json.code, ...JSON.parse(json.stdout) }).toMatchObject({
      code,
      error: { message: expect.stringContaining(text) },
    });
    expect(existsSync(join(root, '.tutti/runs'))).toBe(false);
  });

  test('a connection that is not configured', async () => {
    const { code, stderr } = await tutti(project({ 'pipelines/report.ts': SQL }), 'run', 'report');
    expect(code).toBe(1);
    expect(stderr).toContain('connections.warehouse: must be configured');
  });

  test('a database that another process holds, with 5', async () => {
    const root = project({ 'pipelines/report.ts': SQL, 'tutti.config.ts': CONFIG, '.tutti/keep': '' });
    const held = await DuckDBInstance.create(join(root, '.tutti/warehouse.duckdb'));
    const { code, stderr } = await tutti(root, 'run', 'report');
    held.closeSync();
    expect(code).toBe(5);
    expect(stderr).toContain('warehouse');
    expect((await tutti(root, 'run', 'report')).code).toBe(0);
  });

  test('a folder that cannot be written', async () => {
    const root = project({ 'pipelines/sales.ts': SALES, '.tutti': 'a file' });
    const { code, stderr } = await tutti(root, 'run', 'sales');
    expect(code).toBe(1);
    expect(stderr).toContain('must be a folder that can be written');
  });
});

describe('tutti run --isolate', () => {
  test('a crash and an endless loop are each one failed try', async () => {
    const root = project({
      'pipelines/wild.ts': `
import { dag, fn } from 'tutti';

export const wild = dag('wild', {}, ({ task }) => {
  task('crash', fn(async () => process.exit(7)));
  task('forever', fn(async () => { for (;;); }), { timeout: '2s' });
  task('fine', fn(async () => ({ pid: process.pid })));
});
`,
    });
    const { code, stdout } = await tutti(root, 'run', 'wild', '--isolate', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).tasks).toMatchObject([
      { id: 'crash', state: 'failed', tries: [{ cause: expect.stringContaining('exit code 7') }] },
      { id: 'forever', state: 'failed', tries: [{ error: 'States.Timeout' }] },
      { id: 'fine', state: 'success' },
    ]);
  });
});
