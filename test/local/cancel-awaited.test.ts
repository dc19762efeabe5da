import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { dag, fn, trigger } from '../../lib/index.ts';
import { openLocalWorld } from '../../lib/local/world.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { keyOfRun } from '../../lib/model/run.ts';
import { cancelRun } from '../../lib/orchestrator/cancel.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger as triggerRun } from '../../lib/orchestrator/trigger.ts';
import { temporaryFolder } from './dag.ts';
import { versionOf } from './launched.ts';

const ANN = { name: 'ann', via: 'cli' } as const;

/** A body that goes on until it is cancelled, or told to end; `began` once it runs. */
function slow() {
  const began = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  const body = fn(async ({ signal }) => {
    began.resolve();
    const aborted = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => aborted.resolve(), { once: true });
    await Promise.race([aborted.promise, end.promise]);
  });
  return { body, began: began.promise, end: () => end.resolve() };
}

async function worldOf(...dags: readonly DagNode[]) {
  const codeOf = (dagId: string) => dags.find(({ id }) => id === dagId);
  const world = await openLocalWorld({ root: temporaryFolder(), codeOf });
  await registerDags(world, dags.map(versionOf));
  const runs = async (dagId: string) => (await world.store.runs.list({ dagId })).items;
  return { world, runs };
}

test('who cancels a run cancels what its tasks made and wait for, and what waits below that', async () => {
  const { body, began } = slow();
  const print = dag('print', {}, ({ task }) => void task('work', body));
  const publish = dag('publish', {}, ({ task }) => void task('print', trigger.dag(print, { wait: true })));
  const daily = dag('daily', {}, ({ task }) => void task('publish', trigger.dag(publish, { wait: true })));
  const { world, runs } = await worldOf(print, publish, daily);
  const { run } = await triggerRun(world, ANN, { dagId: 'daily', now: true });
  await began;
  await cancelRun(world, ANN, keyOfRun(run));
  await world.launcher.idle();
  const ids = ['daily', 'publish', 'print'];
  const ended = (await Promise.all(ids.map(runs))).flat();
  expect(ended.map(({ state, cause }) => [state, cause])).toEqual([
    ['cancelled', 'cancelled by ann'],
    ['cancelled', 'cancelled by dag daily'],
    ['cancelled', 'cancelled by dag publish'],
  ]);
  const { items } = await world.store.audit.list({ dagId: 'publish' });
  expect(items.filter(({ action }) => action === 'cancel')).toMatchObject([
    {
      actor: 'dag daily',
      details: {
        was: 'running',
        awaitedBy: {
          ...keyOfRun(run),
          attempt: 1,
          task: 'publish',
          state: 'cancelled',
          cause: 'cancelled by ann',
        },
      },
    },
  ]);
  await world.close();
});

test('a run that is started and not waited for goes on', async () => {
  const [child, parent] = [slow(), slow()];
  const print = dag('print', {}, ({ task }) => void task('work', child.body));
  const daily = dag('daily', {}, ({ task }) => {
    task('print', trigger.dag(print));
    task('work', parent.body);
  });
  const { world, runs } = await worldOf(print, daily);
  const { run } = await triggerRun(world, ANN, { dagId: 'daily', now: true });
  await Promise.all([child.began, parent.began]);
  await cancelRun(world, ANN, keyOfRun(run));
  while ((await runs('daily'))[0]?.state === 'running') await setImmediate();
  child.end();
  await world.launcher.idle();
  expect(await runs('daily')).toMatchObject([{ state: 'cancelled' }]);
  expect(await runs('print')).toMatchObject([{ state: 'success' }]);
  await world.close();
});
