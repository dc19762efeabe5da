/** What readers of history, the page and the API need to know of a compiled DAG. */
import { createHash } from 'node:crypto';
import type { Branch, State } from '../asl/states.ts';
import type { JsonObject } from '../base/json.ts';
import type { DagNode } from '../model/dag.ts';
import type { Manifest, ManifestTask } from '../model/manifest.ts';
import { isShortCircuit, type TaskNode } from '../model/task.ts';
import { describeSchedule } from '../schedule/describe.ts';
import { type Graph, idOf } from './graph.ts';
import { guardTasks } from './guards.ts';
import { layoutOf } from './layout.ts';

/** The manifest of a compiled DAG. `roles`: what each state does that is no task's own. */
export function manifestOf(
  dag: DagNode,
  graph: Graph,
  root: Branch,
  roles: ReadonlyMap<string, string>,
): Manifest {
  const positions = layoutOf(graph);
  const setups = new Set(dag.tasks.flatMap((task) => task.teardownOf ?? []));
  return {
    dagId: dag.id,
    hash: hashOf(dag),
    ...optional(dag, ['description', 'doc', 'owner']),
    tags: dag.tags,
    schedule: describeSchedule(dag.schedule),
    params: paramsSchema(dag),
    runState: dag.runState,
    tasks: dag.tasks.map(
      (task, index): ManifestTask => ({
        id: task.id,
        upstream: upstreamOf(task),
        ...heldBy(graph, index),
        triggerRule: task.triggerRule,
        kind: kindOf(task, setups),
        ...optional(task, ['owner', 'doc', 'failRun']),
        layout: positions[index] ?? { column: 0, row: 0 },
      }),
    ),
    groups: dag.groups.map(({ id, tasks }) => ({ id, tasks })),
    states: Object.fromEntries(rolesOf(root, graph, roles)),
  };
}

function optional<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Partial<Pick<T, K>> {
  const present = keys.filter((key) => from[key] !== undefined);
  return Object.fromEntries(present.map((key) => [key, from[key]])) as Partial<Pick<T, K>>;
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

function kindOf(task: TaskNode, setups: ReadonlySet<string>): string {
  if (task.teardownOf) return 'teardown';
  if (setups.has(task.id)) return 'setup';
  if (isShortCircuit(task.call)) return 'shortCircuit';
  return task.call.kind === 'engine' ? task.call.engine : task.call.kind;
}

/** JSON Schema of the params object: those without default are required. */
function paramsSchema(dag: DagNode): JsonObject {
  const required = Object.entries(dag.params).flatMap(([name, param]) =>
    param['default'] === undefined ? [name] : [],
  );
  return { type: 'object', properties: dag.params, required, additionalProperties: false };
}

function rolesOf(
  branch: Branch,
  graph: Graph,
  roles: ReadonlyMap<string, string>,
): readonly (readonly [string, { readonly task?: string; readonly role: string }])[] {
  return Object.entries(branch.States).flatMap(([name, state]) => [
    [
      name,
      graph.indexOf.has(name) ? { task: name, role: 'task' } : { role: roles.get(name) ?? 'wake' },
    ] as const,
    ...inside(state).flatMap((inner) => rolesOf(inner, graph, roles)),
  ]);
}

function inside(state: State): readonly Branch[] {
  if (state.Type === 'Parallel') return state.Branches;
  return state.Type === 'Map' ? [state.ItemProcessor] : [];
}

/** Hash of what shapes a run; places in files and prose do not. */
function hashOf(dag: DagNode): string {
  const shape = dag.tasks.map(({ at: _at, doc: _doc, owner: _owner, tags: _tags, ...task }) => task);
  const text = JSON.stringify({ id: dag.id, params: dag.params, runState: dag.runState, tasks: shape });
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
