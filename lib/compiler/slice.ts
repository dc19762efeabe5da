/**
 * What of a DAG a rerun of some of its tasks depends on: where one of thousands runs again, the others need not be
 * compiled, nor passed over one by one.
 */
import { reached } from '../base/reached.ts';
import type { DagNode } from '../model/dag.ts';
import type { Manifest, ManifestModule, ManifestTask } from '../model/manifest.ts';
import { expressionsIn } from '../model/ref.ts';
import type { Rerun } from '../model/run-input.ts';
import { decidingTasks } from '../model/run-state.ts';
import { leavesMark, type TaskNode } from '../model/task.ts';
import { isEarly } from '../model/trigger-rule.ts';
import { scopeOf } from './scopes.ts';

export interface Slice {
  /** The tasks that run again, and stand-ins for those on whose recorded ends they, or the run's state, depend. */
  readonly dag: DagNode;
  /** Of its tasks, those whose failure fails the run. */
  readonly deciding: readonly string[];
}

type Unit = ManifestTask | ManifestModule;

/**
 * The part of the DAG that a rerun is about; `undefined` where more could matter: modules that run again, marks of
 * branchers and short circuits, setups. Whoever runs again finds all directly above it as in the whole, at the same
 * instants: what is passed over between two that run again stays where it is.
 */
export function sliceOf(dag: DagNode, { tasks, modules = [] }: Manifest, rerun: Rerun): Slice | undefined {
  const again = new Set(rerun.tasks);
  const nodes = new Map(dag.tasks.map((task) => [task.id, task]));
  const units = [...tasks, ...modules].filter(({ module }) => module === undefined);
  const running = units.filter(({ id }) => again.has(id));
  const between = betweenAny(units, again);
  const isPart = running.every((unit) => standsAlone(unit, nodes)) && between.every(waitsForAll);
  if (dag.runRetries !== undefined || running.length === 0 || !isPart) return undefined;
  const deciding = decidingTasks({ runState: dag.runState, tasks: scopeOf(dag).units });
  const told = deciding.filter((id) => BAD.has(String(rerun.data[id])));
  const above = running.flatMap(({ upstream }) => upstream.map(({ task }) => task));
  const kept = new Set([...told, ...above, ...[...running, ...between].map(({ id }) => id)]);
  const passed = new Map(between.map((unit) => [unit.id, unit]));
  const sliced = [...kept].map((id): TaskNode => {
    const upstream = passed.get(id)?.upstream.filter(({ task }) => kept.has(task)) ?? [];
    return (again.has(id) ? nodes.get(id) : undefined) ?? standIn(id, upstream);
  });
  const order = new Map(units.map(({ id }, at) => [id, at]));
  const inOrder = sliced.sort((a, b) => (order.get(a.id) ?? 0) - (order.get(b.id) ?? 0));
  return {
    dag: { ...dag, groups: [], tasks: inOrder },
    deciding: deciding.filter((id) => kept.has(id)),
  };
}

/** Codes of what fails the run. */
const BAD: ReadonlySet<string> = new Set(['f', 'u']);

/** A task for which nothing counts but how those directly above it ended, and what they gave. */
function standsAlone({ id, upstream, heldBy }: Unit, nodes: ReadonlyMap<string, TaskNode>): boolean {
  const node = nodes.get(id);
  if (node === undefined || heldBy !== undefined || node.teardownOf !== undefined) return false;
  const above = new Set(upstream.map(({ task }) => task));
  const isPlain = (task: string) => {
    const { call, map } = nodes.get(task) ?? {};
    return call !== undefined && map === undefined && !leavesMark(call);
  };
  const reads = expressionsIn(node.call).flatMap((expression) =>
    expression.kind === 'output' ? [expression.task] : [],
  );
  return [id, ...above].every(isPlain) && reads.every((task) => above.has(task));
}

/** Passed over when all that is directly above it is final. */
function waitsForAll({ triggerRule, heldBy }: Unit): boolean {
  return heldBy === undefined && !isEarly(triggerRule);
}

/** What does not run again, below something that does and above something that does. */
function betweenAny(units: readonly Unit[], again: ReadonlySet<string>): readonly Unit[] {
  const upstream = new Map(units.map((unit) => [unit.id, unit.upstream.map(({ task }) => task)]));
  const downstream = new Map<string, string[]>(units.map(({ id }) => [id, []]));
  for (const [id, parents] of upstream) for (const parent of parents) downstream.get(parent)?.push(id);
  const above = reached(again, (id) => upstream.get(id) ?? []);
  const below = reached(again, (id) => downstream.get(id) ?? []);
  return units.filter(({ id }) => above.has(id) && below.has(id) && !again.has(id));
}

/** It is passed over: only its id counts, and what it comes after. */
function standIn(id: string, upstream: Unit['upstream']): TaskNode {
  const edges = upstream.map(({ task }) => ({ task }));
  return { id, call: { kind: 'fn', inputs: null }, upstream: edges, triggerRule: 'all_success', retries: [] };
}
