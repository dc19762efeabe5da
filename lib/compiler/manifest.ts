/** What readers of history, the page and the API need to know of a compiled DAG. */
import { createHash } from 'node:crypto';
import type { Branch, State } from '../asl/states.ts';
import type { JsonObject } from '../base/json.ts';
import type { DagNode } from '../model/dag.ts';
import type { Manifest, ManifestModule, ManifestState, ManifestTask } from '../model/manifest.ts';
import type { TaskNode } from '../model/task.ts';
import { describeSchedule } from '../schedule/describe.ts';
import type { Machine } from './course.ts';
import { type Graph, graphOf, idOf } from './graph.ts';
import { guardTasks } from './guards.ts';
import { layoutOf, type Position } from './layout.ts';
import { moduleFacts, optional, taskFacts } from './manifest-facts.ts';
import { type Scope, type Unit, WHOLE_RUN } from './scopes.ts';

/** The manifest of a compiled DAG: its outermost machine, and the lines of states that it became, one for each part. */
export function manifestOf(machine: Machine, lines: readonly Branch[]): Manifest {
  const { dag } = machine;
  const { tasks, modules } = membersOf(machine);
  return {
    dagId: dag.id,
    hash: hashOf(dag),
    ...optional(dag, ['description', 'doc', 'owner']),
    tags: dag.tags,
    schedule: describeSchedule(dag.schedule),
    params: paramsSchema(dag),
    runState: dag.runState,
    ...(dag.runRetries === undefined ? {} : { runRetries: dag.runRetries.attempts }),
    ...optional(dag, ['deadline', 'runTimeout']),
    tasks: dag.tasks.flatMap(({ id }) => tasks.get(id) ?? []),
    groups: dag.groups.map(({ id, tasks: inside }) => ({ id, tasks: inside })),
    ...(modules.length > 0 ? { modules } : {}),
    states: Object.fromEntries(lines.flatMap((line) => statesIn(line, machine))),
  };
}

interface Members {
  readonly tasks: Map<string, ManifestTask>;
  readonly modules: ManifestModule[];
}

/** Every task and module, each as it stands in its scope. */
function membersOf({ dag, graph }: Machine): Members {
  const members: Members = { tasks: new Map(), modules: [] };
  const positions = positionsOf(graph);
  const setups = new Set(dag.tasks.flatMap((task) => task.teardownOf ?? []));
  const visit = (scope: Graph, module: string): void => {
    const inside = module === WHOLE_RUN ? {} : { module };
    for (const [index, unit] of scope.tasks.entries()) {
      const place = {
        id: unit.id,
        ...inside,
        upstream: upstreamOf(unit),
        ...heldBy(scope, index),
        triggerRule: unit.triggerRule,
        layout: positions.get(unit.id) ?? { column: 0, row: 0 },
      };
      if (unit.inside === undefined) {
        members.tasks.set(unit.id, { ...place, ...taskFacts(unit, setups) });
        continue;
      }
      if (unit.id !== WHOLE_RUN) members.modules.push({ ...place, ...moduleFacts(unit.inside.does) });
      visit(graphOf(unit.inside.scope), unit.id);
    }
  };
  visit(graph, WHOLE_RUN);
  return members;
}

/** Where to draw each task, and each module where its first task is: as if modules were names only. */
function positionsOf(graph: Graph): ReadonlyMap<string, Position> {
  const flat = graph.tasks.some(({ inside }) => inside) ? graphOf(flattened(graph.tasks)) : graph;
  const positions = layoutOf(flat);
  const found = new Map(flat.tasks.map(({ id }, index) => [id, positions[index] ?? { column: 0, row: 0 }]));
  const note = (unit: Unit): void => {
    const [first] = tasksOf(unit);
    const position = first && found.get(first.id);
    if (position && !found.has(unit.id)) found.set(unit.id, position);
    for (const inner of unit.inside?.scope.units ?? []) note(inner);
  };
  for (const unit of graph.tasks) note(unit);
  return found;
}

function tasksOf(unit: Unit): readonly Unit[] {
  return unit.inside ? unit.inside.scope.units.flatMap(tasksOf) : [unit];
}

/** Every task in one scope: who stands first in a module follows what the module follows. */
function flattened(units: readonly Unit[]): Scope {
  const flat: Unit[] = [];
  const visit = (scope: readonly Unit[], entry: readonly string[]): void => {
    const byId = new Map(scope.map((unit) => [unit.id, unit]));
    for (const unit of scope) {
      const above = [...unit.upstream.map(({ task }) => task), ...(unit.teardownOf ?? [])];
      const ids = above.length === 0 ? entry : above.flatMap((id) => lastOf(byId.get(id)));
      if (unit.inside) visit(unit.inside.scope.units, ids);
      else flat.push({ ...unit, upstream: [...new Set(ids)].map((task) => ({ task })) });
    }
  };
  visit(units, []);
  return { units: flat, unitOf: new Map(flat.map((unit) => [unit.id, unit])) };
}

/** Ids of the tasks with which a unit ends. */
function lastOf(unit: Unit | undefined): readonly string[] {
  if (unit?.inside === undefined) return unit ? [unit.id] : [];
  const { units } = unit.inside.scope;
  const followed = new Set(units.flatMap(({ upstream }) => upstream.map(({ task }) => task)));
  return units.filter(({ id }) => !followed.has(id)).flatMap(lastOf);
}

/** A teardown's setups are upstream of it whether named in `after` or not. */
function upstreamOf(task: TaskNode): ManifestTask['upstream'] {
  const named = new Set(task.upstream.map((edge) => edge.task));
  const setups = (task.teardownOf ?? []).filter((id) => !named.has(id));
  return [...task.upstream, ...setups.map((id) => ({ task: id }))];
}

function heldBy(graph: Graph, task: number): Pick<ManifestTask, 'heldBy'> {
  const direct = new Set(graph.upstream[task]);
  const others = guardTasks(graph.guards[task]);
  const ids = [...new Set(others)].filter((other) => !direct.has(other)).map((other) => idOf(graph, other));
  return ids.length > 0 ? { heldBy: ids } : {};
}

/** JSON Schema of the params object: those without default are required. */
function paramsSchema(dag: DagNode): JsonObject {
  const required = Object.entries(dag.params).flatMap(([name, param]) =>
    param['default'] === undefined ? [name] : [],
  );
  return { type: 'object', properties: dag.params, required, additionalProperties: false };
}

function statesIn(branch: Branch, machine: Machine): readonly (readonly [string, ManifestState])[] {
  return Object.entries(branch.States).flatMap(([name, state]) => [
    [name, stateNamed(name, machine)] as const,
    ...inside(state).flatMap((inner) => statesIn(inner, machine)),
  ]);
}

function stateNamed(name: string, { owners, roles }: Machine): ManifestState {
  const role = roles.get(name) ?? (owners.has(name) ? 'task' : 'wake');
  return { ...owners.get(name), role };
}

function inside(state: State): readonly Branch[] {
  if (state.Type === 'Parallel') return state.Branches;
  return state.Type === 'Map' ? [state.ItemProcessor] : [];
}

function shapeOf(task: TaskNode): Partial<TaskNode> {
  const { at: _at, doc: _doc, owner: _owner, tags: _tags, ...rest } = task;
  const { callbacks: _callbacks, dependsOnPast: _past, waitForDownstream: _below, ...shape } = rest;
  return shape;
}

/** Hash of what shapes a run; places in files and prose do not. */
export function hashOf(dag: DagNode): string {
  const shape = dag.tasks.map(shapeOf);
  const modules = dag.groups.flatMap(({ id, module }) => (module ? [{ id, module }] : []));
  const { id, params, runState, runRetries } = dag;
  const text = JSON.stringify({ id, params, runState, runRetries, tasks: shape, modules });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
