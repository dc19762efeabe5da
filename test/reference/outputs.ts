/** What a Ref gives, by who reads it and where: across a map's border a list, across a retry's or loop's the last. */
import { isObject, type Json } from '../../lib/base/json.ts';
import type { CaseModule } from './case.ts';
import { listFrom, placeOf } from './instances.ts';
import { commonDepth, type Nesting, unitIn } from './scope.ts';
import { fateIn, type ScopeRun } from './trace.ts';

/** Counters before those of the modules: one where the whole run is retried. */
function extraOf({ counters, scope }: ScopeRun): number {
  return counters.length - scope.depth;
}

/** The output of a task as one reads it in `run`; `undefined` where it gave none. */
export function outputSeen(nesting: Nesting, run: ScopeRun, task: string): Json | undefined {
  const depth = commonDepth(pathOf(run), nesting.around(task));
  return outputIn(nesting, ancestor(run, depth), task);
}

/** Modules around what stands in the scope of `run`. */
function pathOf(run: ScopeRun): readonly CaseModule[] {
  const { outer, scope } = run;
  if (outer === undefined) return [];
  const module = outer.scope.units.find((unit) => unit.scope === scope)?.module;
  return module === undefined ? pathOf(outer) : [...pathOf(outer), module];
}

export function ancestor(run: ScopeRun, depth: number): ScopeRun {
  if (run.scope.depth === depth) return run;
  if (run.outer === undefined) throw new Error(`no scope of depth ${depth}`);
  return ancestor(run.outer, depth);
}

function outputIn(nesting: Nesting, run: ScopeRun, task: string): Json | undefined {
  const unit = unitIn(nesting, run.scope.depth, task);
  const { instances, state, output } = fateIn(run, unit);
  const module = nesting.around(task)[run.scope.depth];
  if (module === undefined) return state === 'success' ? output : undefined;
  if (instances === undefined) return undefined;
  // An empty list gives an empty one; what is no list gives nothing.
  if (instances.length === 0) return module.kind === 'map' && state === 'skipped' ? [] : undefined;
  const outputs = instances.map((instance) => outputIn(nesting, instance, task));
  return module.kind === 'map' ? outputs.map((each) => each ?? null) : outputs.at(-1);
}

/** A loop gives what its next iteration would have got. */
export function isLoop({ modules }: Nesting, id: string): boolean {
  return modules.some((module) => module.id === id && module.kind === 'loop');
}

/** How many maps a Ref to the task leaves, read inside these modules. */
export function mapsLeft(nesting: Nesting, path: readonly CaseModule[], task: string): number {
  const around = nesting.around(task);
  return around.slice(commonDepth(path, around)).filter(({ kind }) => kind === 'map').length;
}

/** What is read of an output: who gave it; all of a list, or of what a loop gives. */
export function readSeen(nesting: Nesting, run: ScopeRun, task: string): Json | undefined {
  const output = outputSeen(nesting, run, task);
  const isWhole = isLoop(nesting, task) || mapsLeft(nesting, pathOf(run), task) > 0;
  return isWhole ? output : at(output, 'deep', 'id');
}

/** The list that a map in `run` goes over; anything else where it is none. */
export function listSeen(nesting: Nesting, run: ScopeRun, map: CaseModule): Json | undefined {
  const { from, task = '' } = map.list ?? { from: 'constant' };
  if (from === 'constant') return listFrom(nesting, map, map.id);
  if (from === 'param') return listFrom(nesting, map, `param ${map.id}`);
  if (from === 'item') return at(itemAround(run), 'parts', placeOf(nesting, map.id));
  const output = outputSeen(nesting, run, task);
  return mapsLeft(nesting, pathOf(run), task) > 0 ? output : at(output, 'lists', placeOf(nesting, map.id));
}

/** The item of the innermost map around. */
function itemAround({ item, outer }: ScopeRun): Json | undefined {
  return item === undefined && outer !== undefined ? itemAround(outer) : item;
}

/** What the first iteration gets, or the next one after `last`. */
export function previousOf(
  nesting: Nesting,
  { loop = { maxIterations: 1, untilAt: 0 } }: CaseModule,
  outer: ScopeRun,
  last?: ScopeRun,
): Json {
  const { task, initial } = loop;
  const from = last === undefined ? initial : task;
  const seen = from === undefined ? 'nobody' : readSeen(nesting, last ?? outer, from);
  return { fixed: true, ...(seen === undefined ? {} : { last: seen }) };
}

/** What a loop's condition is after an iteration; anything but a boolean is a mistake. */
export function untilSeen(nesting: Nesting, module: CaseModule, run: ScopeRun): Json | undefined {
  const { task, untilAt = 0, bare = false } = module.loop ?? {};
  if (task === undefined) return untilAt === 1;
  const said = at(outputSeen(nesting, run, task), 'done', placeOf(nesting, module.id));
  return bare ? said : said === true;
}

/** Index, item or previous value of everything around a run, by what it is read as. */
export function aroundSeen(run: ScopeRun): Readonly<Record<string, Json>> {
  const { outer, scope, counters, item, previous } = run;
  if (outer === undefined) return {};
  const module = outer.scope.units.find((unit) => unit.scope === scope)?.module;
  const rest = aroundSeen(outer);
  if (module?.kind === 'map') {
    const index = counters[extraOf(run) + scope.depth - 1] ?? -1;
    return { ...rest, [`index ${module.id}`]: index, [`item ${module.id}`]: item ?? null };
  }
  if (module?.kind === 'loop') return { ...rest, [`previous ${module.id}`]: previous ?? null };
  return rest;
}

function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>(
    (found, key) => (isObject(found) && Object.hasOwn(found, key) ? found[key] : undefined),
    value,
  );
}
