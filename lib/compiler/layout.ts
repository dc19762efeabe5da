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

export function layoutOf(graph: Graph): readonly Position[] {
  const column: number[] = [];
  for (const task of graph.topological) {
    column[task] = Math.max(0, ...(graph.upstream[task] ?? []).map((parent) => (column[parent] ?? 0) + 1));
  }
  const columns: number[][] = [];
  for (const task of graph.topological) {
    const at = column[task] ?? 0;
    columns[at] = [...(columns[at] ?? []), task];
  }
  const row: number[] = [];
  for (const tasks of columns) number(tasks, row);
  for (let sweep = 0; sweep < SWEEPS && graph.tasks.length <= SORTED_TASKS; sweep++) {
    const forward = sweep % 2 === 0;
    const neighbours = forward ? graph.upstream : graph.downstream;
    for (const tasks of forward ? columns : [...columns].reverse()) {
      const weight = new Map(
        tasks.map((task) => [task, middle(neighbours[task] ?? [], row) ?? row[task] ?? 0]),
      );
      tasks.sort((a, b) => (weight.get(a) ?? 0) - (weight.get(b) ?? 0) || a - b);
      number(tasks, row);
    }
  }
  return graph.tasks.map((_, task) => ({ column: column[task] ?? 0, row: row[task] ?? 0 }));
}

function number(tasks: readonly number[], row: number[]): void {
  for (const [index, task] of tasks.entries()) row[task] = index;
}

function middle(neighbours: readonly number[], row: readonly number[]): number | undefined {
  if (neighbours.length === 0) return undefined;
  return neighbours.reduce((sum, neighbour) => sum + (row[neighbour] ?? 0), 0) / neighbours.length;
}
