/** Tasks and modules of a whole run: what became of them in all their instances together, and in each. */
import type { Scope } from './scope.ts';
import { instanceOutcome, NONE, type Reading, type Settled, settle } from './settle.ts';
import {
  FINAL,
  type Instance,
  type ModuleInstance,
  type ModuleRun,
  type TaskInstance,
  type TaskRun,
  type TaskRunState,
} from './task-run.ts';

/** A task of the run; `module` is the innermost one around it. */
export function taskRun(id: string, module: string | undefined, reading: Reading): TaskRun {
  const path = pathOf(module, reading);
  const run = { id, ...whole(reading.root, { path, id }, reading) };
  if (path.length === 0) return run;
  const scopes = scopesAt(reading.root, path);
  const instances = scopes.map((scope) => taskInstance(id, scope, reading));
  return { ...run, instances, ...itemsAt(path, reading) };
}

/** A module of the run, in the module `outer`. */
export function moduleRun(
  { id, kind, outer }: Pick<ModuleRun, 'id' | 'kind'> & { readonly outer: string | undefined },
  reading: Reading,
): ModuleRun {
  const path = pathOf(outer, reading);
  const { tries: _none, ...outcome } = whole(reading.root, { path, id }, reading);
  const scopes = scopesAt(reading.root, [...path, id]);
  const instances = scopes.map((scope) => moduleInstance(scope, reading));
  return { id, kind, ...outcome, instances, ...itemsAt([...path, id], reading) };
}

/** Items of the map that the path ends with, in all that counts around it. */
function itemsAt(path: readonly string[], { root }: Reading): { readonly items?: number } {
  const visits = countedAt(root, path.slice(0, -1)).map(({ modules }) => modules.get(path.at(-1) ?? ''));
  const known = visits.flatMap((visit) => (visit?.items === undefined ? [] : [visit.items]));
  return known.length === 0 ? {} : { items: known.reduce((sum, items) => sum + items) };
}

/** The run itself where all of it is tried again. */
export function runTries(reading: Reading): ModuleRun | undefined {
  if (!reading.root.modules.has('')) return undefined;
  const instances = scopesAt(reading.root, ['']).map((scope) => moduleInstance(scope, reading));
  const last = instances.at(-1);
  if (last === undefined) return undefined;
  const { state, endMs } = last;
  const startMs = reading.root.startMs;
  return { id: '', kind: 'retry', state, startMs, ...(endMs === undefined ? {} : { endMs }), instances };
}

/** Modules from the run inwards, the run's own tries first where there are any. */
function pathOf(module: string | undefined, { units, root }: Reading): readonly string[] {
  const around = units.around(module);
  return root.modules.has('') ? ['', ...around] : around;
}

function scopesAt(scope: Scope, path: readonly string[]): readonly Scope[] {
  const [module, ...rest] = path;
  if (module === undefined) return [scope];
  const scopes = scope.modules.get(module)?.scopes.values() ?? [];
  const sorted = [...scopes].sort((a, b) => counterOf(a) - counterOf(b));
  return rest.length === 0 ? sorted : sorted.flatMap((inner) => scopesAt(inner, rest));
}

/** The same without earlier tries and iterations. */
function countedAt(scope: Scope, path: readonly string[]): readonly Scope[] {
  const [module, ...rest] = path;
  if (module === undefined) return [scope];
  const scopes = scopesAt(scope, [module]);
  const counted = scope.modules.get(module)?.kind === 'map' ? scopes : scopes.slice(-1);
  return counted.flatMap((inner) => countedAt(inner, rest));
}

interface Wanted {
  /** Modules from the scope inwards. */
  readonly path: readonly string[];
  readonly id: string;
}

/** What became of a task or module in all instances below the scope. */
function whole(scope: Scope, { path, id }: Wanted, reading: Reading): Settled {
  const [module, ...rest] = path;
  if (module === undefined) return settle(scope, reading).get(id) ?? NONE;
  const own = settle(scope, reading).get(module) ?? NONE;
  const visit = scope.modules.get(module);
  if (visit === undefined || visit.scopes.size === 0) return FINAL.has(own.state) ? own : NONE;
  const scopes = scopesAt(scope, [module]);
  const last = scopes.at(-1);
  if (visit.kind !== 'map') return last === undefined ? NONE : whole(last, { path: rest, id }, reading);
  // A mapped task is its own whole.
  if (module === id) return own;
  return together(
    scopes.map((inner) => whole(inner, { path: rest, id }, reading)),
    FINAL.has(own.state),
  );
}

/** Of the instances of a map: any failed, failed; all skipped, skipped; else success. */
function together(runs: readonly Settled[], isOver: boolean): Settled {
  const starts = runs.flatMap(({ startMs }) => (startMs === undefined ? [] : [startMs]));
  const startMs = starts.length === 0 ? {} : { startMs: starts.reduce((a, b) => Math.min(a, b)) };
  const states = new Set(runs.map(({ state }) => state));
  if (!isOver || [...states].some((state) => !FINAL.has(state))) {
    const state = states.size === 1 && states.has('none') ? 'none' : 'running';
    return { state, ...startMs, tries: [] };
  }
  const endMs = runs.reduce((latest, run) => Math.max(latest, run.endMs ?? 0), 0);
  return { state: stateOf(states), ...startMs, endMs, tries: [] };
}

function stateOf(states: ReadonlySet<TaskRunState>): TaskRunState {
  if (states.has('failed') || states.has('upstream_failed'))
    return states.has('failed') || states.size > 1 ? 'failed' : 'upstream_failed';
  if (states.has('cancelled')) return 'cancelled';
  return states.size === 1 && states.has('skipped') ? 'skipped' : 'success';
}

function taskInstance(id: string, scope: Scope, reading: Reading): TaskInstance {
  return { ...instanceOf(scope), ...(settle(scope, reading).get(id) ?? NONE) };
}

function moduleInstance(scope: Scope, reading: Reading): ModuleInstance {
  return { ...instanceOf(scope), ...instanceOutcome(scope, reading) };
}

function instanceOf({ inside, label }: Scope): Instance {
  if (inside === undefined) return { instance: '' };
  const { kind, counter } = inside;
  const { instance, ...outer } = instanceOf(inside.outer);
  const path = instance === '' ? String(counter) : `${instance}.${counter}`;
  if (kind === 'retry') return { ...outer, instance: path, groupTry: counter };
  if (kind === 'loop') return { ...outer, instance: path, iteration: counter };
  const { label: _outer, ...rest } = outer;
  return { ...rest, instance: path, mapIndex: counter, ...(label === undefined ? {} : { label }) };
}

function counterOf({ inside }: Scope): number {
  return inside?.counter ?? 0;
}
