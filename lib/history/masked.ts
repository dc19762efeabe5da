/** When what a rerun only tells of is taken as final: that is seen nowhere, and what does not run below follows from it. */
import { isEarly } from '../model/trigger-rule.ts';
import type { Unit } from './units.ts';

/**
 * Once all above it is final, ms. With an early rule and more above it than what holds it: once that is; what it says
 * can change no more, and the machine waits for nothing else.
 */
export function maskedMs(unit: Unit, units: readonly Unit[], finalMs: (id: string) => number): number {
  const upstream = unit.upstream.map(({ task }) => task);
  const { heldBy = [], triggerRule } = unit;
  const mayBeEarly = isEarly(triggerRule) && upstream.length > (triggerRule === 'always' ? 0 : 1);
  const waitsFor = mayBeEarly && !isHeldBy(upstream, heldBy, units) ? heldBy : upstream;
  return waitsFor.reduce((latest, id) => Math.max(latest, finalMs(id)), 0);
}

/** Whether each is one of the holders, or above one. */
function isHeldBy(ids: readonly string[], holders: readonly string[], units: readonly Unit[]): boolean {
  const byId = new Map(units.map((unit) => [unit.id, unit]));
  const held = new Set(holders);
  for (const id of held) for (const { task } of byId.get(id)?.upstream ?? []) held.add(task);
  return ids.every((id) => held.has(id));
}
