import type { ModuleVisit, Scope } from './scope.ts';
import type { Visit } from './visit.ts';

/** Where a line of events is: the states it is inside of, innermost first. */
export interface Place {
  readonly scope: Scope;
  /** Name of the state that was entered; absent at the start of an execution and of a Map's iteration. */
  readonly name?: string;
  /** Of a task's own state. */
  readonly visit?: Visit;
  /** Of a module's Map or body. */
  readonly module?: ModuleVisit;
  readonly outer?: Place;
}

/** The place at which the state `name` was entered, at `place` or around it. */
export function placeOf(place: Place, name: string): Place | undefined {
  for (let at: Place | undefined = place; at !== undefined; at = at.outer) if (at.name === name) return at;
  return undefined;
}
