/** Builders for the tests of the rules: DAGs as short as what they are about. */
import { problemText } from '../../../lib/base/errors.ts';
import type { Rule } from '../../../lib/compiler/rules/rule.ts';
import type { DagNode, GroupNode } from '../../../lib/model/dag.ts';
import type { LoopNode, ModuleKind } from '../../../lib/model/module.ts';
import type { CallNode, Edge, TaskNode } from '../../../lib/model/task.ts';
import { emptyDag } from '../../build.ts';

type Options = Partial<Omit<TaskNode, 'id' | 'upstream'>> & { readonly after?: readonly (string | Edge)[] };

/** A function task, its line in the file given by `line`. */
export function node(id: string, { after = [], ...options }: Options = {}): TaskNode {
  return {
    id,
    call: { kind: 'fn', inputs: null },
    upstream: after.map((edge) => (typeof edge === 'string' ? { task: edge } : edge)),
    triggerRule: 'all_success',
    retries: [],
    ...options,
  };
}

/** The DAG "sales". */
export function sales(tasks: readonly TaskNode[], options: Partial<DagNode> = {}): DagNode {
  return { ...emptyDag('sales'), tasks, ...options };
}

/** A group that is a module; its tasks are those whose ids begin with its own. */
export function unit(id: string, does: ModuleKind, { after = [] }: Pick<Options, 'after'> = {}): GroupNode {
  const upstream = after.map((edge) => (typeof edge === 'string' ? { task: edge } : edge));
  return { id, tasks: [], module: { does, upstream, triggerRule: 'all_success' } };
}

export const RETRY: ModuleKind = { kind: 'retry', retries: { attempts: 2 } };
export const MAP: ModuleKind = { kind: 'map', items: ['a', 'b'] };

/** A loop that ends when its task `turn` says so. */
export function loopOf(id: string, options: Partial<LoopNode> = {}): ModuleKind {
  return {
    kind: 'loop',
    initial: 1,
    next: outputOf(`${id}.turn`),
    until: outputOf(`${id}.turn`),
    maxIterations: 3,
    ...options,
  };
}

/** A call that never skips itself: a query. */
export const QUERY: Extract<CallNode, { kind: 'engine' }> = {
  kind: 'engine',
  engine: 'sql.query',
  connection: 'warehouse',
  args: { statements: [{ parts: ['select 1'] }] },
};

/** A brancher by expressions with these labels; the last one is chosen when no other is. */
export function choose(...labels: readonly string[]): CallNode {
  const cases = labels.slice(0, -1).map((label) => ({ label, when: true }));
  return { kind: 'choose', cases, otherwise: labels.at(-1) ?? '' };
}

/** A function that reads a task's output. */
export function reading(task: string): CallNode {
  return { kind: 'fn', inputs: { rows: outputOf(task) } };
}

export function outputOf(task: string): { $ref: { kind: 'output'; task: string; path: [string] } } {
  return { $ref: { kind: 'output', task, path: ['rows'] } };
}

/** What a rule says of a DAG, one line each. */
export function told(rule: Rule, dag: DagNode): readonly string[] {
  return rule(dag).map(problemText);
}

/** Data that only claims to be of its type, as imported JSON and casts give it. */
export function untyped<T>(value: unknown): T {
  return JSON.parse(JSON.stringify(value));
}
