import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { cancelJobsOf } from '../../lib/aws/cancel-jobs-of.ts';
import { cancellingCause, runPartition } from '../../lib/aws/run-items.ts';
import { getItem, putItem } from '../../lib/aws/table.ts';
import { cancelRun } from '../../lib/orchestrator/cancel.ts';
import { tick } from '../../lib/orchestrator/tick.ts';
import { testDag } from '../local/dag.ts';
import { DAILY } from '../orchestrator/rig.ts';
import { coreRig, registered } from './core-rig.ts';
import { account } from './deployed.ts';
import { hasTables, newTable } from './tables.ts';

const KEY = { dagId: 'test', runId: '2026-01-05T00:00:00Z' };
const PERSON = { name: 'ada', via: 'cli' } as const;

async function running() {
  const there = await account();
  const { promise: isSlow, resolve: slow } = Promise.withResolvers<void>();
  const dag = testDag(
    {
      a: { body: () => undefined },
      b: {
        after: ['a'],
        body: () => {
          slow();
          return sleep(20_000, undefined, { ref: false });
        },
      },
      c: { after: ['b'], body: () => undefined },
    },
    { schedule: DAILY },
  );
  const version = await there.deploy(dag);
  const rig = coreRig({ account: there, table: await newTable(), now: KEY.runId });
  await registered(rig.world, [version]);
  rig.setNow('2026-01-06T00:00:10Z');
  await tick(rig.world, 'test');
  await isSlow;
  return { rig, version };
}

describe.skipIf(!hasTables)('a run that is cancelled on AWS', () => {
  test('ends as cancelled: its execution is stopped, and nothing of it begins any more', async () => {
    const { rig } = await running();
    const { outcome } = await cancelRun(rig.world, PERSON, KEY);
    expect(outcome).toBe('stopping');
    expect(await cancellingCause(rig.world.table, KEY, 1)).toBe('cancelled by ada');
    // What call-engine looks for before it begins a job.
    expect(await getItem(rig.world.table, { pk: runPartition(KEY), sk: 'X#1' })).toBeDefined();
    await rig.settle();
    expect(await rig.run(KEY)).toMatchObject({ state: 'cancelled', cells: 'scc', cause: 'cancelled by ada' });
    expect(await rig.world.store.runs.admitted('test', 'main')).toEqual([]);
    expect(rig.invoked).toEqual([]);
  });

  test('has its external jobs ended by the function of its DAG', async () => {
    const { rig, version } = await running();
    const job = { pk: runPartition(KEY), sk: 'X#1#a', state: 'running', externalId: 'job-7' };
    await putItem(rig.world.table, job);
    await cancelRun(rig.world, PERSON, KEY);
    const event = { ...KEY, attempt: 1, cause: 'cancelled by ada' };
    expect(rig.invoked[0]).toEqual({ name: `tutti-${rig.environment}-cancel`, payload: event });
    const main = version.deployment?.fns.main;
    expect(await cancelJobsOf(rig.world, event)).toBe(main);
    expect(rig.invoked.at(-1)).toEqual({ name: main, payload: { kind: 'cancel', ...event } });
  });
});
