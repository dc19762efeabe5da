import { expect, test } from 'vitest';
import type { DagNode } from '../../lib/model/dag.ts';
import { keyOfRun } from '../../lib/model/run.ts';
import { pumpBackfills } from '../../lib/orchestrator/backfill/pump.ts';
import { cancelRun } from '../../lib/orchestrator/cancel.ts';
import type { World } from '../../lib/orchestrator/ports.ts';
import { sweep } from '../../lib/orchestrator/sweep.ts';
import { tick } from '../../lib/orchestrator/tick.ts';
import { trigger } from '../../lib/orchestrator/trigger.ts';
import { Actor } from './ledger/actor.ts';
import { faultsOf, recover } from './ledger/check.ts';
import type { Place } from './ledger/place.ts';
import { placeOf } from './ledger/story.ts';
import { backfill, MINUTE } from './ledger/work.ts';
import { PERSON, versionOf } from './rig.ts';

const DAG: DagNode = {
  ...versionOf('one', { kind: 'every', period: '1m', interval: 'data' }).dag,
  catchup: false,
  maxActiveRuns: 2,
};

type Step = (place: Place, world: World) => Promise<unknown>;

const STEPS: readonly Step[] = [
  (_, world) => tick(world, 'one'),
  endsFirst('success'),
  endsFirst('failed'),
  (_, world) => trigger(world, PERSON, { dagId: 'one', now: true }),
  (place, world) => backfill(place, world, 'one'),
  (place, world) => {
    place.nowMs += MINUTE;
    return tick(world, 'one');
  },
  (_, world) => pumpBackfills(world),
  endsFirst('success'),
  async (_, world) => {
    const [run] = await world.store.runs.open({ dagId: 'one' });
    return run === undefined ? undefined : cancelRun(world, PERSON, keyOfRun(run));
  },
  endsFirst('success'),
  (_, world) => sweep(world),
  endsFirst('failed'),
  endsFirst('success'),
];

/** Ends the first execution that runs. */
function endsFirst(state: 'success' | 'failed'): Step {
  return async (place, world) => {
    const execution = place.executions.all().find((each) => each.state === 'running');
    if (execution === undefined) return;
    place.executions.end(execution.name, 'ended');
    await place.tellEnd(world, execution, state);
  };
}

/** Plays all steps, one process after the other; the one that comes to the `killedAt`-th point dies there. */
async function play(
  killedAt: number,
): Promise<{ readonly points: number; readonly faults: readonly string[] }> {
  const place = await placeOf(1, [DAG]);
  place.nowMs += 4 * MINUTE;
  let points = 0;
  for (const step of STEPS) {
    const actor = new Actor('step');
    const world = place.world(actor.gate);
    await actor.begin(() => step(place, world));
    while (actor.state === 'parked' && points++ !== killedAt) await actor.step();
    if (actor.state === 'failed') place.broken.push(String(actor.error));
  }
  await recover(place, [DAG]);
  return { points, faults: await faultsOf(place, [DAG], new Map()) };
}

test('killed before or after any one write of tick, trigger, record, pump, cancel or sweep, nothing is lost or doubled', async () => {
  const { points, faults } = await play(-1);
  expect(faults).toEqual([]);
  expect(points).toBeGreaterThan(150);
  for (let at = 0; at < points; at++) expect((await play(at)).faults, `killed at point ${at}`).toEqual([]);
});
