import type { Place } from './place.ts';
import type { RunEvent } from './run-event.ts';
import type { Scope } from './scope.ts';
import { type Cut, cut, type Visit } from './visit.ts';

/** One execution of the run. */
export interface Course {
  /** Where it begins. */
  readonly root: Place;
  /** By event id. */
  readonly places: Place[];
  /** Where a Map or Parallel was entered, by the event before and its name: AWS counts what fails there at once from that. */
  readonly entered: Map<string, Place>;
  /** Tasks it is at. */
  readonly open: Set<Visit>;
  /** May have started others, whose events may come when its own are over. */
  isParent: boolean;
}

/** What it is at ends with it. */
export function cutAll({ open }: Course, atMs: number, end: Cut): void {
  for (const visit of open) cut(visit, atMs, end);
  open.clear();
}

/** Of a child of a Map that is a module: its end is the item's. */
export function itemScope({ root }: Course): Scope | undefined {
  return root.name === undefined && root.outer !== undefined ? root.scope : undefined;
}

/** How its last event ends what it is at. */
export function cutBy(type: RunEvent['type']): Cut {
  if (type === 'ExecutionAborted') return { state: 'cancelled' };
  return { state: 'failed', ...(type === 'ExecutionTimedOut' ? { error: 'States.Timeout' } : {}) };
}

export function courseAt(root: Place): Course {
  return { root, places: [], entered: new Map(), open: new Set(), isParent: false };
}

/** Where the event happens. */
export function placeBefore(event: RunEvent, { places, entered, root }: Course): Place {
  const failed = event.type === 'EvaluationFailed' ? entered.get(entryKey(event, 'state')) : undefined;
  return failed ?? places[event.previousEventId] ?? root;
}

export function entryKey({ previousEventId, details }: RunEvent, name: 'name' | 'state'): string {
  return `${previousEventId}:${details[name]}`;
}
