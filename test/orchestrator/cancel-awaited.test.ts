import { expect, test } from 'vitest';
import { keyOfRun, type Run } from '../../lib/model/run.ts';
import { clearRuns } from '../../lib/orchestrator/clear.ts';
import { recordEnd } from '../../lib/orchestrator/record.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { sweep } from '../../lib/orchestrator/sweep.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { DAILY, end, PERSON, type Rig, rig, runAt, versionOf } from './rig.ts';

const NOW = '2026-01-05T12:30:00Z';

/** `parent` runs, and its task has made a run of `child`, for which it waits; other runs of that nobody waits for. */
async function waiting(options: { readonly maxActiveRuns?: number } = {}) {
  const world = rig(NOW);
  const call = { kind: 'engine', engine: 'dag.trigger', args: { dagId: 'child', wait: true } } as const;
  const task = { id: 'a', call, upstream: [], triggerRule: 'all_success', retries: [] } as const;
  await registerDags(world, [
    versionOf('parent', DAILY, { tasks: [task] }),
    versionOf('child', DAILY, options),
  ]);
  const { run: parent } = await trigger(world, PERSON, { dagId: 'parent', now: true });
  const made = (id: string, awaitedBy?: { readonly runId: string; readonly attempt: number }) =>
    trigger(world, PERSON, {
      dagId: 'child',
      triggeredBy: 'parent',
      id,
      ...(awaitedBy === undefined ? {} : { awaitedBy: { ...awaitedBy, task: 'a' } }),
    });
  const by = { runId: parent.id, attempt: 1 };
  const runs = [await made('mine', by), await made('free'), await made('other', { ...by, runId: 'another' })];
  const states = () => Promise.all(runs.map(async ({ run }) => (await now(world, run)).state));
  return { world, parent, states, mine: runs[0]?.run ?? parent };
}

async function now(world: Rig, { dagId, id }: Run): Promise<Run> {
  const run = await world.store.runs.get({ dagId, runId: id });
  if (run === undefined) throw new Error(`no run ${id}`);
  return run;
}

test('a run whose time is over ends what it waits for, and nothing else', async () => {
  const { world, parent, states, mine } = await waiting();
  await end(world, parent, 'failed');
  expect(await states()).toEqual(['cancelled', 'running', 'running']);
  expect((await now(world, mine)).cause).toBe('cancelled by dag parent');
  expect(await world.store.runs.admitted('child', 'main')).not.toContain(mine.id);
});

test('what is queued is cancelled as well', async () => {
  const { world, parent, states, mine } = await waiting({ maxActiveRuns: 1 });
  await world.store.runs.update(
    keyOfRun(mine),
    { states: ['running'] },
    { state: 'queued', execution: undefined },
  );
  await end(world, parent, 'cancelled');
  expect((await states())[0]).toBe('cancelled');
});

test('a crash between the end of a run and that is mended by the sweep, or by telling the end again', async () => {
  for (const mend of [sweep, endAgain]) {
    const { world, parent, states } = await waiting();
    await world.store.runs.update(
      keyOfRun(parent),
      { states: ['running'] },
      { state: 'failed', endedAt: NOW },
    );
    expect((await states())[0]).toBe('running');
    await mend(world);
    expect((await states()).slice(0, 2)).toEqual(['cancelled', 'running']);
    await mend(world);
    const { items } = await world.store.audit.list({ dagId: 'child' });
    const cancelled = items.filter(({ action, runId }) => action === 'cancel' && runId?.endsWith('~mine'));
    expect(cancelled).toHaveLength(1);
  }
});

async function endAgain(world: Rig): Promise<void> {
  const [parent] = (await world.store.runs.list({ dagId: 'parent' })).items;
  if (parent === undefined) throw new Error('no run of parent');
  const { attempt, cells } = parent;
  await recordEnd(world, { ...keyOfRun(parent), attempt, state: 'failed', endedAt: NOW, cells, rows: [] });
}

test('while its task waits it goes on; what a person clears later is theirs', async () => {
  const { world, parent, states, mine } = await waiting();
  await sweep(world);
  expect((await states())[0]).toBe('running');
  await end(world, mine, 'failed');
  await clearRuns(world, PERSON, { dagId: 'child', runs: { runId: mine.id } });
  await end(world, parent, 'failed');
  await sweep(world);
  expect(await runAt(world, 'child', mine.id)).toMatchObject({ state: 'running', attempt: 2 });
});
