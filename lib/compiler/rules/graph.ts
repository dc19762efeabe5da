import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { type Scope, scopeOf, type Unit } from '../scopes.ts';

/**
 * The edges of one scope, the DAG's or a module's, by position in `tasks`: what several rules walk over. A module is
 * one of the tasks of the scope it stands in. Unknown upstream ids are left out.
 */
export interface Graph {
  readonly tasks: readonly Unit[];
  /** Position of the task or module that is or holds the one of this id. */
  readonly holderOf: (id: string) => number | undefined;
  /** The module whose inside it is; absent: the DAG's. */
  readonly module?: Unit;
  /** Position by id; of two tasks with one id the first. */
  readonly indexOf: ReadonlyMap<string, number>;
  readonly upstream: readonly (readonly number[])[];
  readonly downstream: readonly (readonly number[])[];
  /** Every task after its upstream; tasks on a cycle and below one are missing. */
  readonly order: readonly number[];
}

const graphs = new WeakMap<DagNode, readonly Graph[]>();

/** The graphs of a DAG, the outermost first, built once. */
export function graphsOf(dag: DagNode): readonly Graph[] {
  const known = graphs.get(dag);
  if (known !== undefined) return known;
  // A run that is retried has the scopes of one that is not.
  const { runRetries: _, ...once } = dag;
  const made = graphsIn(scopeOf(once));
  graphs.set(dag, made);
  return made;
}

function graphsIn(scope: Scope, module?: Unit): readonly Graph[] {
  const inner = scope.units.flatMap((unit) => (unit.inside ? graphsIn(unit.inside.scope, unit) : []));
  return [build(scope, module), ...inner];
}

function build({ units: tasks, unitOf }: Scope, module: Unit | undefined): Graph {
  const indexOf = new Map<string, number>();
  for (const [index, task] of tasks.entries()) if (!indexOf.has(task.id)) indexOf.set(task.id, index);
  const downstream: number[][] = tasks.map(() => []);
  const upstream = tasks.map((task, index) => {
    const above = [...new Set(upstreamIds(task))].flatMap((id) => indexOf.get(id) ?? []);
    for (const from of above) downstream[from]?.push(index);
    return above;
  });
  const holderOf = (id: string) => indexOf.get(unitOf.get(id)?.id ?? id);
  const order = topological(upstream, downstream);
  return { tasks, indexOf, holderOf, upstream, downstream, order, ...(module ? { module } : {}) };
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
