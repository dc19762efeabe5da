/** Pauses a DAG whose scheduled runs fail one after the other. */
import type { DagHead } from '../model/dag-version.ts';
import { failuresToPauseAt } from '../schedule/auto-pause.ts';
import { isoText } from '../schedule/run-interval.ts';
import { dagOf, type KnownDag } from './known.ts';
import { note, SCHEDULER } from './note.ts';
import { say } from './notify/say.ts';
import type { World } from './ports.ts';

/** Asked after every end, and again before new runs are made: an end whose recorder died is not forgotten. */
export async function pauseIfFailing(
  world: World,
  dagId: string,
  known?: KnownDag,
): Promise<DagHead | undefined> {
  const { head, version } = known ?? (await dagOf(world, dagId));
  const most = version.dag.maxConsecutiveFailedRuns;
  if (most === undefined || head.paused) return undefined;
  const { items } = await world.store.runs.list({
    dagId,
    types: ['scheduled'],
    states: ['success', 'failed', 'cancelled'],
    limit: most,
  });
  const failed = failuresToPauseAt(version.dag, head, items);
  if (failed === undefined) return undefined;
  const pausedBy = `tutti: ${failed} scheduled runs failed one after the other`;
  const paused = await world.store.dags.updateHead(dagId, head.rev, { paused: true, pausedBy });
  // Who comes second changes nothing and tells nobody.
  if (paused === undefined) return undefined;
  await note(world, SCHEDULER, 'pause', { dagId, details: { because: pausedBy } });
  await sayPaused(world, dagId);
  return paused;
}

/** Tells once that a DAG was paused because its runs fail; true where nothing is left to tell. */
export async function sayPaused(world: World, dagId: string): Promise<boolean> {
  const head = await world.store.dags.head(dagId);
  const [, failed] = /^tutti: (\d+) scheduled runs failed/.exec(head?.pausedBy ?? '') ?? [];
  if (head?.paused !== true || failed === undefined) return true;
  const { version } = await dagOf(world, dagId);
  const { items } = await world.store.runs.list({
    dagId,
    types: ['scheduled'],
    states: ['failed'],
    limit: Number(failed),
  });
  const said = await say(world, `${dagId} paused ${items[0]?.id ?? ''}`, {
    kind: 'paused',
    to: version.dag.callbacks?.onFailure ?? [],
    dagId,
    ...(head.owner === undefined ? {} : { owner: head.owner }),
    at: isoText(world.clock.now()),
    subject: `${dagId} is paused: ${failed} scheduled runs failed one after the other`,
    text: `No further runs are scheduled. Its newest runs failed: ${items.map(({ id }) => id).join(', ')}.`,
    command: `tutti unpause ${dagId}`,
  });
  return said !== 'unsent';
}
