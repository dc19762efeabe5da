import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';
import { type Graph, graphOf } from './graph.ts';
import { dagPath, place } from './rule.ts';

/** No task depends on itself, however far round: one problem for each knot of tasks, naming a whole path. */
export function cycle(dag: DagNode): readonly Problem[] {
  const graph = graphOf(dag);
  if (graph.order.length === graph.tasks.length) return [];
  return knots(graph).map((knot) => {
    const path = shortestRound(graph, knot);
    return problemOf(
      dag,
      path.flatMap((index) => graph.tasks[index] ?? []),
    );
  });
}

/** Sets of tasks that all reach each other, in order of their first task. @see https://en.wikipedia.org/wiki/Kosaraju%27s_algorithm */
function knots(graph: Graph): readonly ReadonlySet<number>[] {
  const left = new Set(graph.tasks.keys());
  for (const index of graph.order) left.delete(index);
  return finished(graph, left)
    .reverse()
    .map((start) => takeKnot(graph, start, left))
    .filter((knot) => knot.size > 1 || isOwnUpstream(graph, knot))
    .sort((one, other) => smallest(one) - smallest(other));
}

/** Takes everything above `start` out of `left`: the rest of its knot, in the order `knots` asks. */
function takeKnot(graph: Graph, start: number, left: Set<number>): ReadonlySet<number> {
  const knot = new Set<number>();
  const open = [start];
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (!left.delete(index)) continue;
    knot.add(index);
    for (const above of graph.upstream[index] ?? []) open.push(above);
  }
  return knot;
}

function isOwnUpstream(graph: Graph, knot: ReadonlySet<number>): boolean {
  return [...knot].some((index) => graph.upstream[index]?.includes(index));
}

/** The tasks of `among` in the order a depth-first walk downstream leaves them. */
function finished(graph: Graph, among: ReadonlySet<number>): number[] {
  const fresh = new Set(among);
  const done: number[] = [];
  for (const start of among) {
    const path = fresh.delete(start) ? [{ index: start, next: 0 }] : [];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const below = graph.downstream[top.index]?.[top.next];
      top.next += 1;
      if (below === undefined) done.push(path.pop()?.index ?? start);
      else if (fresh.delete(below)) path.push({ index: below, next: 0 });
    }
  }
  return done;
}

/** The shortest way from the knot's first task back to it, both ends included. */
function shortestRound(graph: Graph, knot: ReadonlySet<number>): readonly number[] {
  const start = smallest(knot);
  const cameFrom = new Map<number, number>();
  const open = [start];
  for (const index of open) {
    for (const below of graph.downstream[index] ?? []) {
      if (!knot.has(below) || cameFrom.has(below)) continue;
      cameFrom.set(below, index);
      if (below === start) return wayBack(cameFrom, start);
      open.push(below);
    }
  }
  return [start];
}

function smallest(indexes: Iterable<number>): number {
  let least = Number.POSITIVE_INFINITY;
  for (const index of indexes) least = Math.min(least, index);
  return least;
}

function wayBack(cameFrom: ReadonlyMap<number, number>, start: number): readonly number[] {
  const path = [start];
  let index = cameFrom.get(start);
  while (index !== undefined && index !== start) {
    path.push(index);
    index = cameFrom.get(index);
  }
  return [...path, start].reverse();
}

function problemOf(dag: DagNode, path: readonly TaskNode[]): Problem {
  const [first, last] = [path[0], path.at(-2)];
  const self = path.length === 2;
  return {
    code: 'cycle',
    path: dagPath(dag),
    message: `tasks must not wait for each other, got ${path.map(({ id }) => id).join(' → ')}`,
    remedy: self
      ? `remove "${first?.id}" from its own upstream`
      : `remove one of these edges, such as ${last?.id} → ${first?.id}`,
    ...place(first ?? dag),
    related: path
      .slice(1, -1)
      .flatMap((task) =>
        task.at === undefined ? [] : [{ note: `"${task.id}" is declared here`, at: task.at }],
      ),
  };
}
