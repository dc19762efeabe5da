/** What the sweep removes: once a day, all that belongs to a run, and again where it died at it. */
import { describe, expect, test } from 'vitest';
import type { CoreClients } from '../../lib/aws/core-clients.ts';
import { sweepHere } from '../../lib/aws/sweeping.ts';
import { itemsOf } from '../../lib/aws/table.ts';
import type { AwsWorld } from '../../lib/aws/world.ts';
import { keyOfRun } from '../../lib/model/run.ts';
import { dateOf, ended, head, row, version } from '../store/build.ts';
import { type CoreRig, coreRig } from './core-rig.ts';
import { account } from './deployed.ts';
import { hasTables, newTable } from './tables.ts';

/** The 10th of February: what ended before the 11th of January goes. */
const TODAY = 41;

async function environment(): Promise<CoreRig> {
  const file = { retention: { age: '30d' } } as const;
  const rig = coreRig({ account: await account(), table: await newTable(), now: dateOf(TODAY), file });
  const { dags } = rig.world.store;
  await dags.putVersion(version('sales', 'v1'));
  await dags.createHead(head('sales', { paused: true, schedule: 'never' }));
  return rig;
}

async function kept(rig: CoreRig, day: number): Promise<void> {
  const { runs, taskRuns } = rig.world.store;
  const run = ended(day);
  await runs.create(run);
  await taskRuns.put(keyOfRun(run), [row('load'), row('store')]);
}

async function sweep(world: AwsWorld): Promise<readonly string[]> {
  return (await sweepHere(world, () => true)).problems;
}

const daysIn = async ({ world }: CoreRig) =>
  (await world.store.runs.list({ dagId: 'sales' })).items.map(({ id }) => Number(id.slice(8, 10)));
const rowsOf = async ({ world }: CoreRig, day: number) =>
  (await itemsOf(world.table, `RUN#sales#${dateOf(day)}`)).length;

describe.skipIf(!hasTables)('retention on AWS', () => {
  test('removes old runs with all that is theirs, once a day', async () => {
    const rig = await environment();
    for (const day of [1, 2, 20]) await kept(rig, day);
    expect(await rowsOf(rig, 1)).toBeGreaterThan(0);
    expect(await sweep(rig.other())).toEqual([]);
    expect(await daysIn(rig)).toEqual([20]);
    expect([await rowsOf(rig, 1), await rowsOf(rig, 20)]).toEqual([0, expect.any(Number)]);
    expect(await rowsOf(rig, 20)).toBeGreaterThan(0);
    await kept(rig, 3);
    await sweep(rig.other());
    expect(await daysIn(rig)).toEqual([20, 3]);
    rig.setNow(dateOf(TODAY + 1));
    await sweep(rig.other());
    expect(await daysIn(rig)).toEqual([20]);
    const { items } = await rig.world.store.audit.list({});
    expect(items.filter(({ action }) => action === 'prune').map(({ details }) => details['runs'])).toEqual([
      1, 2,
    ]);
  });

  test('is tried again a while after it failed, and is no other part’s problem', async () => {
    const rig = await environment();
    for (const day of [1, 2]) await kept(rig, day);
    // The table takes no removal of a run.
    const clients = (own: CoreClients): CoreClients => ({
      ...own,
      dynamodb: {
        send: (command) =>
          command.name === 'DeleteItem'
            ? Promise.reject(new Error('Rate exceeded'))
            : own.dynamodb.send(command),
      },
    });
    expect(await sweep(rig.other({ clients }))).toEqual(['retention: Rate exceeded']);
    expect(await daysIn(rig)).toEqual([2, 1]);
    await sweep(rig.other());
    expect(await daysIn(rig)).toEqual([2, 1]);
    rig.setNow(dateOf(TODAY).replace('T00:00', 'T00:15'));
    expect(await sweep(rig.other())).toEqual([]);
    expect(await daysIn(rig)).toEqual([]);
  });
});
