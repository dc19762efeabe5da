import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import type { Unit } from '../scopes.ts';

/** One rule about a DAG: every breach it finds. Takes any graph, also one that is broken elsewhere; never throws. */
export type Rule = (dag: DagNode) => readonly Problem[];

/** `dag "sales"`. */
export function dagPath(dag: DagNode, field?: string): string {
  return field === undefined ? `dag "${dag.id}"` : `dag "${dag.id}" › ${field}`;
}

/** `dag "sales" › task "load" › retries.backoff`. */
export function taskPath(dag: DagNode, task: TaskNode, field?: string): string {
  const path = `dag "${dag.id}" › task "${task.id}"`;
  return field === undefined ? path : `${path} › ${field}`;
}

/** `dag "sales" › group "days" › tolerate`; a mapped task is a task. */
export function unitPath(dag: DagNode, unit: Unit, field?: string): string {
  const path = `dag "${dag.id}" › ${wordOf(unit)} "${unit.id}"`;
  return field === undefined ? path : `${path} › ${field}`;
}

function wordOf({ id, inside }: Unit): string {
  if (inside === undefined || inside.scope.units.some((unit) => unit.id === id)) return 'task';
  return inside.does.kind === 'loop' ? 'loop' : 'group';
}

/** The place of a task; of a module that of the first task in it. */
export function unitPlace(unit: Unit): Pick<Problem, 'at'> {
  const [first] = unit.inside?.scope.units ?? [];
  return first === undefined ? place(unit) : unitPlace(first);
}

/** The place of a task or DAG, as a part of a {@link Problem}. */
export function place(node: { readonly at?: Problem['at'] }): Pick<Problem, 'at'> {
  return node.at === undefined ? {} : { at: node.at };
}

/** A value as the author would write it, cut after 60 characters. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** `a, b or c`. */
export function orList(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}
