/** The DAG as numbers: who is upstream of whom, and what must be final before each task is decided. */
import type { DagNode } from '../model/dag.ts';
import { isShortCircuit, labelsOf, type TaskNode } from '../model/task.ts';
import { isEarly } from '../model/trigger-rule.ts';
import { Bits } from './bits.ts';

export interface Graph {
  readonly tasks: readonly TaskNode[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** Direct upstream tasks, a teardown's setups included. */
  readonly upstream: readonly (readonly number[])[];
  readonly downstream: readonly (readonly number[])[];
  readonly topological: readonly number[];
  readonly guards: readonly Guards[];
  /** True where the task may be decided before its upstream is final: it waits on an item of its own. */
  readonly early: readonly boolean[];
  /**
   * Every task wants success and nothing else: who does not succeed takes all below with it, so
   * that it hardly matters where or how a task was decided not to run.
   */
  readonly plain: boolean;
  /**
   * True where everything below only wants success: once the task is known to be upstream_failed, so
   * is all of it, and when that was decided changes nothing that runs.
   */
  readonly indifferent: readonly boolean[];
  /** For each task, everything that is final before it is decided. */
  readonly above: readonly Bits[];
  /**
   * Tasks whose status must travel along an edge of the reduced order, by `edgeKey`: somebody further
   * down asks for it though others stand between. One way for each who asks.
   */
  readonly passing: ReadonlyMap<number, ReadonlySet<number>>;
  /** Reduced order: the tasks that must be final before this one is decided, none implied by another. */
  readonly before: readonly (readonly number[])[];
}

/** What may keep a task from running besides its trigger rule. */
export interface Guards {
  /** Short circuits that skip it when they find false. */
  readonly cuts: readonly number[];
  /** Branchers directly above; it stays when one of `keep` was chosen. */
  readonly branches: readonly { readonly task: number; readonly keep: readonly string[] }[];
  /** Setups above it, not directly, whose teardown is below it: it fails and skips with them. */
  readonly setups: readonly number[];
}

const NO_GUARDS: Guards = { cuts: [], branches: [], setups: [] };

/** @throws Error on a cycle or an unknown upstream task: the rules tell the author before. */
export function graphOf(dag: DagNode): Graph {
  const { tasks } = dag;
  const indexOf = new Map(tasks.map((task, index) => [task.id, index]));
  const upstream = tasks.map((task) => directUpstream(task, indexOf));
  const downstream = invert(upstream);
  const topological = topologicalOrder(upstream, downstream);
  const above = closure(upstream, topological);
  const guards = guardsOf(tasks, { upstream, downstream, above, indexOf });
  const order = orderOf(tasks, upstream, guards, topological);
  const passing = passingOf(upstream, guards, order);
  const plain = tasks.map(
    ({ triggerRule }, task) => triggerRule === 'all_success' && guardTasks(guards[task] ?? NO_GUARDS).length === 0,
  );
  const indifferent = indifferentOf(plain, downstream, topological);
  return { tasks, indexOf, upstream, downstream, topological, guards, passing, indifferent, plain: plain.every(Boolean), ...order };
}

/** For each task, everything above it. */
function closure(upstream: readonly (readonly number[])[], topological: readonly number[]): readonly Bits[] {
  const above: Bits[] = upstream.map(() => new Bits(upstream.length));
  for (const task of topological) {
    for (const parent of upstream[task] ?? []) {
      const parents = above[parent];
      if (parents) above[task]?.addAll(parents);
      above[task]?.add(parent);
    }
  }
  return above;
}

function directUpstream(task: TaskNode, indexOf: ReadonlyMap<string, number>): number[] {
  const ids = new Set([...task.upstream.map((edge) => edge.task), ...(task.teardownOf ?? [])]);
  return [...ids].map((id) => {
    const index = indexOf.get(id);
    if (index === undefined)
      throw new Error(`unreachable: task "${task.id}" has an unknown upstream "${id}"`);
    return index;
  });
}

function invert(upstream: readonly (readonly number[])[]): number[][] {
  const downstream: number[][] = upstream.map(() => []);
  for (const [task, parents] of upstream.entries()) {
    for (const parent of parents) downstream[parent]?.push(task);
  }
  return downstream;
}

/** Kahn's order; among the ready, the one declared first. */
function topologicalOrder(
  upstream: readonly (readonly number[])[],
  downstream: readonly (readonly number[])[],
): readonly number[] {
  const missing = upstream.map((parents) => parents.length);
  let ready = [...missing.keys()].filter((task) => missing[task] === 0);
  const order: number[] = [];
  while (ready.length > 0) {
    const next: number[] = [];
    for (const task of ready) {
      order.push(task);
      for (const child of downstream[task] ?? []) {
        missing[child] = (missing[child] ?? 0) - 1;
        if (missing[child] === 0) next.push(child);
      }
    }
    ready = next.sort((a, b) => a - b);
  }
  if (order.length !== upstream.length) throw new Error('unreachable: the graph has a cycle');
  return order;
}

interface Shape {
  readonly upstream: readonly (readonly number[])[];
  readonly downstream: readonly (readonly number[])[];
  readonly above: readonly Bits[];
  readonly indexOf: ReadonlyMap<string, number>;
}

/** @see ../../README.md "Concepts": nobody cuts off a teardown, only its own rule counts. */
function guardsOf(tasks: readonly TaskNode[], shape: Shape): readonly Guards[] {
  const cutters = tasks.flatMap((task, index) => (isShortCircuit(task.call) ? [index] : []));
  const teardowns = tasks.flatMap((task, index) => (task.teardownOf ? [index] : []));
  const branching = tasks.some((task) => labelsOf(task.call) !== undefined);
  if (cutters.length === 0 && teardowns.length === 0 && !branching) return tasks.map(() => NO_GUARDS);
  return tasks.map((task, index) => {
    if (task.teardownOf) return NO_GUARDS;
    return {
      cuts: cutters.filter((cutter) => cutsOff(tasks, shape, cutter, index)),
      branches: branchesOver(tasks, shape, index),
      setups: setupsOver(tasks, shape, teardowns, index),
    };
  });
}

function cutsOff(tasks: readonly TaskNode[], shape: Shape, cutter: number, task: number): boolean {
  const call = tasks[cutter]?.call;
  if (!call || !isShortCircuit(call)) return false;
  if (call.respectTriggerRules) return shape.upstream[task]?.includes(cutter) ?? false;
  return shape.above[task]?.has(cutter) ?? false;
}

function branchesOver(tasks: readonly TaskNode[], shape: Shape, index: number): Guards['branches'] {
  return (tasks[index]?.upstream ?? []).flatMap((edge) => {
    const brancher = shape.indexOf.get(edge.task);
    if (brancher === undefined || edge.labels === undefined) return [];
    const keep = new Set(edge.labels);
    for (const other of shape.downstream[brancher] ?? []) {
      if (!shape.above[index]?.has(other)) continue;
      const labels = tasks[other]?.upstream.find((candidate) => candidate.task === edge.task)?.labels;
      // A task that follows every label leads here whatever is chosen.
      if (labels === undefined) return [];
      for (const label of labels) keep.add(label);
    }
    return [{ task: brancher, keep: [...keep].sort() }];
  });
}

/** Work between a setup and its teardown; directly below a setup the rule decides. */
function setupsOver(
  tasks: readonly TaskNode[],
  shape: Shape,
  teardowns: readonly number[],
  index: number,
): number[] {
  const setups = new Set<number>();
  for (const teardown of teardowns) {
    if (!shape.above[teardown]?.has(index)) continue;
    for (const id of tasks[teardown]?.teardownOf ?? []) {
      const setup = shape.indexOf.get(id);
      if (setup === undefined || shape.upstream[index]?.includes(setup)) continue;
      if (shape.above[index]?.has(setup)) setups.add(setup);
    }
  }
  return [...setups].sort((a, b) => a - b);
}

/** What must be final before each task is decided: early rules drop their upstream, guards stay. */
function orderOf(
  tasks: readonly TaskNode[],
  upstream: readonly (readonly number[])[],
  guards: readonly Guards[],
  topological: readonly number[],
): Pick<Graph, 'early' | 'before' | 'above'> {
  const size = tasks.length;
  const early = tasks.map(() => false);
  const before: (readonly number[])[] = tasks.map(() => []);
  const above: Bits[] = tasks.map(() => new Bits(size));
  const rank: number[] = [];
  for (const [position, task] of topological.entries()) rank[task] = position;
  for (const task of topological) {
    const guarding = guardTasks(guards[task] ?? NO_GUARDS);
    const parents = upstream[task] ?? [];
    const covered = (parent: number) =>
      guarding.some((guard) => guard === parent || (above[guard]?.has(parent) ?? false));
    const rule = tasks[task]?.triggerRule ?? 'all_success';
    early[task] = isEarly(rule) && waitsForSeveral(rule, parents) && !parents.every(covered);
    const needed = [...new Set(early[task] ? guarding : [...parents, ...guarding])];
    needed.sort((a, b) => (rank[b] ?? 0) - (rank[a] ?? 0));
    before[task] = reduce(needed, above, above[task] ?? new Bits(size));
  }
  return { early, before, above };
}

/** Key of the edge `above → below`; both are below 2^26. */
export function edgeKey(above: number, below: number): number {
  return above * 67_108_864 + below;
}

function passingOf(
  upstream: readonly (readonly number[])[],
  guards: readonly Guards[],
  { before, above }: Pick<Graph, 'before' | 'above'>,
): Graph['passing'] {
  const passing = new Map<number, Set<number>>();
  for (const [task, parents] of upstream.entries()) {
    for (const asked of [...parents, ...guardTasks(guards[task] ?? NO_GUARDS)]) {
      let at: number | undefined = task;
      while (at !== undefined && !(before[at] ?? []).includes(asked)) {
        const via: number | undefined = (before[at] ?? []).findLast((parent) => above[parent]?.has(asked));
        if (via !== undefined) addTo(passing, edgeKey(via, at), asked);
        at = via;
      }
    }
  }
  return passing;
}

function addTo(map: Map<number, Set<number>>, key: number, value: number): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function indifferentOf(
  plain: readonly boolean[],
  downstream: readonly (readonly number[])[],
  topological: readonly number[],
): readonly boolean[] {
  const indifferent: boolean[] = [];
  for (const task of topological.toReversed()) {
    indifferent[task] = (downstream[task] ?? []).every((below) => plain[below] && indifferent[below]);
  }
  return indifferent;
}

/** With one upstream task, early is the same instant as complete; `always` waits for none. */
function waitsForSeveral(rule: string, parents: readonly number[]): boolean {
  return parents.length > 1 || (rule === 'always' && parents.length > 0);
}

export function guardTasks(guards: Guards): readonly number[] {
  return [...guards.cuts, ...guards.branches.map(({ task }) => task), ...guards.setups];
}

/** Drops every task implied by a later one; `mine` becomes the closure. `needed` comes latest first. */
function reduce(needed: readonly number[], above: readonly Bits[], mine: Bits): readonly number[] {
  const kept: number[] = [];
  for (const parent of needed) {
    if (mine.has(parent)) continue;
    kept.push(parent);
    const theirs = above[parent];
    if (theirs) mine.addAll(theirs);
    mine.add(parent);
  }
  return kept.sort((a, b) => a - b);
}
