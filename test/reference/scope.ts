/**
 * A case as scopes: what stands directly in the DAG, or in a module, as units with edges among them. Edges, reads and
 * choices that cross a module's border are lifted to the modules; inside they vanish.
 */
import type { Case, CaseModule, CaseTask } from './case.ts';
import { type Shape, shapeOf } from './shape.ts';

/** A task or a module, as the scope it stands in sees it. */
export interface Unit {
  readonly id: string;
  /** Units of the same scope. */
  readonly upstream: readonly string[];
  readonly triggerRule: string;
  readonly kind: CaseTask['kind'];
  readonly respectTriggerRules: boolean;
  readonly setups: readonly string[];
  readonly failRun: boolean;
  readonly task?: CaseTask;
  readonly module?: CaseModule;
  /** Of a module: what is in it. */
  readonly scope?: Scope;
}

export interface Scope {
  readonly units: readonly Unit[];
  readonly shape: Shape<Unit>;
  /** How many modules are around. */
  readonly depth: number;
}

/** Where tasks and modules stand. */
export interface Nesting {
  /** Modules around a task or module, outermost first; a mapped task is in the module of its own id. */
  readonly around: (id: string) => readonly CaseModule[];
  readonly modules: readonly CaseModule[];
  readonly task: (id: string) => CaseTask;
}

export function nestingOf(input: Case): Nesting {
  const groups = (input.modules ?? []).filter(({ kind }) => kind !== 'group');
  const mapped = input.tasks.filter(({ kind }) => kind === 'map');
  const own = new Map(mapped.map((task) => [task.id, moduleOf(task)]));
  const tasks = new Map(input.tasks.map((task) => [task.id, insideOf(task)]));
  const around = new Map<string, readonly CaseModule[]>();
  for (const { id } of [...groups, ...input.tasks]) {
    const outer = groups.filter((group) => id.startsWith(`${group.id}.`));
    outer.sort((a, b) => a.id.length - b.id.length);
    const mappedAs = own.get(id);
    around.set(id, mappedAs === undefined ? outer : [...outer, mappedAs]);
  }
  return {
    modules: [...groups, ...own.values()],
    around: (id) => around.get(id) ?? missing(id),
    task: (id) => tasks.get(id) ?? missing(id),
  };
}

function missing(id: string): never {
  throw new Error(`no task or module ${id}`);
}

/** A mapped task is a map of its own id around one task. */
function moduleOf({ id, upstream, triggerRule, list, items, concurrency, tolerate }: CaseTask): CaseModule {
  return {
    id,
    kind: 'map',
    count: items?.length ?? 0,
    ...(upstream === undefined ? {} : { upstream }),
    ...(triggerRule === undefined ? {} : { triggerRule }),
    ...(list === undefined ? {} : { list }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(tolerate === undefined ? {} : { tolerate }),
  };
}

function insideOf(task: CaseTask): CaseTask {
  if (task.kind !== 'map') return task;
  const { kind, upstream, triggerRule, items, ...inside } = task;
  return items === undefined || items.length === 0 ? inside : { ...inside, runs: items };
}

/** The DAG itself, with all that is in it. */
export function scopeOf(input: Case, nesting: Nesting): Scope {
  const upstream = liftedEdges(input, nesting);
  const scopeIn = (path: readonly CaseModule[]): Scope => {
    const outer = path.at(-1);
    const isHere = (around: readonly CaseModule[]) =>
      around.length === path.length && around.at(-1)?.id === outer?.id;
    const modules = nesting.modules.filter(({ id }) => isHere(outsideOf(nesting, id)));
    const tasks = input.tasks.filter(({ id }) => isHere(nesting.around(id)));
    const units = [
      ...tasks.map(({ id }) => unitOfTask(nesting.task(id), upstream.get(taskKey(id)) ?? [])),
      ...modules.map((module) => ({
        ...unitOfModule(module, upstream.get(module.id) ?? []),
        scope: scopeIn([...path, module]),
      })),
    ];
    return { units, shape: shapeOf(units), depth: path.length };
  };
  return scopeIn([]);
}

/** Modules around a module itself, or a task that is no module. */
function outsideOf({ around }: Nesting, id: string): readonly CaseModule[] {
  const path = around(id);
  return path.at(-1)?.id === id ? path.slice(0, -1) : path;
}

function taskKey(id: string): string {
  return `task ${id}`;
}

/** The unit by which a scope knows a task or module in it, at any depth. */
export function unitIn(nesting: Nesting, depth: number, id: string): string {
  return nesting.around(id)[depth]?.id ?? id;
}

/** An edge as it is written; `path`: the modules around its lower end. */
interface Written {
  readonly lower: string;
  readonly path: readonly CaseModule[];
  readonly upper: string;
  readonly isRead: boolean;
}

/** Upstream units by module id or {@link taskKey}; each once. */
function liftedEdges(input: Case, nesting: Nesting): ReadonlyMap<string, readonly string[]> {
  const edges = new Map<string, Set<string>>();
  for (const { lower, path, upper, isRead } of writtenEdges(input, nesting)) {
    const above = nesting.around(upper);
    const depth = commonDepth(path, above);
    const unit = path[depth]?.id ?? lower;
    // Within one scope a read is no edge: its reader is below for other reasons.
    if (unit === (above[depth]?.id ?? upper) || (isRead && unit === lower)) continue;
    const known = edges.get(unit) ?? new Set();
    edges.set(unit, known.add(unitIn(nesting, depth, upper)));
  }
  return new Map([...edges].map(([unit, above]) => [unit, [...above]]));
}

function writtenEdges(input: Case, nesting: Nesting): readonly Written[] {
  const ofTasks = input.tasks.flatMap(({ id }) => {
    const { upstream = [], reads = [] } = nesting.task(id);
    const lower = { lower: taskKey(id), path: nesting.around(id) };
    return [
      ...upstream.map((upper) => ({ ...lower, upper, isRead: false })),
      ...reads.map((upper) => ({ ...lower, upper, isRead: true })),
    ];
  });
  const ofModules = nesting.modules.flatMap(({ id, upstream = [], list, loop }) => {
    const given = list?.from === 'output' ? list.task : loop?.initial;
    const lower = { lower: id, path: outsideOf(nesting, id), isRead: false };
    return [...upstream, ...(given === undefined ? [] : [given])].map((upper) => ({ ...lower, upper }));
  });
  return [...ofTasks, ...ofModules];
}

/** How many modules two places have in common. */
export function commonDepth(a: readonly CaseModule[], b: readonly CaseModule[]): number {
  const differs = a.findIndex((module, index) => module.id !== b[index]?.id);
  return differs === -1 ? a.length : differs;
}

function unitOfTask(task: CaseTask, upstream: readonly string[]): Unit {
  const { id, kind, triggerRule = 'all_success', setups = [], failRun = false } = task;
  return {
    id,
    upstream,
    triggerRule: kind === 'teardown' ? 'teardown' : triggerRule,
    kind,
    respectTriggerRules: task.respectTriggerRules === true,
    setups,
    failRun,
    task,
  };
}

function unitOfModule(module: CaseModule, upstream: readonly string[]): Unit {
  const { id, triggerRule = 'all_success' } = module;
  return {
    id,
    upstream,
    triggerRule,
    kind: undefined,
    respectTriggerRules: false,
    setups: [],
    failRun: false,
    module,
  };
}
