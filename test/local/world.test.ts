import { describe, expect, test } from 'vitest';
import { openLocalWorld } from '../../lib/local/world.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { temporaryFolder, testDag } from './dag.ts';
import { versionOf } from './launched.ts';

describe('the world here', () => {
  test('runs what is triggered, several at once, and keeps it for the next process', async () => {
    const root = temporaryFolder();
    const dag = testDag({
      a: { body: () => ({ n: 1 }) },
      b: { after: ['a'], body: () => undefined },
    });
    const errors: unknown[] = [];
    const world = await openLocalWorld({ root, codeOf: () => dag, onError: (error) => errors.push(error) });
    await registerDags(world, [versionOf(dag)]);
    const actor = { name: 'ann', via: 'cli' } as const;
    const made = await Promise.all([1, 2, 3].map(() => trigger(world, actor, { dagId: dag.id, now: true })));
    await world.launcher.idle();
    expect(errors).toEqual([]);
    await world.close();
    const later = await openLocalWorld({ root, readOnly: true });
    for (const { run } of made) {
      const key = { dagId: run.dagId, runId: run.id };
      expect(await later.store.runs.get(key)).toMatchObject({ state: 'success', cells: 'ss' });
      expect((await later.store.taskRuns.list(key)).map(({ task, state }) => [task, state])).toEqual([
        ['a', 'success'],
        ['b', 'success'],
      ]);
    }
    await later.close();
  });
});
