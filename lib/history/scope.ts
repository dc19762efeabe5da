/** What has been seen of a run so far: scopes, in which tasks and modules stand, and modules, in which scopes do. */
import type { ManifestModule } from '../model/manifest.ts';
import type { TaskRunState } from './task-run.ts';
import type { Visit } from './visit.ts';

/** The run itself, or one instance of a module: an item of a map, a try of a group, an iteration of a loop. */
export interface Scope {
  /** Absent: of the run. */
  readonly inside: Inside | undefined;
  startMs: number;
  endMs: number | undefined;
  /** What a person calls the item of a map. */
  label: string | undefined;
  /** How it ended, where that is known otherwise than by the tasks in it. */
  end: TaskRunState | undefined;
  /** Tasks that were entered, by id. */
  readonly tasks: Map<string, Visit>;
  /** Modules that were entered, by id. */
  readonly modules: Map<string, ModuleVisit>;
  /** What the data said of tasks and modules, by id. */
  readonly told: Map<string, TaskRunState>;
  /** Tasks that wait, or waited, for places of a pool. */
  readonly queued: Set<string>;
  /** Of a rerun: when it was asked whether a task or module runs again, by id. */
  readonly asked: Map<string, number>;
}

export interface Inside {
  /** Its id; `''`: the whole run, where that is tried again. */
  readonly module: string;
  readonly kind: ManifestModule['kind'];
  /** From 0 in maps, from 1 elsewhere. */
  readonly counter: number;
  readonly outer: Scope;
}

/** One stay of a run in a module. */
export interface ModuleVisit {
  readonly id: string;
  readonly kind: ManifestModule['kind'];
  readonly startMs: number;
  endMs: number | undefined;
  /** Between two tries. */
  isWaiting: boolean;
  /** Of a map: length of its list, once it is known. */
  items: number | undefined;
  /** By counter. */
  readonly scopes: Map<number, Scope>;
}

export function newScope(startMs: number, inside?: Inside): Scope {
  return {
    inside,
    startMs,
    endMs: undefined,
    label: undefined,
    end: undefined,
    tasks: new Map(),
    modules: new Map(),
    told: new Map(),
    queued: new Set(),
    asked: new Map(),
  };
}

/** The instance with that counter, begun now where there is none. */
export function instanceOf(visit: ModuleVisit, outer: Scope, at: { counter: number; ms: number }): Scope {
  const known = visit.scopes.get(at.counter);
  if (known !== undefined) return known;
  const scope = newScope(at.ms, { module: visit.id, kind: visit.kind, counter: at.counter, outer });
  visit.scopes.set(at.counter, scope);
  return scope;
}

/** The stay in a module that is entered now, for the first time or again. */
export function enterModule(
  scope: Scope,
  { id, kind }: Pick<ManifestModule, 'id' | 'kind'>,
  nowMs: number,
): ModuleVisit {
  const known = scope.modules.get(id);
  if (known !== undefined) {
    known.endMs = undefined;
    known.isWaiting = false;
    return known;
  }
  const scopes = new Map<number, Scope>();
  const visit: ModuleVisit = {
    id,
    kind,
    startMs: nowMs,
    endMs: undefined,
    isWaiting: false,
    items: undefined,
    scopes,
  };
  scope.modules.set(id, visit);
  return visit;
}

/** The task that is entered now; one that is entered again goes on. */
export function enterTask(scope: Scope, id: string, fresh: () => Visit): Visit {
  const known = scope.tasks.get(id);
  if (known === undefined) {
    const visit = fresh();
    scope.tasks.set(id, visit);
    return visit;
  }
  known.endMs = undefined;
  known.state = 'running';
  return known;
}
