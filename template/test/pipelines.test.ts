import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { runDag, simulateRun, simulateSchedule } from 'tutti/testing';
import { orders } from '../pipelines/orders.ts';
import { weeklyReport } from '../pipelines/weekly-report.ts';

test('orders tries again what failed, and nothing else', async () => {
  // In virtual time: the waits between tries, 1 and 2 minutes, take no time here.
  const failed = { outcome: 'failed' } as const;
  const run = await simulateRun(orders, { script: { fetch: [failed, failed, {}] } });
  assert.equal(run.state, 'success');
  assert.equal(run.tasks['fetch']?.tries, 3);
  assert.equal(run.tasks['load']?.tries, 1);
});

test('orders fetches the day of its interval', async () => {
  // The functions run for real, between files in memory; the script stands for the warehouse.
  const run = await simulateRun(orders, {
    bodies: true,
    logicalDate: '2026-01-05',
    script: { load: [{}], report: [{ output: { rows: [] } }] },
  });
  assert.deepEqual(run.outputs['fetch'], { path: 'raw/orders/date=2026-01-05/orders.json' });
  assert.equal(JSON.parse(run.files['raw/orders/date=2026-01-05/orders.json'] ?? '[]').length, 18);
});

test('weekly_report skips a week without orders', async () => {
  const run = await simulateRun(weeklyReport, { script: { size: [{ output: { first: { orders: 0 } } }] } });
  assert.equal(run.state, 'success');
  assert.equal(run.tasks['write']?.state, 'skipped');
});

test('a quarter of both has no mistakes', async () => {
  const dags = [orders, weeklyReport];
  const quarter = await simulateSchedule({ dags, from: '2026-01-04', to: '2026-04-04', faults: 0.05 });
  assert.deepEqual(quarter.problems, []);
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
