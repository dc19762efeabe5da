import type { JsonObject } from '../base/json.ts';
import { isoText } from '../schedule/run-interval.ts';
import type { Actor, World } from './ports.ts';

/** Who changes things when nobody asked. */
export const SCHEDULER: Actor = { name: 'tutti', via: 'scheduler' };

/** Keeps who did what, of a DAG or a run of it. */
export async function note(
  world: World,
  actor: Actor,
  action: string,
  of: { readonly dagId?: string; readonly runId?: string; readonly details?: JsonObject },
): Promise<void> {
  await world.store.audit.append({
    id: world.newId(),
    at: isoText(world.clock.now()),
    actor: actor.name,
    via: actor.via,
    action,
    ...(of.dagId === undefined ? {} : { dagId: of.dagId }),
    ...(of.runId === undefined ? {} : { runId: of.runId }),
    details: of.details ?? {},
  });
}
