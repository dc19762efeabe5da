import { expect, test } from 'vitest';
import { runCanaries } from '../../../lib/cli/deploy/canaries.ts';
import { compile } from '../../../lib/compiler/compile.ts';
import { dag, fn } from '../../../lib/index.ts';
import { systemClock } from '../../../lib/local/clock.ts';
import { registerDags } from '../../../lib/orchestrator/register.ts';
import { trigger } from '../../../lib/orchestrator/trigger.ts';
import { PERSON, rig } from '../../orchestrator/rig.ts';

test('Ctrl-C leaves the run, and says how to see it', async () => {
  const world = rig('2026-01-10T12:00:00Z');
  const canary = dag('canary', {}, ({ task }) => {
    task(
      'a',
      fn(() => 1),
    );
  });
  await registerDags(world, [{ dag: canary, manifest: compile(canary).manifest }]);
  const controller = new AbortController();
  const acts = {
    async trigger() {
      const made = await trigger(world, PERSON, { dagId: 'canary' });
      setTimeout(() => controller.abort(new Error('cancelled by Ctrl-C')), 1);
      return made;
    },
  };
  const ledger = { acts, store: world.store, clock: systemClock, lookMs: 60_000, suffix: ' --env prod' };
  await expect(runCanaries(ledger, ['canary'], controller.signal)).rejects.toMatchObject({
    code: 'interrupted',
    message: expect.stringMatching(
      /got Ctrl-C; it goes on, to see it: tutti runs watch canary \S+ --env prod$/,
    ),
  });
});
