import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import type { Unit } from '../scopes.ts';
import { type Graph, graphsOf } from './graph.ts';
import { modulesAround, type Node, nodesOf } from './nodes.ts';
import { dagPath, place, unitPlace } from './rule.ts';

/**
 * No task depends on itself, however far round: one problem for each knot of tasks, naming a whole path. A module
 * waits, and is waited for, as one.
 */
export function cycle(dag: DagNode): readonly Problem[] {
  const rounds = graphsOf(dag).flatMap((graph) => {
    if (graph.order.length === graph.tasks.length) return [];
    return knots(graph).map((knot) =>
      shortestRound(graph, knot).flatMap((index) => graph.tasks[index] ?? []),
    );
  });
  return [...rounds.map((path) => problemOf(dag, path)), ...ofThemselves(dag)];
}

/** Tasks and modules that wait for themselves, for what they are in, or for what is in them. */
function ofThemselves(dag: DagNode): readonly Problem[] {
  return nodesOf(dag).flatMap((node) =>
    node.upstream.flatMap(({ task }): readonly Problem[] => {
      if (task === node.id) {
        const rule = `tasks must not wait for each other, got ${task} → ${task}`;
        return [ofItself(dag, node, rule, `remove "${task}" from its own upstream`)];
      }
      const holds = modulesAround(dag, node.id).some(({ id }) => id === task);
      const isHeld = node.task === undefined && modulesAround(dag, task).some(({ id }) => id === node.id);
      if (!holds && !isHeld) return [];
      const part = holds ? 'what it is a part of' : 'what is a part of it';
      return [ofItself(dag, node, `must not wait for ${part}, got ${task} → ${node.id}`, 'remove this edge')];
    }),
  );
}

function ofItself(dag: DagNode, { at }: Node, message: string, remedy: string): Problem {
  return { code: 'cycle', path: dagPath(dag), message, remedy, ...at };
}

/** Sets of tasks that all reach each other, in order of their first task. @see https://en.wikipedia.org/wiki/Kosaraju%27s_algorithm */
function knots(graph: Graph): readonly ReadonlySet<number>[] {
  const left = new Set(graph.tasks.keys());
  for (const index of graph.order) left.delete(index);
  return finished(graph, left)
    .reverse()
    .map((start) => takeKnot(graph, start, left))
    .filter((knot) => knot.size > 1)
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

function problemOf(dag: DagNode, path: readonly Unit[]): Problem {
  const [first, last] = [path[0], path.at(-2)];
  const asOne = path.some(({ inside }) => inside !== undefined)
    ? '; what runs several times waits, and is waited for, as a whole'
    : '';
  return {
    code: 'cycle',
    path: dagPath(dag),
    message: `tasks must not wait for each other, got ${path.map(({ id }) => id).join(' → ')}`,
    remedy: `remove one of these edges, such as ${last?.id} → ${first?.id}${asOne}`,
    ...(first === undefined ? place(dag) : unitPlace(first)),
    related: path.slice(1, -1).flatMap((task) => {
      const { at } = unitPlace(task);
      return at === undefined ? [] : [{ note: `"${task.id}" is declared here`, at }];
    }),
  };
}
