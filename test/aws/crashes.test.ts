import { describe, expect, test } from 'vitest';
import type { CoreClients } from '../../lib/aws/core-clients.ts';
import { recordExecution } from '../../lib/aws/record-execution.ts';
import { sweepHere } from '../../lib/aws/sweeping.ts';
import type { AwsWorld } from '../../lib/aws/world.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { tick } from '../../lib/orchestrator/tick.ts';
import { testDag } from '../local/dag.ts';
import { DAILY } from '../orchestrator/rig.ts';
import { type CoreRig, coreRig, registered } from './core-rig.ts';
import { type Account, account } from './deployed.ts';
import { type Death, dying } from './dying.ts';
import { hasTables, newTable } from './tables.ts';

/** Some thirty deaths, each mended. */
const PATIENCE_MS = 180_000;

const FIRST = '2026-01-05T00:00:00Z';
const SECOND = '2026-01-06T00:00:00Z';

/** Two days that are due, one run at a time. */
function counted() {
  const ran: string[] = [];
  const dag = testDag({ a: { body: ({ run }: { run: { runId: string } }) => void ran.push(run.runId) } }, {
    schedule: DAILY,
    catchup: true,
    start: FIRST,
    maxActiveRuns: 1,
  } as Partial<DagNode>);
  return { ran, dag };
}

interface Setting {
  readonly there: Account;
  readonly version: Awaited<ReturnType<Account['deploy']>>;
  readonly ran: string[];
}

async function setting(): Promise<Setting> {
  const { dag, ran } = counted();
  const there = await account();
  return { there, version: await there.deploy(dag), ran };
}

let seconds = 0;

/** An environment with two runs due; each at a time of its own, so that its executions have names of their own. */
async function environment({ there, version }: Setting): Promise<CoreRig> {
  const rig = coreRig({ account: there, table: await newTable(), now: FIRST });
  await registered(rig.world, [version]);
  seconds += 1;
  rig.setNow(new Date(Date.parse('2026-01-07T00:00:00Z') + seconds * 1000).toISOString());
  return rig;
}

function killedAt(rig: CoreRig, at: number) {
  let death: Death | undefined;
  const world = rig.other({
    clients: (clients: CoreClients) => {
      const own = dying(clients, at);
      death = own.death;
      return own;
    },
  });
  return { world, isDead: () => death?.isDead === true };
}

/** Sweeps and records until nothing is open: as the sweep's schedule and EventBridge would. */
async function mended(rig: CoreRig): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    const { problems } = await sweepHere(rig.other(), () => true);
    expect(problems).toEqual([]);
    await rig.settle(rig.other());
    if ((await rig.world.store.runs.open()).length === 0) return;
  }
}

async function assertRight(rig: CoreRig, { version, ran }: Setting, before: number): Promise<void> {
  for (const runId of [FIRST, SECOND])
    expect(await rig.run({ dagId: 'test', runId })).toMatchObject({
      state: 'success',
      attempt: 1,
      cells: 's',
    });
  expect(ran.splice(0)).toEqual([FIRST, SECOND]);
  expect(await rig.world.store.runs.admitted('test', 'main')).toEqual([]);
  expect(await rig.executions(version)).toHaveLength(before + 2);
}

describe.skipIf(!hasTables)('a function that dies after any of its requests', () => {
  test('looks at what is due', { timeout: PATIENCE_MS }, async () => {
    const set = await setting();
    let executions = 0;
    for (let at = 1, isOver = false; !isOver; at += 1) {
      const rig = await environment(set);
      const { world, isDead } = killedAt(rig, at);
      await tick(world, 'test').catch(() => undefined);
      isOver = !isDead();
      await mended(rig);
      await assertRight(rig, set, executions);
      executions += 2;
      if (isOver) expect(at).toBeGreaterThan(8);
    }
  });

  test('keeps an end', { timeout: PATIENCE_MS }, async () => {
    const set = await setting();
    let executions = 0;
    for (let at = 1, isOver = false; !isOver; at += 1) {
      const rig = await environment(set);
      await tick(rig.world, 'test');
      const told = await rig.ended(await rig.run({ dagId: 'test', runId: FIRST }));
      const { world, isDead } = killedAt(rig, at);
      await recordExecution(world, told).catch(() => undefined);
      isOver = !isDead();
      await mended(rig);
      await assertRight(rig, set, executions);
      executions += 2;
      if (isOver) expect(at).toBeGreaterThan(8);
    }
  });
});

describe.skipIf(!hasTables)('firings and events', () => {
  test('that come twice, at once and late do what one does', async () => {
    const set = await setting();
    const rig = await environment(set);
    await Promise.all([
      tick(rig.other(), 'test'),
      tick(rig.other(), 'test'),
      sweepHere(rig.other(), () => true),
    ]);
    const first = await rig.ended(await rig.run({ dagId: 'test', runId: FIRST }));
    const told = (world: AwsWorld) => recordExecution(world, first);
    await Promise.all([told(rig.other()), told(rig.other()), told(rig.other())]);
    await rig.settle(rig.other());
    expect(await told(rig.other())).toBe('recorded');
    await tick(rig.other(), 'test');
    await mended(rig);
    await assertRight(rig, set, 0);
  });

  test('that never come are made up for by the sweep', async () => {
    const set = await setting();
    const rig = await environment(set);
    for (const runId of [FIRST, SECOND]) {
      await sweepHere(rig.other(), () => true);
      await rig.ended(await rig.run({ dagId: 'test', runId }));
      await sweepHere(rig.other(), () => true);
    }
    await assertRight(rig, set, 0);
  });
});
