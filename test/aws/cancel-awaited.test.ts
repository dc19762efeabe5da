/** A run that waits for one of another DAG, on AWS: whoever ends it ends that one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { defined } from '../../lib/api/defined.ts';
import { triggerDag } from '../../lib/aws/engines/trigger.ts';
import { tickEventOf } from '../../lib/aws/events.ts';
import { recordExecution } from '../../lib/aws/record-execution.ts';
import { sweepHere } from '../../lib/aws/sweeping.ts';
import { waitForRun } from '../../lib/aws/waiting.ts';
import type { AwsWorld } from '../../lib/aws/world.ts';
import type { Json } from '../../lib/base/json.ts';
import { dag, fn, trigger as start } from '../../lib/index.ts';
import { keyOfRun, type Run } from '../../lib/model/run.ts';
import type { TaskEvent } from '../../lib/model/run-input.ts';
import { cancelRun } from '../../lib/orchestrator/cancel.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { coreRig, registered } from './core-rig.ts';
import { account } from './deployed.ts';
import { hasTables, newTable } from './tables.ts';

const PERSON = { name: 'ada', via: 'cli' } as const;

/** `daily` waits for the run of `publish` that its task has made, which goes on. */
async function waiting() {
  const there = await account();
  const began = Promise.withResolvers<void>();
  const publish = dag('publish', {}, ({ task }) => {
    task(
      'work',
      fn(() => {
        began.resolve();
        return sleep(20_000, 0, { ref: false });
      }),
    );
  });
  const daily = dag('daily', {}, ({ task }) => void task('publish', start.dag(publish, { wait: true })));
  const versions = await Promise.all([publish, daily].map((each) => there.deploy(each)));
  const rig = coreRig({ account: there, table: await newTable(), now: '2026-01-06T00:00:10Z' });
  await registered(rig.world, versions);
  there.functions.set('tutti-test-daily-0', functionOf(rig.world, rig.environment));
  const { run } = await trigger(rig.world, PERSON, { dagId: 'daily', now: true });
  await began.promise;
  const child = async () => (await rig.world.store.runs.list({ dagId: 'publish' })).items[0];
  while ((await child())?.state !== 'running') await sleep(5);
  return { rig, parent: run, child };
}

/** The DAG's function, whose calls of Core are taken by its own check and do what its `tick` does. */
function functionOf(world: AwsWorld, environment: string): (payload: Json) => Promise<Json> {
  const tick = async (text: string): Promise<Json> => {
    const asked = tickEventOf(JSON.parse(text));
    if ('wait' in asked) return waitForRun(world, defined(asked.wait));
    if (!('trigger' in asked)) throw new Error('no schedule fires');
    const { run } = await trigger(world, { name: 'dag daily', via: 'scheduler' }, defined(asked.trigger));
    return { dagId: run.dagId, runId: run.id, logicalDate: run.logicalDate, state: 'queued' };
  };
  const lambda = {
    send: async ({ input }: { readonly input: { readonly Payload: Buffer } }) => ({
      Payload: Buffer.from(JSON.stringify(await tick(String(input.Payload)))),
    }),
  };
  return async (payload) => {
    const event = payload as TaskEvent;
    const context = {
      event,
      args: event.args,
      file: { environment },
      clients: { lambda: async () => lambda },
    };
    if (!('answer' in triggerDag)) throw new Error('it is asked once');
    return (await triggerDag.answer(context as unknown as Parameters<typeof triggerDag.answer>[0])) ?? null;
  };
}

/** Records the execution of a run as EventBridge would have it. */
async function recorded({ world, ended }: Awaited<ReturnType<typeof waiting>>['rig'], run: Run | undefined) {
  if (run === undefined) throw new Error('no run');
  const now = await world.store.runs.get(keyOfRun(run));
  await recordExecution(world, await ended(now ?? run));
}

describe.skipIf(!hasTables)('a run that waits for one of another DAG', () => {
  test('is cancelled with it', async () => {
    const { rig, parent, child } = await waiting();
    expect(await child()).toMatchObject({
      state: 'running',
      awaitedBy: { ...keyOfRun(parent), task: 'publish' },
    });
    await cancelRun(rig.world, PERSON, keyOfRun(parent));
    await recorded(rig, parent);
    await recorded(rig, await child());
    expect(await rig.run(keyOfRun(parent))).toMatchObject({ state: 'cancelled', cause: 'cancelled by ada' });
    expect(await child()).toMatchObject({ state: 'cancelled', cause: 'cancelled by dag daily' });
    const { items } = await rig.world.store.audit.list({ dagId: 'publish' });
    expect(items.find(({ action }) => action === 'cancel')).toMatchObject({
      actor: 'dag daily',
      details: {
        awaitedBy: { ...keyOfRun(parent), attempt: 1, state: 'cancelled', cause: 'cancelled by ada' },
      },
    });
  });

  test('is cancelled by the sweep where nobody came to it', async () => {
    const { rig, parent, child } = await waiting();
    const { runs } = rig.world.store;
    await runs.update(
      keyOfRun(parent),
      { states: ['running'] },
      { state: 'failed', endedAt: parent.createdAt },
    );
    const run = await child();
    expect((await sweepHere(rig.world, () => true)).ended).toContain(`publish/${run?.id}`);
    await recorded(rig, run);
    expect((await child())?.state).toBe('cancelled');
  });
});
