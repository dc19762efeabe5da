import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { compile, runDag, simulate } from 'tutti/testing';
import { orders } from '../pipelines/orders.ts';
import { weeklyReport } from '../pipelines/weekly-report.ts';

test('orders tries again what failed, and nothing else', async () => {
  // In virtual time: the waits between tries, 1 and 2 minutes, take no time here.
  const run = await simulate(compile(orders), { fetch: [{ outcome: 'failed' }, { outcome: 'failed' }, {}] });
  assert.equal(run.state, 'success');
  assert.equal(run.tasks['fetch']?.tries, 3);
  assert.equal(run.tasks['load']?.tries, 1);
});

test('weekly_report skips a week without orders', async () => {
  const run = await simulate(compile(weeklyReport), { size: [{ output: { first: { orders: 0 } } }] });
  assert.equal(run.state, 'success');
  assert.equal(run.tasks['write']?.state, 'skipped');
});

test('both run for real, one after the other', async () => {
  const root = await mkdtemp(join(tmpdir(), 'tutti-project-'));
  const environment = { name: 'test', connections: { warehouse: { kind: 'sql' } } } as const;
  const loaded = await runDag(orders, { root, environment, logicalDate: '2026-01-05' });
  const reported = await runDag(weeklyReport, { root, environment, logicalDate: '2026-01-05' });
  await rm(root, { recursive: true });
  assert.equal(loaded.state, 'success');
  assert.deepEqual(
    reported.tasks.map(({ id, state }) => [id, state]).filter(([, state]) => state !== 'success'),
    [],
  );
});
