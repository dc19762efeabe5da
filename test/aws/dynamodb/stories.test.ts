/** Exactly once, whatever dies at whatever request: the ledger's stories on DynamoDB. */
import { expect, test } from 'vitest';
import { inParallel } from '../../../lib/aws/dynamodb/batches.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { tick } from '../../../lib/orchestrator/tick.ts';
import { Actor } from '../../orchestrator/ledger/actor.ts';
import { faultsOf, recover } from '../../orchestrator/ledger/check.ts';
import type { Place } from '../../orchestrator/ledger/place.ts';
import { placeOf, story } from '../../orchestrator/ledger/story.ts';
import { MINUTE } from '../../orchestrator/ledger/work.ts';
import { versionOf } from '../../orchestrator/rig.ts';
import { onDynamoDB } from '../dynamodb-local.ts';
import { gatedStores } from './gated.ts';
import { losingReplies } from './lost-replies.ts';

const SEED = Number(process.env['SEED'] ?? 1);
const STORIES = Number(process.env['STORIES'] ?? 4);
/** Of the points at which a process may die, each so many-th: a life takes seconds. */
const EACH = Number(process.env['EACH'] ?? 6);
/** Where others use the machine too. */
const LONG_MS = 300_000;

const DAG: DagNode = {
  ...versionOf('one', { kind: 'every', period: '1m', interval: 'data' }).dag,
  catchup: false,
};

await onDynamoDB('on DynamoDB', (local) => {
  test(
    'whatever crashes, comes twice, late or never: each interval has one run, each attempt one start',
    async () => {
      const client = local.client();
      const { client: losing } = losingReplies(client);
      const seeds = Array.from({ length: STORIES }, (_, index) => SEED + index);
      await inParallel(seeds, async (seed) => {
        const stores = gatedStores(seed % 2 === 0 ? losing : client, await local.newTable());
        expect(await story(seed, stores), `story of seed ${seed}`).toEqual([]);
      });
    },
    LONG_MS,
  );

  test(
    'killed after a write of a run from its tick to its end, nothing is lost or doubled',
    async () => {
      const play = async (killedAt: number) =>
        playOnce(killedAt, gatedStores(local.client(), await local.newTable(), 'writes'));
      const { points, faults } = await play(-1);
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(20);
      const all = Array.from({ length: points }, (_, at) => at).filter((at) => at % EACH === SEED % EACH);
      await inParallel(all, async (at) =>
        expect((await play(at)).faults, `killed at point ${at}`).toEqual([]),
      );
    },
    LONG_MS,
  );
});

/** One interval is due, its run starts and ends: one process after the other, of which one dies. */
async function playOnce(killedAt: number, stores: ReturnType<typeof gatedStores>) {
  const place = await placeOf(1, [DAG], stores);
  const { cursor } = await place.store.runs.changes();
  place.nowMs += 2 * MINUTE;
  const steps = [
    async (actor: Actor) => tick(place.world(actor.gate), 'one'),
    async (actor: Actor) => endRunning(place, actor),
  ];
  let points = 0;
  for (const step of steps) {
    const actor = new Actor('step');
    await actor.begin(async () => step(actor));
    while (actor.state === 'parked' && points++ !== killedAt) await actor.step();
    if (actor.state === 'failed') place.broken.push(String(actor.error));
  }
  await recover(place, [DAG]);
  const faults = await faultsOf(place, [DAG], new Map());
  return { points, faults: [...faults, ...(await untold(place, cursor))] };
}

async function endRunning(place: Place, actor: Actor): Promise<void> {
  for (const execution of place.executions.all()) {
    if (execution.state !== 'running') continue;
    place.executions.end(execution.name, 'ended');
    await place.tellEnd(place.world(actor.gate), execution, 'success');
  }
}

/** Runs whose end is not among what changed, or not among the newest. */
async function untold({ store }: Place, cursor: string): Promise<readonly string[]> {
  const { items } = await store.runs.list({ dagId: 'one' });
  const { runs } = await store.runs.changes(cursor);
  const [recent] = await store.dags.recent(20);
  return items.flatMap((run) => {
    const told = runs.find(({ id }) => id === run.id);
    const newest = recent?.runs.find(({ id }) => id === run.id);
    return [
      told?.state === run.state ? [] : [`${run.id} is ${run.state}, and told as ${told?.state}`],
      newest?.state === run.state ? [] : [`${run.id} is ${run.state}, and of the newest ${newest?.state}`],
    ].flat();
  });
}
