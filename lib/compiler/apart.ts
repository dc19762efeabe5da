/** Maps whose items get executions of their own, and how their outputs travel. */
import type { MapNode } from '../model/module.ts';
import { isRef } from '../model/ref.ts';
import type { Limits } from './course.ts';
import type { Unit } from './scopes.ts';
import type { Read } from './values.ts';

/** The longest list a map may get, as far as it is known before a run. */
export function mostItems({ items, maxItems }: MapNode): number | undefined {
  return Array.isArray(items) && !isRef(items) ? items.length : maxItems;
}

/**
 * Longer than what an inline Map runs at once, or perhaps so: every item gets an execution of its own.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html
 */
export function isApart(does: MapNode, { inlineItems }: Limits): boolean {
  const items = mostItems(does);
  return items === undefined || items > inlineItems;
}

/**
 * The whole list of what a task gave in such a map, wanted by a function or engine: its handler gathers it from the
 * record, since thousands of values are too much for one state.
 */
export function isGathered({ inside }: Unit, read: Read, limits: Limits): boolean {
  const { id, path, computed, isLeaving = false } = read;
  if (
    computed ||
    isLeaving ||
    path.length > 0 ||
    inside?.does.kind !== 'map' ||
    !isApart(inside.does, limits)
  )
    return false;
  return inside.scope.unitOf.get(id)?.inside === undefined;
}
