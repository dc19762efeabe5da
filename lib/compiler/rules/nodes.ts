/** Everything of a DAG that has an id, comes after others and is started by a rule: tasks, and modules that are groups. */
import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { ModuleKind } from '../../model/module.ts';
import type { Edge, TaskNode } from '../../model/task.ts';
import { place } from './rule.ts';

export interface Node {
  readonly id: string;
  /** `dag "sales" › group "days"`. */
  readonly path: string;
  readonly at: Pick<Problem, 'at'>;
  readonly upstream: readonly Edge[];
  readonly triggerRule: TaskNode['triggerRule'];
  readonly task?: TaskNode;
  /** Of a module what it does; a mapped task is one, too. */
  readonly does?: ModuleKind;
}

interface Nodes {
  readonly list: readonly Node[];
  readonly modules: ReadonlyMap<string, Node>;
}

const known = new WeakMap<DagNode, Nodes>();

/** The tasks in the order declared, then the modules. */
export function nodesOf(dag: DagNode): readonly Node[] {
  return read(dag).list;
}

/** Modules around a task or module, the innermost first; a mapped task is not around itself. */
export function modulesAround(dag: DagNode, id: string): readonly Node[] {
  const { modules } = read(dag);
  return modules.size === 0 ? [] : prefixesOf(id).flatMap((prefix) => modules.get(prefix) ?? []);
}

function read(dag: DagNode): Nodes {
  const found = known.get(dag);
  if (found !== undefined) return found;
  const modules = modulesOf(dag);
  const made = {
    list: [...dag.tasks.map((task) => ofTask(dag, task)), ...modules],
    modules: new Map(modules.map((module) => [module.id, module])),
  };
  known.set(dag, made);
  return made;
}

/** `a.b`, `a` of `a.b.c`. */
function prefixesOf(id: string): readonly string[] {
  const end = id.lastIndexOf('.');
  return end <= 0 ? [] : [id.slice(0, end), ...prefixesOf(id.slice(0, end))];
}

function ofTask(dag: DagNode, task: TaskNode): Node {
  const { id, upstream, triggerRule, map } = task;
  const does: Pick<Node, 'does'> = map === undefined ? {} : { does: { kind: 'map', ...map } };
  return {
    id,
    path: `dag "${dag.id}" › task "${id}"`,
    at: place(task),
    upstream,
    triggerRule,
    task,
    ...does,
  };
}

/** A group has no place of its own: its first task's stands for it. */
function modulesOf(dag: DagNode): readonly Node[] {
  const groups = dag.groups.filter(({ module }) => module !== undefined);
  if (groups.length === 0) return [];
  const first = new Map<string, TaskNode>();
  for (const task of dag.tasks)
    for (const prefix of prefixesOf(task.id)) if (!first.has(prefix)) first.set(prefix, task);
  return groups.flatMap(({ id, module }): readonly Node[] => {
    if (module === undefined) return [];
    const word = module.does.kind === 'loop' ? 'loop' : 'group';
    const path = `dag "${dag.id}" › ${word} "${id}"`;
    const { does, upstream, triggerRule } = module;
    return [{ id, path, at: place(first.get(id) ?? {}), upstream, triggerRule, does }];
  });
}
