/** The backfill function: its time is over in its midst, it is killed at each step; what it leaves is done once, all of it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { continueBackfill, startBackfill } from '../../lib/aws/backfilling.ts';
import type { CoreClients } from '../../lib/aws/core-clients.ts';
import { backfillEventOf } from '../../lib/aws/events.ts';
import { sweepHere } from '../../lib/aws/sweeping.ts';
import type { AwsWorld } from '../../lib/aws/world.ts';
import { compareTexts } from '../../lib/base/compare.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import { testDag } from '../local/dag.ts';
import { DAILY } from '../orchestrator/rig.ts';
import { type CoreRig, coreRig, registered } from './core-rig.ts';
import { type Account, account } from './deployed.ts';
import { type Death, dying } from './dying.ts';
import { hasTables, newTable } from './tables.ts';

const DAYS = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
const ASKED = { dag: 'test', from: DAYS[0] ?? '', to: DAYS[1] ?? '', maxActiveRuns: 1 };
const NOW = '2026-01-10T00:00:00Z';

interface Setting {
  readonly there: Account;
  readonly version: DagVersion;
  readonly ran: string[];
}

async function setting(): Promise<Setting> {
  const ran: string[] = [];
  const body = ({ run }: { run: { runId: string } }) => void ran.push(run.runId);
  const there = await account();
  return {
    there,
    ran,
    version: await there.deploy(testDag({ a: { body } }, { schedule: DAILY, start: DAYS[0] ?? '' })),
  };
}

let seconds = 0;

/** Each at a time of its own, so that its executions have names of their own. */
async function environment({ there, version }: Setting): Promise<CoreRig> {
  const rig = coreRig({ account: there, table: await newTable(), now: NOW });
  await registered(rig.world, [version]);
  await rig.world.store.dags.updateHead('test', (await rig.world.store.dags.head('test'))?.rev ?? 0, {
    paused: true,
  });
  seconds += 1;
  rig.setNow(new Date(Date.parse(NOW) + seconds * 1000).toISOString());
  return rig;
}

/** A function whose time is over as soon as `when` holds. */
function hurried(world: AwsWorld, when: () => Promise<boolean>): AwsWorld {
  const until = async (_instantMs: number, signal?: AbortSignal) => {
    while (signal?.aborted !== true && !(await when())) await sleep(1);
  };
  return { ...world, clock: { ...world.clock, now: () => world.clock.now(), until } };
}

/** One that has time enough. */
function patient(world: AwsWorld): AwsWorld {
  return hurried(world, async () => false);
}

const inTime = () => 900_000;
const isPlanned = (world: AwsWorld) => async () =>
  (await world.store.backfills.list({ dagId: 'test' })).items.length > 0;

/** As the events that it was sent, the sweep and EventBridge would. */
async function mended(rig: CoreRig): Promise<void> {
  for (const { name, payload } of rig.invoked.splice(0)) {
    const event = backfillEventOf(payload);
    expect(name).toBe(`tutti-${rig.environment}-backfill`);
    if ('continue' in event) await continueBackfill(patient(rig.other()), event.continue, inTime);
  }
  for (let round = 0; round < 5; round += 1) {
    const { backfills, runs } = rig.world.store;
    const active = await backfills.list({ dagId: 'test', active: true });
    if (active.items.length === 0 && (await runs.open()).length === 0) return;
    expect((await sweepHere(rig.other(), () => true)).problems).toEqual([]);
    await rig.settle(rig.other());
  }
}

/** Its dates as they ended, and what ran of them, in their order. */
async function outcome(rig: CoreRig, { ran }: Setting) {
  const { items } = await rig.world.store.backfills.list({ dagId: 'test' });
  const dates = items[0] === undefined ? [] : await rig.world.store.backfills.dates('test', items[0].id);
  return {
    states: items.map(({ state }) => state),
    dates: dates.map(({ state }) => state),
    ran: ran.splice(0).sort(compareTexts),
  };
}

const DONE = { states: ['success'], dates: ['success', 'success'], ran: DAYS };
const NOTHING = { states: [], dates: [], ran: [] };

describe.skipIf(!hasTables)('the backfill function', () => {
  test('whose time is over before there is a plan says so, and makes nothing', async () => {
    const set = await setting();
    const rig = await environment(set);
    const world = hurried(rig.other(), async () => true);
    for (const dryRun of [true, false])
      await expect(startBackfill(world, { ...ASKED, dryRun }, inTime)).rejects.toMatchObject({
        code: 'late',
        message: expect.stringContaining('ask for fewer dates at a time'),
      });
    expect(rig.invoked).toEqual([]);
  });

  test('whose time is over after that hands the rest to another call', async () => {
    const set = await setting();
    const rig = await environment(set);
    const world = rig.other();
    const told = await startBackfill(hurried(world, isPlanned(world)), ASKED, inTime);
    const [id] = (await world.store.backfills.list({ dagId: 'test' })).items.map((one) => one.id);
    expect(told).toEqual({ continues: true, backfill: { id, dagId: 'test' } });
    expect(rig.invoked).toEqual([
      { name: `tutti-${rig.environment}-backfill`, payload: { continue: { dag: 'test', id } } },
    ]);
    // So does that one, and the next.
    const again = await continueBackfill(
      hurried(rig.other(), async () => true),
      { dag: 'test', id: id ?? '' },
      inTime,
    );
    expect([again, rig.invoked.length]).toEqual([{ continues: true }, 2]);
    await mended(rig);
    expect(await outcome(rig, set)).toEqual(DONE);
    expect(await continueBackfill(rig.other(), { dag: 'test', id: id ?? '' }, inTime)).toEqual({
      continues: false,
    });
  });

  test('killed after any of its requests leaves a backfill that goes on, or none', {
    timeout: 60_000,
  }, async () => {
    const set = await setting();
    let [made, isOver] = [0, false];
    for (let at = 1; !isOver; at += STEP) {
      const rig = await environment(set);
      let death: Death | undefined;
      const clients = (own: CoreClients) => {
        const around = dying(own, at);
        death = around.death;
        return around;
      };
      await startBackfill(patient(rig.other({ clients })), ASKED, inTime).catch(() => undefined);
      isOver = death?.isDead !== true;
      const isThere = await isPlanned(rig.world)();
      await mended(rig);
      expect([at, await outcome(rig, set)]).toEqual([at, isThere ? DONE : NOTHING]);
      made += isThere ? 1 : 0;
    }
    expect(made).toBeGreaterThan(3);
  });
});

/** Requests between two deaths of some forty: each of them was died at as this was written, which takes half a minute. */
const STEP = 4;
