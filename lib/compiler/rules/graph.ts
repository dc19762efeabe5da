import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';

/** A DAG's edges by position in `tasks`: what several rules walk over. Unknown upstream ids are left out. */
export interface Graph {
  readonly tasks: readonly TaskNode[];
  /** Position by id; of two tasks with one id the first. */
  readonly indexOf: ReadonlyMap<string, number>;
  readonly upstream: readonly (readonly number[])[];
  readonly downstream: readonly (readonly number[])[];
  /** Every task after its upstream; tasks on a cycle and below one are missing. */
  readonly order: readonly number[];
}

const graphs = new WeakMap<DagNode, Graph>();

/** The graph of a DAG, built once. */
export function graphOf(dag: DagNode): Graph {
  const known = graphs.get(dag);
  if (known !== undefined) return known;
  const graph = build(dag.tasks);
  graphs.set(dag, graph);
  return graph;
}

function build(tasks: readonly TaskNode[]): Graph {
  const indexOf = new Map<string, number>();
  for (const [index, task] of tasks.entries()) if (!indexOf.has(task.id)) indexOf.set(task.id, index);
  const downstream: number[][] = tasks.map(() => []);
  const upstream = tasks.map((task, index) => {
    const above = [...new Set(upstreamIds(task))].flatMap((id) => indexOf.get(id) ?? []);
    for (const from of above) downstream[from]?.push(index);
    return above;
  });
  return { tasks, indexOf, upstream, downstream, order: topological(upstream, downstream) };
}

/** A teardown waits for its setups too. */
function upstreamIds(task: TaskNode): readonly string[] {
  const ids = task.upstream.map((edge) => edge.task);
  return task.teardownOf === undefined ? ids : [...ids, ...task.teardownOf];
}

function topological(
  upstream: readonly (readonly number[])[],
  downstream: readonly (readonly number[])[],
): number[] {
  const waitsFor = upstream.map((above) => above.length);
  const order = waitsFor.flatMap((count, index) => (count === 0 ? [index] : []));
  for (let next = 0; next < order.length; next += 1) {
    for (const below of downstream[order[next] ?? -1] ?? []) {
      const left = (waitsFor[below] ?? 0) - 1;
      waitsFor[below] = left;
      if (left === 0) order.push(below);
    }
  }
  return order;
}
