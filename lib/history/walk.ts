/** Follows the events of a run's executions and keeps what they say, by scope. */
import { isObject, type Json } from '../base/json.ts';
import type { ManifestState } from '../model/manifest.ts';
import { TRIES_KEY } from '../model/variables.ts';
import { type Course, courseAt, cutAll, cutBy, entryKey, itemScope, placeBefore } from './course.ts';
import { label, listen, parsed, queue, wait } from './listen.ts';
import { type Place, placeOf } from './place.ts';
import type { RunEvent } from './run-event.ts';
import { enterModule, enterTask, instanceOf, newScope, type Scope } from './scope.ts';
import type { Units } from './units.ts';
import { type Cut, cut, enteredAt, leave, pause, tell, tellUnevaluated, type Visit } from './visit.ts';

/** A module's Map or body that is entered. */
type EnteredModule = Pick<ManifestState, 'role'> & {
  readonly module: string;
  readonly timestampMs: number;
};

/** What the walk knows of states and modules. */
export interface WalkMap {
  readonly states: Readonly<Record<string, ManifestState | undefined>>;
  readonly units: Units;
}

/** Takes the events of a run in order, each execution's own. */
export class Walk {
  readonly root: Scope = newScope(0);
  readonly #map: WalkMap;
  /** By id; the run's own under `undefined`. */
  readonly #courses = new Map<string | undefined, Course>();
  /** Visits and scopes of executions that were stopped, as is known only later, by the run or for it. */
  readonly #stopped: { readonly visits: readonly Visit[]; readonly scope: Scope | undefined }[] = [];
  /** How the run ended. */
  #ended: Cut | undefined;
  /** Id of the run's own execution, once a child of it was heard. */
  #ownId: string | undefined;

  constructor(map: WalkMap) {
    this.#map = map;
    this.#courses.set(undefined, courseAt({ scope: this.root }));
  }

  apply(event: RunEvent): void {
    const course = this.#courseOf(event);
    // Of an execution that nobody waits for: it is no part of the run.
    if (course === undefined) return;
    const before = placeBefore(event, course);
    const place = this.#next(event, before, course);
    course.places[event.id] = place;
    if (/^(Map|Parallel)StateEntered$/.test(event.type)) course.entered.set(entryKey(event, 'name'), place);
    if (event.type.startsWith('Execution') && event.type !== 'ExecutionStarted') this.#end(event, course);
  }

  #courseOf({ execution, parent, timestampMs }: RunEvent): Course | undefined {
    const known = this.#courses.get(execution);
    if (known !== undefined || parent === undefined) return known;
    this.#ownId ??= parent.execution;
    const starter = parent.execution === this.#ownId ? undefined : parent.execution;
    const place = this.#courses.get(starter)?.places[parent.eventId];
    if (place === undefined) return undefined;
    const course = courseAt(
      place.module === undefined || parent.index === undefined
        ? place
        : {
            scope: instanceOf(place.module, place.scope, { counter: parent.index, ms: timestampMs }),
            outer: place,
          },
    );
    this.#courses.set(execution, course);
    return course;
  }

  #next(event: RunEvent, before: Place, course: Course): Place {
    const { type, details } = event;
    if (type.endsWith('StateEntered')) return this.#enter(event, before, course);
    if (type.endsWith('StateExited')) return this.#exit(event, before, course);
    if (type.startsWith('MapIteration')) return iteration(event, before);
    if (type === 'MapStateStarted' && before.module) before.module.items = Number(details['length']);
    if (before.visit !== undefined && type === 'EvaluationFailed') tellUnevaluated(before.visit, event);
    if (!type.startsWith('Task') || before.visit === undefined) return before;
    if (type === 'TaskScheduled') label(before.scope, details['parameters']);
    tell(before.visit, event);
    return before;
  }

  #enter({ type, timestampMs, details }: RunEvent, before: Place, course: Course): Place {
    const name = String(details['name']);
    const state = this.#map.states[name];
    const { scope } = before;
    if (state?.task !== undefined) {
      const doing = type === 'WaitStateEntered' ? 'waiting' : 'running';
      const visit = enterTask(scope, state.task, () => enteredAt(timestampMs, doing, state.renews));
      course.open.add(visit);
      return { scope, name, visit, outer: before };
    }
    course.isParent ||= type === 'MapStateEntered' || type === 'TaskStateEntered';
    queue(scope, state);
    const isContainer = type === 'MapStateEntered' || type === 'ParallelStateEntered';
    if (state?.module === undefined) return isContainer ? { scope, name, outer: before } : before;
    if (isContainer) return this.#enterModule(before, name, { ...state, module: state.module, timestampMs });
    if (type === 'WaitStateEntered') wait(scope, state.module);
    return before;
  }

  #enterModule(outer: Place, name: string, { module: id, role, timestampMs }: EnteredModule): Place {
    const { scope } = outer;
    const kind = this.#map.units.module(id)?.kind ?? 'retry';
    const module = enterModule(scope, { id, kind }, timestampMs);
    if (role === 'map') return { scope, name, module, outer };
    scope.told.delete(id);
    const at = { counter: module.scopes.size + 1, ms: timestampMs };
    return { scope: instanceOf(module, scope, at), name, module, outer };
  }

  #exit({ timestampMs, details }: RunEvent, before: Place, { open }: Course): Place {
    const place = placeOf(before, String(details['name']));
    const after = place?.outer ?? before;
    const { masks, task, retries } = this.#map.states[String(details['name'])] ?? {};
    if (masks !== undefined) before.scope.asked.set(masks, timestampMs);
    const data = parsed(details['output']);
    listen(after.scope, data);
    const id = task ?? retries;
    const visit = place?.visit ?? after.scope.tasks.get(retries ?? '');
    if (id !== undefined && visit !== undefined) {
      const isOver = leaveTask(visit, timestampMs, { code: data?.[id], soFar: data?.[TRIES_KEY] });
      if (isOver) open.delete(visit);
    } else if (place !== undefined) leaveModule(place, after, timestampMs);
    return after;
  }

  #end({ type, timestampMs, execution }: RunEvent, course: Course): void {
    const stopped = type === 'ExecutionAborted';
    const end = stopped && this.#ended !== undefined ? this.#ended : cutBy(type);
    if (execution === undefined) {
      this.#endAll(timestampMs, end);
      return;
    }
    if (!course.isParent) this.#courses.delete(execution);
    const scope = itemScope(course);
    if (scope !== undefined) scope.endMs = timestampMs;
    if (type === 'ExecutionSucceeded') return;
    if (scope !== undefined) scope.end = end.state;
    if (stopped) this.#stopped.push({ visits: [...course.open], scope });
    cutAll(course, timestampMs, end);
  }

  #endAll(atMs: number, end: Cut): void {
    this.#ended = end;
    for (const course of this.#courses.values()) cutAll(course, atMs, end);
    for (const { visits, scope } of this.#stopped) {
      for (const visit of visits) if (visit.endMs === atMs) cut(visit, atMs, end);
      if (scope?.endMs === atMs) scope.end = end.state;
    }
  }
}

function leaveModule({ module, scope }: Place, after: Place, endMs: number): void {
  if (module === undefined) return;
  module.endMs = endMs;
  if (scope !== after.scope) scope.endMs = endMs;
}

interface Left {
  readonly code: Json | undefined;
  /** How far its tries are, where another one may follow. */
  readonly soFar: Json | undefined;
}

/** Leaves a task's own state, or one between two of its tries; whether for good. */
function leaveTask(visit: Visit, endMs: number, { code, soFar }: Left): boolean {
  if (isObject(soFar)) pause(visit, endMs);
  else leave(visit, endMs, code);
  return !isObject(soFar);
}

/** An iteration begins in the Map's scope, and ends there. */
function iteration({ type, timestampMs, details }: RunEvent, before: Place): Place {
  const place = placeOf(before, String(details['name'])) ?? before;
  if (place.module === undefined) return place;
  const at = { counter: Number(details['index']), ms: timestampMs };
  const scope = instanceOf(place.module, place.scope, at);
  if (type === 'MapIterationStarted') return { scope, outer: place };
  scope.endMs = timestampMs;
  if (type !== 'MapIterationSucceeded') scope.end = 'failed';
  return place;
}
