/** What a backfill that this process executes says while nothing of it goes on. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { json } from './ledger.ts';
import { project, tutti } from './tutti.ts';

const CHAINED = `
import { existsSync } from 'node:fs';
import { cron, dag, fn } from 'tutti';
export const chained = dag('chained', { schedule: cron('@daily'), start: '2026-01-01' }, ({ task, run }) => {
  task('load', fn({ day: run.interval.date }, async ({ day }) => {
    if (day === '2026-01-06' && !existsSync('fixed')) throw new Error('no such file');
  }), { dependsOnPast: true });
});
`;

test('dates behind one that failed: what they wait for, how to go on, and its end', async () => {
  const root = project({ 'pipelines/chained.ts': CHAINED });
  const range = ['chained', '--from', '2026-01-05', '--to', '2026-01-08', '--reprocess', 'failed'];
  const { code, stdout, stderr } = await tutti(root, 'backfill', 'create', ...range, '--yes');
  expect(code).toBe(1);
  expect(stdout).toContain('✕ failed  chained 2026-01-06T00:00:00Z');
  const waits = 'waits for the run before, of';
  expect(stdout).toContain(`◷ queued  chained 2026-01-07T00:00:00Z  ${waits} 2026-01-06T00:00:00Z`);
  expect(stdout).toContain(`◷ queued  chained 2026-01-08T00:00:00Z  ${waits} 2026-01-07T00:00:00Z`);
  expect(stdout).toContain('1 success, 1 failed, 2 queued');
  expect(stderr).toContain(
    'nothing that is left can start: it depends on the past, on 2026-01-06T00:00:00Z, which is failed\n' +
      '  first: tutti clear chained 2026-01-06T00:00:00Z --failed',
  );
  const { document } = await json(root, 'backfill', 'list');
  expect(stderr).toContain(`then: tutti backfill resume ${document.backfills[0].id}`);
  writeFileSync(join(root, 'fixed'), '');
  expect((await tutti(root, 'clear', 'chained', '2026-01-06', '--failed')).code).toBe(0);
  const shown = await json(root, 'backfill', 'show', document.backfills[0].id);
  expect(shown.document.backfill.state).toBe('success');
});

test('a task between two tries: until when', async () => {
  const retried = `
import { cron, dag, fn } from 'tutti';
export const retried = dag('retried', { schedule: cron('@daily'), start: '2026-01-01' }, ({ task }) => {
  task('load', fn(async ({ run: { try: number } }) => { if (number < 2) throw new Error('busy'); }), {
    retries: { attempts: 1, delay: '4s' },
  });
});
`;
  const root = project({ 'pipelines/retried.ts': retried });
  const range = ['retried', '--from', '2026-01-05', '--to', '2026-01-06'];
  const [many, one] = await Promise.all([
    tutti(root, 'backfill', 'create', ...range, '--yes'),
    tutti(root, 'trigger', 'retried', '-d', '2026-01-09'),
  ]);
  expect([many.code, one.code]).toEqual([0, 0]);
  const waits = String.raw`: Error, busy; waits until 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ\n`;
  for (const date of ['2026-01-05', '2026-01-06'])
    expect(
      many.stdout.match(new RegExp(`↻ up for retry  retried ${date}T00:00:00Z › load${waits}`, 'g')),
    ).toHaveLength(1);
  expect(one.stdout).toMatch(new RegExp(`↻ up for retry  load${waits}`));
});
