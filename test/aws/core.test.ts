import { describe, expect, test } from 'vitest';
import { itemsOf, putItem } from '../../lib/aws/table.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { clearRuns } from '../../lib/orchestrator/clear.ts';
import { tick } from '../../lib/orchestrator/tick.ts';
import { output, testDag } from '../local/dag.ts';
import { DAILY } from '../orchestrator/rig.ts';
import { coreRig, registered } from './core-rig.ts';
import { account } from './deployed.ts';
import { hasTables, newTable } from './tables.ts';

const NOW = '2026-01-06T00:00:10Z';
const KEY = { dagId: 'test', runId: '2026-01-05T00:00:00Z' };

async function deployed(dag: DagNode) {
  const there = await account();
  const version = await there.deploy(dag);
  const rig = coreRig({ account: there, table: await newTable(), now: '2026-01-05T00:00:00Z' });
  await registered(rig.world, [version]);
  rig.setNow(NOW);
  return { there, version, rig };
}

const boom = () => Promise.reject(new Error('broken'));

const PLAIN = () =>
  testDag(
    { a: { body: () => ({ n: 1 }) }, b: { inputs: { n: output('a', 'n') }, body: ({ n }) => ({ n }) } },
    { schedule: DAILY, owner: 'sales-data', tags: ['tier-1'] },
  );

describe.skipIf(!hasTables)('a run on AWS', () => {
  test('is made by its firing, runs, and is kept with all that its tasks did', async () => {
    const { rig, version } = await deployed(PLAIN());
    expect(await tick(rig.world, 'test')).toMatchObject({ created: [KEY.runId], started: [KEY.runId] });
    const running = await rig.run(KEY);
    expect(running).toMatchObject({ state: 'running', attempt: 1, version: version.manifest.hash });
    expect(running.execution).toMatch(/^scheduled-2026-01-05T000000Z-1-[0-9a-f]{8}$/);
    await rig.settle();
    expect(await rig.run(KEY)).toMatchObject({ state: 'success', cells: 'ss' });
    const rows = await rig.world.store.taskRuns.list(KEY);
    expect(rows.map(({ task, state, tries }) => [task, state, tries.length])).toEqual([
      ['a', 'success', 1],
      ['b', 'success', 1],
    ]);
    expect((await rig.world.store.taskRuns.recorded(KEY))?.outputs.get('a')).toEqual({ n: 1 });
    expect(await rig.world.store.runs.admitted('test', 'main')).toEqual([]);
    expect(rig.bus.map(({ DetailType, EventBusName }) => [DetailType, EventBusName])).toEqual([
      ['Tutti Run Finished', `tutti-${rig.environment}`],
    ]);
    const [line = ''] = rig.written;
    expect(JSON.parse(line)).toMatchObject({
      environment: rig.environment,
      dag: 'test',
      RunsSucceeded: 1,
      RunsFailed: 0,
    });
  });

  test('that fails is told to people and to programs', async () => {
    const dag = testDag({ a: { body: boom } }, { schedule: DAILY, owner: 'sales-data', tags: ['tier-1'] });
    const { rig, version } = await deployed(dag);
    await tick(rig.world, 'test');
    await rig.settle();
    expect(await rig.run(KEY)).toMatchObject({
      state: 'failed',
      error: 'Error',
      failed: [{ task: 'a', try: 1 }],
    });
    expect(rig.published).toHaveLength(1);
    expect(rig.published[0]).toMatchObject({
      TopicArn: `arn:aws:sns:us-east-1:000000000000:tutti-${rig.environment}-alerts`,
      Subject: expect.stringMatching(/^test 2026-01-05T00:00:00Z failed: a: Error: broken/),
    });
    const details = rig.bus.map(({ DetailType, Detail = '' }) => [DetailType, JSON.parse(Detail)]);
    const { startedAt, endedAt } = await rig.run(KEY);
    const detail = {
      version: 1,
      environment: rig.environment,
      dagId: 'test',
      runId: KEY.runId,
      runType: 'scheduled',
      logicalDate: KEY.runId,
      interval: { start: KEY.runId, end: '2026-01-06T00:00:00Z' },
      state: 'failed',
      startedAt,
      endedAt,
      failed: [{ taskId: 'a', try: 1, error: 'Error', cause: expect.stringContaining('broken') }],
      codeVersion: version.manifest.hash,
      owner: 'sales-data',
      tags: ['tier-1'],
    };
    expect(details).toEqual([
      ['Tutti Run Finished', detail],
      ['Tutti Task Failed', detail],
    ]);
  });

  test('runs some of its tasks again, with what the others recorded', async () => {
    let isBroken = true;
    const dag = testDag(
      {
        a: { body: () => ({ n: 7 }) },
        b: { inputs: { n: output('a', 'n') }, body: ({ n }) => (isBroken ? boom() : { seen: n }) },
      },
      { schedule: DAILY },
    );
    const { rig, version } = await deployed(dag);
    await tick(rig.world, 'test');
    await rig.settle();
    isBroken = false;
    const PERSON = { name: 'ada', via: 'cli' } as const;
    await clearRuns(rig.world, PERSON, { dagId: 'test', runs: { runId: KEY.runId }, tasks: ['b'] });
    await rig.settle();
    const run = await rig.run(KEY);
    expect(run).toMatchObject({ state: 'success', attempt: 2, again: ['b'], cells: 'ss' });
    expect((await rig.world.store.taskRuns.recorded(KEY))?.outputs.get('a')).toEqual({ n: 7 });
    const rows = await rig.world.store.taskRuns.list(KEY, { attempt: 2 });
    expect(rows.map(({ task, state }) => [task, state])).toEqual([['b', 'success']]);
    expect(await rig.executions(version)).toHaveLength(2);
  });

  test('runs again as a whole without what an earlier attempt recorded', async () => {
    const { rig } = await deployed(PLAIN());
    await tick(rig.world, 'test');
    await rig.settle();
    const { table } = rig.world.waits;
    const pk = `RUN#test#${KEY.runId}`;
    // As the machine records what a module or a person gave: nothing says of which attempt it is.
    await putItem(table, { pk, sk: 'O#module#0', out: '{"n":1}', ttl: 1_800_000_000 });
    await putItem(table, { pk, sk: 'J#a', ttl: 1_800_000_000 });
    const PERSON = { name: 'ada', via: 'cli' } as const;
    await clearRuns(rig.world, PERSON, { dagId: 'test', runs: { runId: KEY.runId } });
    await rig.settle();
    expect(await rig.run(KEY)).toMatchObject({ state: 'success', attempt: 2 });
    expect((await itemsOf(table, pk)).map(({ sk }) => sk)).toContain('J#a');
    expect(await itemsOf(table, pk, { prefix: 'O#' })).toEqual([]);
  });
});
