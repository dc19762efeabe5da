import { expect, expectTypeOf, test } from 'vitest';
import type { Call } from '../../lib/engines/engine.ts';
import { dag, fn, gte, param, type TriggeredRun, trigger } from '../../lib/index.ts';
import { triggerDag } from '../../lib/local/engines/trigger.ts';
import { openLocalWorld } from '../../lib/local/world.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import { clearRuns } from '../../lib/orchestrator/clear.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger as triggerRun } from '../../lib/orchestrator/trigger.ts';
import { temporaryFolder } from './dag.ts';
import { versionOf } from './launched.ts';

const ANN = { name: 'ann', via: 'cli' } as const;

let isBroken = false;
const publish = dag('publish', { params: { day: param.string() } }, ({ task, params }) => {
  task(
    'send',
    fn({ day: params.day }, () => {
      if (isBroken) throw new Error('no paper');
    }),
  );
});

async function worldOf(...dags: readonly DagNode[]) {
  const codeOf = (dagId: string) => dags.find(({ id }) => id === dagId);
  const world = await openLocalWorld({ root: temporaryFolder(), codeOf });
  await registerDags(world, dags.map(versionOf));
  const runOf = async (dagId: string) => (await world.store.runs.list({ dagId, order: 'oldest' })).items;
  return { world, runOf };
}

test('a task starts a run of another DAG, waits for it, and fails with it', async () => {
  expectTypeOf(trigger.dag(publish)).toEqualTypeOf<Call<TriggeredRun>>();
  const seen: unknown[] = [];
  const daily = dag('daily', {}, ({ task, run }) => {
    const sent = task('publish', trigger.dag(publish, { params: { day: run.interval.date }, wait: true }));
    task(
      'after',
      fn({ state: sent.output.state, id: sent.output.runId }, (got) => void seen.push(got)),
    );
  });
  const { world, runOf } = await worldOf(publish, daily);
  await triggerRun(world, ANN, { dagId: 'daily', logicalDate: '2026-01-05' });
  await world.launcher.idle();
  const [published] = await runOf('publish');
  expect(published).toMatchObject({
    type: 'triggered',
    state: 'success',
    params: { day: '2026-01-05' },
    by: 'dag daily',
  });
  expect(seen).toEqual([{ state: 'success', id: published?.id }]);
  isBroken = true;
  const [first] = await runOf('daily');
  await clearRuns(world, ANN, { dagId: 'daily', runs: { runId: first?.id ?? '' } });
  await world.launcher.idle();
  isBroken = false;
  expect(await runOf('daily')).toMatchObject([
    { state: 'failed', attempt: 2, error: 'Dag.TriggeredRunFailed', failed: [{ task: 'publish' }] },
  ]);
  // Another attempt of the task's own run: another run of the other DAG.
  expect((await runOf('publish')).map(({ state }) => state).sort((a, b) => (a < b ? -1 : 1))).toEqual([
    'failed',
    'success',
  ]);
  await world.close();
});

test('what the other DAG refuses fails the task; without wait the run is only started', async () => {
  const refused = dag('refused', {}, ({ task }) => {
    task('publish', trigger.dag(publish, { params: { colour: 'red' } }));
  });
  const started = dag('started', {}, ({ task }) => {
    task('publish', trigger.dag(publish, { params: { day: 'x' }, logicalDate: '2026-01-03' }));
  });
  const { world, runOf } = await worldOf(publish, refused, started);
  for (const dagId of ['refused', 'started']) await triggerRun(world, ANN, { dagId, now: true });
  await world.launcher.idle();
  expect((await runOf('refused'))[0]).toMatchObject({ state: 'failed', error: 'Dag.TriggerRefused' });
  expect((await runOf('started'))[0]?.state).toBe('success');
  expect(await runOf('publish')).toMatchObject([{ logicalDate: '2026-01-03T00:00:00Z', by: 'dag started' }]);
  await world.close();
});

test('each iteration of a loop, and each place in a map of a map, starts a run of its own', async () => {
  const again = dag('again', {}, ({ task, loop, group }) => {
    loop(
      'rounds',
      { initial: { round: 0 }, until: (out) => gte(out.round, 2), maxIterations: 3 },
      ({ round }, { task }) => {
        const sent = task('publish', trigger.dag(publish, { params: { day: 'round' }, wait: true }));
        return task(
          'count',
          fn({ round, state: sent.output.state }, (got) => ({ round: got.round + 1 })),
        ).output;
      },
    );
    const outer = task(
      'outer',
      fn(() => ['a', 'b']),
    );
    group.map('all', outer.output, ({ task, group }) => {
      const inner = task(
        'inner',
        fn(() => ['c', 'd']),
      );
      group.map('each', inner.output, ({ task }) => {
        task('started', trigger.dag(publish, { params: { day: 'place' } }));
      });
    });
  });
  const { world, runOf } = await worldOf(publish, again);
  await triggerRun(world, ANN, { dagId: 'again', now: true });
  await world.launcher.idle();
  expect((await runOf('again'))[0]).toMatchObject({ state: 'success' });
  const days = (await runOf('publish')).map(({ params }) => params['day']);
  expect(days.filter((day) => day === 'round')).toHaveLength(2);
  expect(days.filter((day) => day === 'place')).toHaveLength(4);
  await world.close();
});

test('outside of an orchestrator it is refused in words', async () => {
  const call = { task: 'publish', args: {}, attempt: '1', place: {} } as unknown as Parameters<
    typeof triggerDag
  >[0];
  await expect(triggerDag(call)).rejects.toThrow(
    'task "publish" › trigger.dag: needs the orchestrator, got a run of its own; use tutti dev or tutti trigger',
  );
});
