/** The DAG as numbers: who is upstream of whom, and what must be final before each task is decided. */
import { addTo } from '../base/multimap.ts';
import type { TaskNode } from '../model/task.ts';
import { isEarly, type TriggerRule } from '../model/trigger-rule.ts';
import { Bits } from './bits.ts';
import { type Guards, guardsOf, guardTasks } from './guards.ts';
import type { Scope, Unit } from './scopes.ts';

export interface Graph {
  readonly tasks: readonly Unit[];
  /** Number of the unit that is, or holds, a task or module. */
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
  /** Some tasks do not run again: each is asked for before it. */
  readonly isMasked: boolean;
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

interface GraphOptions {
  /** A module's inside: how its tasks ended is asked for at its end. @default false */
  readonly isPart?: boolean;
  /** Of a rerun. @default false */
  readonly isMasked?: boolean;
}

/**
 * The graph of a scope of a DAG that keeps the rules.
 *
 * @throws {Error} on a cycle or an unknown upstream task: the rules tell the author before
 */
export function graphOf(scope: Scope, { isPart = false, isMasked = false }: GraphOptions = {}): Graph {
  const { units: tasks } = scope;
  const indexOf = indicesOf(scope);
  const upstream = tasks.map((task) => directUpstream(task, indexOf));
  const downstream = invert(upstream);
  const topological = topologicalOrder(upstream, downstream);
  const above = closure(upstream, topological);
  const guards = guardsOf({ tasks, upstream, downstream, above, indexOf });
  const order = orderOf(tasks, upstream, guards, topological);
  const passing = passingOf(upstream, guards, order);
  const plain = tasks.map(
    ({ triggerRule }, task) => triggerRule === 'all_success' && guardTasks(guards[task]).length === 0,
  );
  const indifferent = indifferentOf(plain, downstream, topological);
  return {
    tasks,
    indexOf,
    upstream,
    downstream,
    topological,
    guards,
    passing,
    indifferent,
    plain: !isPart && !isMasked && plain.every(Boolean),
    isMasked,
    ...order,
  };
}

function indicesOf({ units, unitOf }: Scope): ReadonlyMap<string, number> {
  const number = new Map(units.map((unit, index) => [unit, index]));
  return new Map([...unitOf].map(([id, unit]) => [id, number.get(unit) ?? -1]));
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

/** Kahn's order, wave by wave; in a wave, the one declared first. */
function topologicalOrder(
  upstream: readonly (readonly number[])[],
  downstream: readonly (readonly number[])[],
): readonly number[] {
  const missing = upstream.map((parents) => parents.length);
  const becomesReady = (child: number) => {
    missing[child] = (missing[child] ?? 0) - 1;
    return missing[child] === 0;
  };
  let ready = [...missing.keys()].filter((task) => missing[task] === 0);
  const order: number[] = [];
  while (ready.length > 0) {
    for (const task of ready) order.push(task);
    const next = ready.flatMap((task) => (downstream[task] ?? []).filter(becomesReady));
    ready = next.sort((a, b) => a - b);
  }
  if (order.length !== upstream.length) throw new Error('unreachable: the graph has a cycle');
  return order;
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
    const guarding = guardTasks(guards[task]);
    const parents = upstream[task] ?? [];
    const rule = tasks[task]?.triggerRule ?? 'all_success';
    early[task] = waitsForSeveral(rule, parents) && !parents.every(isCovered(guarding, above));
    const needed = [...new Set(early[task] ? guarding : [...parents, ...guarding])];
    needed.sort((a, b) => (rank[b] ?? 0) - (rank[a] ?? 0));
    before[task] = reduce(needed, above, above[task] ?? new Bits(size));
  }
  return { early, before, above };
}

/** True for what is final once the guards are. */
function isCovered(guarding: readonly number[], above: readonly Bits[]): (task: number) => boolean {
  return (task) => guarding.some((guard) => guard === task || above[guard]?.has(task));
}

/** With one upstream task, early is the same instant as complete; `always` waits for none. */
function waitsForSeveral(rule: TriggerRule, parents: readonly number[]): boolean {
  return isEarly(rule) && (parents.length > 1 || (rule === 'always' && parents.length > 0));
}

/** Id of a task; '' for a number that is none. */
export function idOf(graph: Pick<Graph, 'tasks'>, task: number | undefined): string {
  return graph.tasks[task ?? -1]?.id ?? '';
}

/** Key of the edge `above → below`; both are below 2^26. */
export function edgeKey(above: number, below: number): number {
  return above * 67_108_864 + below;
}

function passingOf(
  upstream: readonly (readonly number[])[],
  guards: readonly Guards[],
  order: Pick<Graph, 'before' | 'above'>,
): Graph['passing'] {
  const passing = new Map<number, Set<number>>();
  for (const [task, parents] of upstream.entries()) {
    for (const asked of [...parents, ...guardTasks(guards[task])]) passAlong(passing, order, asked, task);
  }
  return passing;
}

/** Notes `asked` on one way down to `task`, from where it is directly before somebody. */
function passAlong(
  passing: Map<number, Set<number>>,
  { before, above }: Pick<Graph, 'before' | 'above'>,
  asked: number,
  task: number,
): void {
  let at: number | undefined = task;
  while (at !== undefined && !before[at]?.includes(asked)) {
    const via: number | undefined = before[at]?.findLast((parent) => above[parent]?.has(asked));
    if (via !== undefined) addTo(passing, edgeKey(via, at), asked);
    at = via;
  }
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
