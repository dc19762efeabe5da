/**
 * The TypeScript functions of a DAG's tasks. A `DagNode` is plain data, so they are
 * kept beside it, found again by DAG and task id.
 */
import type { DagNode } from './dag.ts';

/** A function task's body: its inputs (or its context, where it declares none) → its output. */
// biome-ignore lint/suspicious/noExplicitAny: bodies of every signature are kept here; `dsl/fn.ts` types them
export type TaskBody = (...args: readonly any[]) => unknown;

const bodies = new WeakMap<DagNode, ReadonlyMap<string, TaskBody>>();

export function keepBodies(dag: DagNode, byTask: ReadonlyMap<string, TaskBody>): void {
  bodies.set(dag, byTask);
}

/** Body of a `fn`, `branch` or `shortCircuit` task; `undefined` where the task has none. */
export function bodyOf(dag: DagNode, taskId: string): TaskBody | undefined {
  return bodies.get(dag)?.get(taskId);
}
