import { describe, expect, test } from 'vitest';
import { sweepHere } from '../../lib/aws/sweeping.ts';
import { type RunWait, registerWait } from '../../lib/aws/waits.ts';
import { AWAITED_RUN_FAILED } from '../../lib/engines/run-wait.ts';
import { markTasks } from '../../lib/orchestrator/mark.ts';
import { tick } from '../../lib/orchestrator/tick.ts';
import { testDag } from '../local/dag.ts';
import { DAILY } from '../orchestrator/rig.ts';
import { coreRig, registered } from './core-rig.ts';
import { account } from './deployed.ts';
import { hasTables, newTable } from './tables.ts';

const DATE = '2026-01-05T00:00:00Z';
const NOW = Date.parse('2026-01-06T00:00:10Z');

async function watched(body: () => unknown) {
  const there = await account();
  const version = await there.deploy(testDag({ a: { body } }, { schedule: DAILY }));
  const rig = coreRig({ account: there, table: await newTable(), now: DATE });
  await registered(rig.world, [version]);
  rig.setNow('2026-01-06T00:00:10Z');
  const told: unknown[] = [];
  const sfn = {
    send: async ({ input }: { input: object }) => {
      told.push(input);
      return {};
    },
  } as unknown as typeof rig.world.waits.sfn;
  // Answers alone are caught: everything else is asked of the server.
  const world = rig.other();
  Object.assign(world.waits, { sfn });
  const wait = (token: string, more: Partial<RunWait> = {}): RunWait => ({
    dagId: 'test',
    logicalDate: DATE,
    states: ['success'],
    failOn: [],
    error: AWAITED_RUN_FAILED,
    token,
    consumer: { dagId: 'reports', runId: DATE, attempt: 1, task: 'wait' },
    ...more,
  });
  return { rig, world, told, wait };
}

const THERE = JSON.stringify({ dagId: 'test', runId: DATE, logicalDate: DATE, state: 'success' });

describe.skipIf(!hasTables)('a wait for a run', () => {
  test('is answered as the run ends, once', async () => {
    const { rig, world, told, wait } = await watched(() => undefined);
    await registerWait(world.waits, wait('t1'), NOW);
    await tick(world, 'test');
    await rig.settle(world);
    expect(told).toEqual([{ taskToken: 't1', output: THERE }]);
    await sweepHere(world, () => true);
    await sweepHere(world, () => true);
    expect(told).toHaveLength(1);
  });

  test('is answered at once where the run has ended', async () => {
    const { rig, world, told, wait } = await watched(() => undefined);
    await tick(world, 'test');
    await rig.settle(world);
    await registerWait(world.waits, wait('late'), NOW);
    expect(told).toEqual([{ taskToken: 'late', output: THERE }]);
  });

  test('that was renewed is answered by its newest token', async () => {
    const { rig, world, told, wait } = await watched(() => undefined);
    await registerWait(world.waits, wait('old'), NOW);
    await registerWait(world.waits, wait('new'), NOW);
    await tick(world, 'test');
    await rig.settle(world);
    expect(told).toEqual([{ taskToken: 'new', output: THERE }]);
  });

  test('fails where the run failed and that is the end of it, else waits for better', async () => {
    const { rig, world, told, wait } = await watched(() => Promise.reject(new Error('broken')));
    const strict = {
      consumer: { dagId: 'strict', runId: DATE, attempt: 1, task: 'wait' },
      failOn: ['failed'],
    } as const;
    await registerWait(world.waits, wait('patient'), NOW);
    await registerWait(world.waits, wait('strict', strict), NOW);
    await sweepHere(world, () => true);
    await rig.settle(world);
    const cause = `run "${DATE}" of dag "test": is failed`;
    expect(told).toEqual([{ taskToken: 'strict', error: AWAITED_RUN_FAILED, cause }]);
    const PERSON = { name: 'ada', via: 'cli' } as const;
    await markTasks(world, PERSON, {
      dagId: 'test',
      runs: { runId: DATE },
      state: 'success',
      tasks: ['a'],
    });
    expect(told[1]).toMatchObject({ taskToken: 'patient' });
  });

  test('of one run is not answered by another run of its date', async () => {
    const { rig, world, told, wait } = await watched(() => undefined);
    await registerWait(world.waits, wait('mine', { runId: `${DATE}~other` }), NOW);
    await tick(world, 'test');
    await rig.settle(world);
    expect(told).toEqual([]);
  });
});
