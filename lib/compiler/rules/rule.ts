import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';

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
