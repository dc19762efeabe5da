/** Where to draw each task: columns by depth, rows so that lines are short and cross little. */
import type { Graph } from './graph.ts';

export interface Position {
  readonly column: number;
  readonly row: number;
}

/** Sweeps over the columns, each task going near the middle of its neighbours. */
const SWEEPS = 4;

/** Above this many tasks a picture is an overview: rows in declared order are enough. */
const SORTED_TASKS = 2000;

/** A place for every task, in the order of `graph.tasks`. */
export function layoutOf(graph: Graph): readonly Position[] {
  const column = columnsOf(graph);
  const columns: number[][] = [];
  for (const task of graph.topological) {
    const at = column[task] ?? 0;
    columns[at] ??= [];
    columns[at].push(task);
  }
  const row: number[] = [];
  for (const tasks of columns) number(tasks, row);
  const sweeps = graph.tasks.length <= SORTED_TASKS ? SWEEPS : 0;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forward = sweep % 2 === 0;
    const neighbours = forward ? graph.upstream : graph.downstream;
    for (const tasks of forward ? columns : columns.toReversed()) sortByMiddle(tasks, neighbours, row);
  }
  return graph.tasks.map((_, task) => ({ column: column[task] ?? 0, row: row[task] ?? 0 }));
}

/** One column further than the furthest upstream task. */
function columnsOf({ topological, upstream }: Graph): readonly number[] {
  const column: number[] = [];
  for (const task of topological) {
    column[task] = Math.max(0, ...(upstream[task] ?? []).map((parent) => (column[parent] ?? 0) + 1));
  }
  return column;
}

function sortByMiddle(tasks: number[], neighbours: Graph['upstream'], row: number[]): void {
  const weight = new Map(tasks.map((task) => [task, middle(neighbours[task] ?? [], row) ?? row[task] ?? 0]));
  tasks.sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0) || a - b);
  number(tasks, row);
}

function number(tasks: readonly number[], row: number[]): void {
  for (const [index, task] of tasks.entries()) row[task] = index;
}

function middle(neighbours: readonly number[], row: readonly number[]): number | undefined {
  if (neighbours.length === 0) return undefined;
  return neighbours.reduce((sum, neighbour) => sum + (row[neighbour] ?? 0), 0) / neighbours.length;
}
