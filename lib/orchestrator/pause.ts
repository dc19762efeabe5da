/** Pausing a DAG: it makes no runs until it is unpaused, and then follows its catchup (`semantics.md` 5). */
import type { DagHead } from '../model/dag-version.ts';
import { isoText } from '../schedule/run-interval.ts';
import { dagOf } from './known.ts';
import { note } from './note.ts';
import type { Actor, World } from './ports.ts';
import { tick } from './tick.ts';

/**
 * Scheduled runs are neither made nor started any more. Those that go on go on; runs that somebody asks for, too.
 *
 * @throws {RefusedError} `unknown-dag`
 */
export async function pauseDag(world: World, actor: Actor, dagId: string): Promise<DagHead> {
  return change(world, actor, { dagId, action: 'pause' });
}

/**
 * Makes runs again, and looks at once which are due: with catchup all that were missed, else the newest.
 *
 * @throws {RefusedError} `unknown-dag`
 */
export async function unpauseDag(world: World, actor: Actor, dagId: string): Promise<DagHead> {
  const head = await change(world, actor, { dagId, action: 'unpause' });
  await tick(world, dagId);
  return (await world.store.dags.head(dagId)) ?? head;
}

async function change(
  world: World,
  actor: Actor,
  { dagId, action }: { readonly dagId: string; readonly action: 'pause' | 'unpause' },
): Promise<DagHead> {
  const paused = action === 'pause';
  for (;;) {
    const { head } = await dagOf(world, dagId);
    if (head.paused === paused) return head;
    const patch = paused
      ? { paused, pausedBy: actor.name }
      : { paused, pausedBy: undefined, unpausedAt: isoText(world.clock.now()) };
    const changed = await world.store.dags.updateHead(dagId, head.rev, patch);
    // Somebody changed something else of it meanwhile.
    if (changed === undefined) continue;
    await note(world, actor, action, { dagId });
    return changed;
  }
}
