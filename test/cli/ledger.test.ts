/** The commands of the ledger, as a user types them; no `tutti dev` has the project. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { json, refused, sales } from './ledger.ts';
import { BROKEN, SALES } from './sales.ts';
import { type Finished, project, start, tutti } from './tutti.ts';

describe('tutti trigger', () => {
  test('runs the newest interval, shows it, and says how it ended', async () => {
    const root = sales();
    const { code, stdout, stderr } = await tutti(root, 'trigger', 'sales', '-d', '2026-01-05');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('✓ success  fetch');
    expect(stdout).toMatch(/✓ success {2}sales 2026-01-05T01:00:00Z~[0-9A-Z]{26} in /);
    expect(stdout).toContain('interval  2026-01-05T01:00:00Z … 2026-01-06T01:00:00Z');
  });

  test('is one document with --json, with typed params and its note', async () => {
    const root = sales();
    const { code, document } = await json(
      root,
      'trigger',
      'sales',
      '-d',
      '2026-01-05',
      '-p',
      'limit=3',
      '--note',
      'late',
    );
    expect(code).toBe(0);
    expect(document).toMatchObject({
      run: { state: 'success', type: 'manual', params: { region: 'eu', limit: 3 }, note: 'late', attempt: 1 },
    });
  });

  test('fails as its run does, and says what to type next', async () => {
    const root = project({ 'pipelines/broken.ts': BROKEN });
    const { code, stdout } = await tutti(root, 'trigger', 'broken');
    expect(code).toBe(1);
    expect(stdout).toContain('no such table');
    expect(stdout).toMatch(/tutti runs logs broken \S+/);
    expect(stdout).toMatch(/tutti clear broken \S+ --failed/);
  });

  test('--dry-run makes nothing, --no-wait leaves it queued', async () => {
    const root = sales();
    const dry = await json(root, 'trigger', 'sales', '-d', '2026-01-05', '--dry-run');
    expect(dry.document).toMatchObject({ dryRun: true, run: { logicalDate: '2026-01-05T01:00:00Z' } });
    expect((await json(root, 'runs')).document).toEqual({ runs: [] });
    const left = await json(root, 'trigger', 'sales', '-d', '2026-01-05', '--no-wait');
    expect(left.document).toMatchObject({ run: { state: 'queued' }, startedBy: null });
    expect((await json(root, 'runs')).document).toMatchObject({ runs: [{ state: 'queued' }] });
  });

  test('of several processes at once, each sees its run to its end', async () => {
    const one = `import { dag, fn } from 'tutti';
      export const d = dag('d', { maxActiveRuns: 1 }, ({ task }) => {
        task('a', fn(() => new Promise((resolve) => setTimeout(resolve, 200))));
      });`;
    const root = project({ 'pipelines/d.ts': one });
    await tutti(root, 'trigger', 'd');
    const ends = await Promise.all([1, 2, 3].map(() => tutti(root, 'trigger', 'd')));
    expect(ends.map(({ code }) => code)).toEqual([0, 0, 0]);
    const { document } = await json(root, 'runs', 'list', 'd');
    expect(document.runs.map(({ state }: { state: string }) => state)).toEqual(Array(4).fill('success'));
  });

  test('goes on with a run that was killed and holds its place', async () => {
    const one = `import { dag, fn } from 'tutti';
      export const d = dag('d', { maxActiveRuns: 1 }, ({ task }) => {
        task('a', fn(() => new Promise((resolve) => setTimeout(resolve, 1500))), { retries: { attempts: 1, delay: '1s' } });
      });`;
    const root = project({ 'pipelines/d.ts': one });
    const killed = start(root, 'trigger', 'd');
    await killed.printed('running');
    killed.child.kill('SIGKILL');
    await killed.done;
    expect((await tutti(root, 'trigger', 'd')).code).toBe(0);
    const { document } = await json(root, 'runs', 'list', 'd');
    expect(document.runs.map(({ state }: { state: string }) => state)).toEqual(['success', 'success']);
  });

  test('refuses what cannot run, and writes nothing', async () => {
    const root = sales();
    await refused(root, [
      ['trigger slaes', 3, 'got "slaes"; did you mean "sales"?'],
      ['trigger sales -p regoin=eu', 2, 'did you mean "region"?'],
      ['trigger sales -p region=mars', 2, 'region'],
      ['trigger sales -d 2026-02-30', 2, 'must be a day or an instant'],
      ['trigger sales -d 2020-01-01', 2, 'must be at or after its start 2026-01-01'],
      ['trigger sales --now -d 2026-01-05', 2, 'cannot be used with'],
      ['trigger sales --env prod', 2, 'must be local or an environment of tutti.config.ts, got "prod"'],
    ]);
    expect((await json(root, 'runs')).document).toEqual({ runs: [] });
  });
});

describe('a run that was left', () => {
  test('by Ctrl-C is interrupted, and the message says how to go on', async () => {
    const naps = `
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { dag, fn } from 'tutti';
export const naps = dag('naps', {}, ({ task }) => {
  task('nap', fn(async () => { writeFileSync('begun', ''); await setTimeout(600_000); }));
});
`;
    const root = project({ 'pipelines/naps.ts': naps });
    const { child, done } = start(root, 'trigger', 'naps');
    while (!existsSync(join(root, 'begun'))) await setTimeout(20);
    child.kill('SIGINT');
    const { code, stderr } = await done;
    expect(code).toBe(130);
    expect(stderr).toContain('1 run interrupted; go on with: tutti dev');
    const watched = await tutti(root, 'runs', 'watch', 'naps');
    expect(watched.code).toBe(5);
    expect(watched.stderr).toContain('start tutti dev, which goes on with it');
  });
});

describe('what ran', () => {
  test('is listed, shown, and found by date, id, its end, or latest', async () => {
    const root = sales();
    const { document } = await json(root, 'trigger', 'sales', '-d', '2026-01-05');
    const { id } = document.run;
    const list = await tutti(root, 'runs');
    expect(list.stdout).toMatch(/✓ success {2}sales {2}2026-01-05T01:00:00Z~\S+ {2}manual {2}2\/2/);
    const names = [id, id.slice(-6), '2026-01-05', '2026-01-05T12:00:00Z', 'latest'];
    const all = await Promise.all(names.map((name) => json(root, 'runs', 'show', 'sales', name)));
    for (const { document: found } of all)
      expect(found).toMatchObject({ run: { id, state: 'success', cells: 'ss' } });
    const shown = await tutti(root, 'runs', 'show', 'sales');
    expect(shown.stdout).toContain('interval   2026-01-05T01:00:00Z … 2026-01-06T01:00:00Z (2026-01-05)');
    expect(shown.stdout).toMatch(/fetch {2}✓ success {2}\S+ +1/);
    const logs = await tutti(root, 'runs', 'logs', 'sales', 'latest', 'fetch');
    expect(logs.stdout).toContain('INFO  fetched');
    const one = await json(root, 'task', 'sales', 'latest', 'load');
    expect(one.document).toMatchObject({
      task: 'load',
      state: 'success',
      rows: [{ attempt: 1, tries: [{ state: 'success' }] }],
    });
  });

  test('latest is the one asked for last, whatever its date', async () => {
    const root = sales();
    await tutti(root, 'trigger', 'sales', '-d', '2026-01-09', '--no-wait');
    await tutti(root, 'trigger', 'sales', '-d', '2026-01-05', '--no-wait');
    const { document } = await json(root, 'runs', 'show', 'sales');
    expect(document).toMatchObject({ run: { logicalDate: '2026-01-05T01:00:00Z' } });
  });

  test('is chosen by state, type and dates', async () => {
    const root = sales();
    await tutti(root, 'trigger', 'sales', '-d', '2026-01-05');
    const count = async (...args: readonly string[]) =>
      (await json(root, 'runs', 'sales', ...args)).document.runs.length;
    const counts = await Promise.all([
      count('--state', 'success,failed', '--type', 'manual'),
      count('--state', 'failed'),
      count('--from', '2026-01-05', '--to', '2026-01-05'),
      count('--from', '2026-01-06'),
      count('--from', '2025-01-01', '--to', '2026-01-04T23:59:59Z'),
      count('--from', '2025-01-01', '--to', '2026-01-05T20:00:00Z'),
    ]);
    expect(counts).toEqual([1, 0, 1, 0, 0, 1]);
  });

  test('is refused where it is none, with what there is', async () => {
    const root = sales();
    await tutti(root, 'trigger', 'sales', '-d', '2026-01-05', '--no-wait');
    await refused(root, [
      ['runs show sales 2026-01-09', 3, 'tutti why sales 2026-01-09T01:00:00Z says why'],
      ['runs show sales x', 3, 'must be the id of a run, its logical date, or latest, got "x"'],
      ['runs show nope latest', 3, 'got "nope"'],
      ['runs logs sales latest', 5, 'must have started, got queued'],
      ['runs sales --state done', 2, '--state: must be one of queued, running'],
      ['runs --from x', 2, '--from: must be a day or an instant with its zone, such as 2026-08-22, got "x"'],
      ['runs --to 2026-02-31', 2, 'got "2026-02-31"'],
      ['runs sales --limit 0', 2, '--limit: must be a whole number from 1 to 1000'],
      ['task sales latest laod', 3, 'did you mean "load"?'],
    ]);
  });
});

describe('tutti runs cancel', () => {
  test('needs --yes where nobody can be asked, and then ends what had not started', async () => {
    const root = sales();
    await tutti(root, 'trigger', 'sales', '-d', '2026-01-05', '--no-wait');
    const asked = await json(root, 'runs', 'cancel', 'sales', 'latest');
    expect(asked).toMatchObject({ code: 2, document: { error: { code: 'needs-yes' } } });
    const dry = await json(root, 'runs', 'cancel', 'sales', 'latest', '--dry-run');
    expect(dry).toMatchObject({ code: 0, document: { dryRun: true, run: { state: 'queued' } } });
    const done = await json(root, 'runs', 'cancel', 'sales', 'latest', '--yes');
    expect(done).toMatchObject({ code: 0, document: { run: { state: 'cancelled' } } });
    const again = await json(root, 'runs', 'cancel', 'sales', 'latest', '--yes');
    expect(again).toMatchObject({ code: 5, document: { error: { code: 'run-ended' } } });
  });
});

describe('schedules', () => {
  test('are paused and unpaused, and who did so is kept', async () => {
    const root = sales();
    expect((await tutti(root, 'pause', 'sales')).stdout).toContain('⏸ sales paused');
    expect((await json(root, 'next', 'sales')).document).toMatchObject({ paused: true });
    expect((await json(root, 'pause', 'sales')).document).toEqual({
      dags: [{ dag: 'sales', paused: true, changed: false }],
    });
    expect(await json(root, 'unpause', 'sales', 'nope')).toMatchObject({ code: 3 });
    expect((await json(root, 'next', 'sales')).document).toMatchObject({ paused: true });
    const { document } = await json(root, 'audit', '--log');
    expect(document.entries).toMatchObject([{ action: 'pause', dagId: 'sales', via: 'cli' }]);
  });

  test('tell their next runs, in their own zone and in UTC', async () => {
    const root = sales();
    const { document } = await json(root, 'next', 'sales', '--count', '3');
    expect(document).toMatchObject({ dag: 'sales', zone: 'Europe/Berlin', paused: false });
    expect(document.runs).toHaveLength(3);
    const { stdout } = await tutti(root, 'next', 'sales');
    expect(stdout).toContain('at 02:00 Europe/Berlin, every day');
    expect(stdout).toMatch(/T0[01]:00:00Z {2}\d{4}-\d\d-\d\d 02:00 {2}in .*\n.*\n.* 3d/s);
  });

  test('explain a date without a run, and are audited', async () => {
    const root = sales();
    const why = await json(root, 'why', 'sales', '2030-01-01');
    expect(why).toMatchObject({ code: 0, document: { interval: { date: '2030-01-01' } } });
    expect(why.document.blockers).toHaveLength(1);
    const audit = await json(root, 'audit', 'sales', '--from', '2026-01-01', '--to', '2026-01-03');
    expect(audit.document).toMatchObject({ dag: 'sales', problems: [] });
    expect(audit.document.rows).toHaveLength(3);
    expect(await json(root, 'audit')).toMatchObject({ code: 2, document: { error: { code: 'usage' } } });
  });
});

test('a file that does not load hides no other DAG from commands', async () => {
  const root = sales();
  writeFileSync(join(root, 'pipelines/x.ts'), 'const = 1;');
  const { code, stdout, stderr } = await tutti(root, 'trigger', 'sales', '-d', '2026-01-05');
  expect(code).toBe(0);
  expect(stdout).toContain('✓ success  sales');
  expect(stderr).toContain('pipelines/x.ts:1');
});

test('reading writes nothing, and needs no right to write', async () => {
  const root = sales();
  expect((await json(root, 'runs')).document).toEqual({ runs: [] });
  expect(existsSync(join(root, '.tutti'))).toBe(false);
  await tutti(root, 'trigger', 'sales', '-d', '2026-01-05', '--no-wait');
  await refused(root, [[`runs show sales ${'x'.repeat(100_000)}`, 3, `got "${'x'.repeat(119)}…"`]]);
});

test('a store that is none is told, and kept', async () => {
  const root = project({
    'pipelines/sales.ts': SALES,
    '.tutti/store.sqlite': 'no database at all, but some text',
  });
  const finished: Finished = await tutti(root, 'runs');
  expect(finished).toMatchObject({ code: 1, stdout: '' });
  expect(finished.stderr).toContain('store.sqlite');
  expect(readFileSync(join(root, '.tutti/store.sqlite'), 'utf8')).toBe('no database at all, but some text');
});
