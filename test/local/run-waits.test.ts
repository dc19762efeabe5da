/** `sensor.dagRun` and `sensor.s3Key` here: by the ledger, and by a folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dag, fn, type RunSensorOptions, sensor } from '../../lib/index.ts';
import { runDag } from '../../lib/local/run.ts';
import { openLocalWorld } from '../../lib/local/world.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { temporaryFolder } from './dag.ts';
import { versionOf } from './launched.ts';

const ANN = { name: 'ann', via: 'cli' } as const;

let isBroken = false;
const upstream = dag('upstream', { schedule: '@daily', start: '2026-01-01' }, ({ task }) => {
  task(
    'work',
    fn(() => {
      if (isBroken) throw new Error('no data');
    }),
  );
});

const following = (options: RunSensorOptions, seen: unknown[] = []): DagNode =>
  dag('following', { schedule: '@daily', start: '2026-01-01' }, ({ task }) => {
    const run = task('run', sensor.dagRun(upstream, options));
    task(
      'after',
      fn({ run: run.output }, (got) => void seen.push(got.run)),
    );
  });

async function worldOf(...dags: readonly DagNode[]) {
  const codeOf = (dagId: string) => dags.find(({ id }) => id === dagId);
  const world = await openLocalWorld({ root: temporaryFolder(), codeOf });
  await registerDags(world, dags.map(versionOf));
  const start = (dagId: string) => trigger(world, ANN, { dagId, logicalDate: '2026-01-05' });
  const last = async (dagId: string) => (await world.store.runs.list({ dagId, limit: 1 })).items[0];
  return { world, start, last };
}

test('a run that has ended is there at once; one that has not wakes who waits', async () => {
  isBroken = false;
  const seen: unknown[] = [];
  const { world, start, last } = await worldOf(upstream, following({}, seen));
  await start('following');
  await start('upstream');
  await world.launcher.idle();
  await start('following');
  await world.launcher.idle();
  const runId = (await last('upstream'))?.id;
  const told = { dagId: 'upstream', runId, logicalDate: '2026-01-05T00:00:00Z', state: 'success' };
  expect(seen).toEqual([told, told]);
  await world.close();
});

test('a state of failOn fails the task; its time over skips it, where it is soft', async () => {
  isBroken = true;
  const { world, start, last } = await worldOf(upstream, following({ failOn: ['failed'] }));
  await start('upstream');
  await start('following');
  await world.launcher.idle();
  expect(await last('following')).toMatchObject({ state: 'failed', error: 'Dag.AwaitedRunFailed' });
  await world.close();
  const soft = await worldOf(upstream, following({ timeout: '1s', softFail: true }));
  await soft.start('upstream');
  await soft.start('following');
  await soft.world.launcher.idle();
  expect(await soft.last('following')).toMatchObject({ state: 'success' });
  const [run] = await soft.world.store.taskRuns.list(
    { dagId: 'following', runId: (await soft.last('following'))?.id ?? '' },
    { task: 'run' },
  );
  expect(run).toMatchObject({ state: 'skipped', tries: [{ state: 'skipped' }] });
  await soft.world.close();
});

test('a run of its own knows no other runs', async () => {
  const outcome = await runDag(following({}), { root: temporaryFolder() });
  expect(outcome.tasks[0]?.tries).toMatchObject([
    {
      error: 'Dag.NoOrchestrator',
      cause:
        'task "run" › sensor.dagRun: needs the orchestrator, got a run of its own; use tutti dev or tutti trigger',
    },
  ]);
});

test('a bucket is a folder of its name', async () => {
  const root = temporaryFolder();
  const folder = join(root, '.tutti', 'data', 'landing', 'orders');
  mkdirSync(folder, { recursive: true });
  for (const name of ['b.csv', 'a.csv', 'a.json']) writeFileSync(join(folder, name), '');
  const seen: unknown[] = [];
  const landed = dag('landed', {}, ({ task }) => {
    const found = task('found', sensor.s3Key({ bucket: 'landing', key: 'orders/*.csv' }));
    task(
      'after',
      fn({ found: found.output }, (got) => void seen.push(got.found)),
    );
  });
  expect((await runDag(landed, { root })).state).toBe('success');
  expect(seen).toEqual([{ bucket: 'landing', key: 'orders/a.csv', keys: ['orders/a.csv', 'orders/b.csv'] }]);
});
