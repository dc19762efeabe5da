import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { json, refused, sales } from './ledger.ts';
import { tutti } from './tutti.ts';

const config = (retention: string) =>
  `import { defineConfig } from 'tutti';
export const config = defineConfig({ environments: { local: { retention: ${retention} } } });\n`;

test('tutti prune looks, asks, and removes runs with their folders', async () => {
  const root = sales();
  for (const date of ['2026-01-05', '2026-01-06']) await tutti(root, 'trigger', 'sales', '-d', date);
  const folders = () => readdirSync(join(root, '.tutti', 'runs'));
  expect(folders()).toHaveLength(2);

  const young = await tutti(root, 'prune', '--yes');
  expect(young).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to remove') });
  expect(young.stdout).toContain('the newest 10,000 of each DAG');

  writeFileSync(join(root, 'tutti.config.ts'), config('{ keep: 1 }'));
  const dry = await json(root, 'prune', '--dry-run');
  expect(dry).toMatchObject({ code: 0, document: { dryRun: true, keep: 1, runs: [{ dagId: 'sales' }] } });
  const asked = await tutti(root, 'prune');
  expect(asked.code).toBe(2);
  expect(asked.stderr).toContain('to remove 1 run for good; look first with --dry-run');
  expect(folders()).toHaveLength(2);

  const done = await tutti(root, 'prune', '--yes');
  expect(done.stdout).toMatch(
    /^ {2}sales {2}1 run {2}2026-01-05\S+\n1 run removed; kept is the newest 1 of each DAG/,
  );
  expect(folders()).toHaveLength(1);
  const { document } = await json(root, 'runs', 'sales');
  expect(document.runs).toHaveLength(1);
  const { document: log } = await json(root, 'audit', '--log');
  expect(log.entries[0]).toMatchObject({ via: 'cli', action: 'prune', details: { keep: 1, runs: 1 } });
  // One that was killed before it had removed the folders.
  mkdirSync(join(root, '.tutti', 'pruning'), { recursive: true });
  mkdirSync(join(root, '.tutti', 'runs', 'left'));
  const leaving = [{ dagId: 'sales', runId: 'gone', executions: ['left'] }];
  const intent = join(root, '.tutti', 'pruning', 'x.json');
  writeFileSync(intent, JSON.stringify({ by: { pid: 999_999_999 }, leaving }));
  const finished = await tutti(root, 'prune');
  expect(finished.stdout).toMatch(
    /^folders of 1 run removed, as a prune before did not end\nnothing to remove/,
  );
  expect(folders()).toHaveLength(1);
  // Said here, it counts instead of what the configuration says.
  expect((await json(root, 'prune', '--older-than', '0s', '--dry-run')).document.runs).toHaveLength(1);
}, 60_000);

test('tutti prune refuses what it cannot be sure of', async () => {
  const root = sales();
  await refused(root, [
    ['prune --older-than 90', 2, '--older-than: must be a duration, got "90"; write 90d'],
    ['prune --keep some', 2, '--keep: must be a whole number, got "some"'],
    ['prune --keep 1 --env prod', 2, '--env: must be local, got "prod"'],
  ]);
  expect(existsSync(join(root, '.tutti', 'runs'))).toBe(false);
  writeFileSync(join(root, 'tutti.config.ts'), config("{ age: '400', keep: 0, days: 3 } as never"));
  const { code, stderr } = await tutti(root, 'prune', '--yes');
  expect(code).not.toBe(0);
  expect(stderr).toContain(
    'tutti.config.ts › environments.local.retention.age: must be a duration of more than 0, got "400"',
  );
  expect(stderr).toContain('retention.keep: must be a whole number of at least 1, got 0');
  expect(stderr).toContain('retention.days: must be age or keep');
}, 60_000);
