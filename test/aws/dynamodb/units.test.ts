/** What each use case reads and writes, in units of DynamoDB: those of its index too. */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { afterAll, expect, test } from 'vitest';
import { inParallel } from '../../../lib/aws/dynamodb/batches.ts';
import { openDynamoStore } from '../../../lib/aws/dynamodb/store.ts';
import { Table } from '../../../lib/aws/dynamodb/table.ts';
import type { AwsClient } from '../../../lib/aws/signed/command.ts';
import { createBackfill } from '../../../lib/orchestrator/backfill/create.ts';
import { cancelRun } from '../../../lib/orchestrator/cancel.ts';
import { clearRuns } from '../../../lib/orchestrator/clear.ts';
import { markTasks } from '../../../lib/orchestrator/mark.ts';
import { pauseDag } from '../../../lib/orchestrator/pause.ts';
import { recordEnd } from '../../../lib/orchestrator/record.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { sweep } from '../../../lib/orchestrator/sweep.ts';
import { tick, tickAll } from '../../../lib/orchestrator/tick.ts';
import { trigger } from '../../../lib/orchestrator/trigger.ts';
import { asking } from '../../api/seed.ts';
import { PERSON, type Rig, rig, runAt } from '../../orchestrator/rig.ts';
import { dateOf } from '../../store/build.ts';
import { onDynamoDB } from '../dynamodb-local.ts';
import { ScanCommand } from './commands.ts';
import { Meter } from './meter.ts';
import { dailyVersion, endedRun, endOf } from './twenty-tasks.ts';

await onDynamoDB('units of DynamoDB', (local) => {
  const meter = new Meter();
  afterAll(() => process.stdout.write(`${meter.table()}\n`));
  const worldAt = async (now: string, table?: string): Promise<Rig> => {
    const options = { client: local.client(), table: table ?? (await local.newTable()) };
    return rig(now, openDynamoStore({ ...options, count: meter.count }));
  };

  test('a run of 20 tasks takes at most 40 writes from its tick to its end', async () => {
    const world = await worldAt('2026-01-10T12:00:00Z');
    await meter.of('register a DAG of 20 tasks', () => registerDags(world, [dailyVersion('sales')]));
    await tick(world, 'sales');
    await endAll(world);
    await meter.of('tick, nothing due', () => tick(world, 'sales'));
    await meter.of('sweep, nothing to do (1 DAG)', () => sweep(world));
    await meter.of('sweep, nothing to do, again', () => sweep(world));
    world.at('2026-01-11T00:00:05Z');
    const ticked = await meter.of('tick, a run is due and starts', () => tick(world, 'sales'));
    const run = await runAt(world, 'sales', dateOf(10));
    expect(run.state).toBe('running');
    await meter.of('tick, once more', () => tick(world, 'sales'));
    await meter.of('sweep, one run goes on', () => sweep(world));
    world.at('2026-01-11T00:20:00Z');
    const recorded = await meter.of('record its end', () => recordEnd(world, endOf(run, 'success')));
    expect(await runAt(world, 'sales', dateOf(10))).toMatchObject({ state: 'success' });
    expect(await world.store.taskRuns.list({ dagId: 'sales', runId: run.id })).toHaveLength(20);
    expect(ticked.write + recorded.write).toBeLessThanOrEqual(40);
    expect(ticked.write + recorded.write).toBeGreaterThan(10);
    meter.rows.push({ what: 'a run of 20 tasks, tick to end', consumed: sum(ticked, recorded) });
    await meter.of('record its end, once more', () => recordEnd(world, endOf(run, 'success')));
    await meter.of('run page', () => asking(world)(`/dags/sales/runs/${run.id}`));
  });

  test('people change runs for little', async () => {
    const world = await worldAt('2026-01-10T12:00:00Z');
    await registerDags(world, [dailyVersion('sales')]);
    world.at('2026-01-11T00:00:05Z');
    await tick(world, 'sales');
    const [first] = await world.store.runs.open();
    if (first === undefined) throw new Error('nothing was started');
    world.executions.set(first.execution ?? '', 'ended');
    await meter.of('record a failure, and tell people', () => recordEnd(world, endOf(first, 'failed')));
    const runs = { runId: first.id };
    const request = { dagId: 'sales', runs } as const;
    await meter.of('clear a task of a run', () => clearRuns(world, PERSON, { ...request, tasks: ['t9'] }));
    await endAll(world);
    await meter.of('mark a task of a run', () =>
      markTasks(world, PERSON, { ...request, tasks: ['t20'], state: 'success' }),
    );
    await endAll(world);
    await meter.of('trigger a run', () => trigger(world, PERSON, { dagId: 'sales', now: true }));
    const [run] = await world.store.runs.open();
    if (run === undefined) throw new Error('nothing was triggered');
    await meter.of('cancel a run', () => cancelRun(world, PERSON, { dagId: 'sales', runId: run.id }));
    await meter.of('pause a DAG', () => pauseDag(world, PERSON, 'sales'));
  });

  test('a page that shows 100 runs takes at most 30 reads', async () => {
    const table = await local.newTable();
    const world = await worldAt(dateOf(130), table);
    await registerDags(world, [dailyVersion('sales')]);
    const { manifest } = dailyVersion('sales');
    const days = Array.from({ length: 110 }, (_, index) => index + 1);
    await inParallel(days, async (day) => {
      await world.store.runs.create(endedRun(day, manifest.hash));
    });
    const ask = asking(world);
    await ask('/dags/sales/grid?runs=1');
    const { read } = await meter.of('grid of 100 runs', () =>
      ask('/dags/sales/grid?runs=100&until=2027-01-01'),
    );
    expect(read).toBeLessThanOrEqual(30);
    await meter.of('list of 100 runs of all DAGs', () => ask('/runs?limit=100'));
    await meter.of('list of failed runs of all DAGs', () => ask('/runs?state=failed'));
    await meter.of('changes, none', async () => {
      const { cursor } = await world.store.runs.changes();
      await world.store.runs.changes(cursor);
    });
    await meter.of('prune by age, nothing to do', () =>
      world.store.runs.prune({ endedBefore: '2025-01-01T00:00:00Z' }),
    );
    await meter.of('prune by number, 110 runs', () => world.store.runs.prune({ keep: 1_000 }));
    await copyDag(local.client(), table, 'sales', 250);
    const { store } = world;
    const listed = await meter.of('list of 250 DAGs, and the newest runs of each', async () => {
      expect(await store.dags.heads()).toHaveLength(250);
      expect(await store.dags.recent(14)).toHaveLength(250);
      await store.runs.open();
    });
    expect(listed.read).toBeLessThanOrEqual(36);
    const cold = asking(await worldAt(dateOf(130), table));
    await meter.of('the same, by the API that has just been started', () => cold('/dags?limit=250'));
    await meter.of('tick of all of them, nothing due', () => tickAll(world));
    await meter.of('tick of all of them, once more', () => tickAll(world));
  });

  test('a backfill goes on for little', async () => {
    const world = await worldAt(dateOf(200));
    await registerDags(world, [dailyVersion('sales')]);
    const range = { from: dateOf(1), to: dateOf(90), reprocess: 'none', maxActiveRuns: 4 } as const;
    await meter.of('preview a backfill of 90 dates', () =>
      createBackfill(world, PERSON, { dagId: 'sales', ...range, dryRun: true }),
    );
    await meter.of('make it, 4 runs start', () =>
      createBackfill(world, PERSON, { dagId: 'sales', ...range }),
    );
    const [run] = await world.store.runs.open();
    if (run === undefined) throw new Error('nothing was started');
    await meter.of('one of its runs ends, the next starts', () => recordEnd(world, endOf(run, 'success')));
    expect(await world.store.runs.open()).toHaveLength(4);
  });
});

async function endAll(world: Rig): Promise<void> {
  for (const run of await world.store.runs.open()) await recordEnd(world, endOf(run, 'success'));
}

/** Puts a DAG's head, newest runs and version under other ids, so that there are so many. */
async function copyDag(client: AwsClient, TableName: string, dagId: string, count: number): Promise<void> {
  const { Items = [] } = await client.send(new ScanCommand({ TableName }));
  const isOfDag = ({ pk, sk }: Record<string, AttributeValue>) =>
    (/^(DAGS|RECENT)$/.test(pk?.S ?? '') && sk?.S === dagId) || /^V#/.test(sk?.S ?? '');
  const items = Items.filter(isOfDag);
  const copies = Array.from({ length: count - 1 }, (_, index) => `${dagId}_by_shop_${index}`).flatMap((id) =>
    items.map(({ pk, sk, doc, ...more }) => ({
      ...more,
      pk: { S: pk?.S === `DAG#${dagId}` ? `DAG#${id}` : (pk?.S ?? '') },
      sk: { S: sk?.S === dagId ? id : (sk?.S ?? '') },
      ...(doc?.S === undefined ? {} : { doc: { S: doc.S.replace(`"dagId":"${dagId}"`, `"dagId":"${id}"`) } }),
    })),
  );
  await new Table({ client, table: TableName }).writeAll({ put: copies });
}

function sum(
  ...all: readonly { readonly requests: number; readonly read: number; readonly write: number }[]
) {
  const of = (name: 'requests' | 'read' | 'write') => all.reduce((total, one) => total + one[name], 0);
  return { requests: of('requests'), read: of('read'), write: of('write') };
}
