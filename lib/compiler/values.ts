/** How each output reaches each of its readers: by a variable, or recorded where a latch lies between. */
import { compareTexts } from '../base/compare.ts';
import { addTo } from '../base/multimap.ts';
import { type Expression, expressionsIn, type Path } from '../model/ref.ts';
import { fieldName } from './expression.ts';
import { type Graph, idOf } from './graph.ts';
import { variable } from './names.ts';
import type { Item, Strand } from './structure.ts';

export interface Values {
  /** Fields of each task's output that somebody refers to, sorted. */
  readonly want: (task: number) => readonly string[];
  /** Somebody reads the task's output from the record. */
  readonly recorded: (task: number) => boolean;
  /** The variable in which `reader` finds the output of `task`; `undefined`: only in the record. */
  readonly variableFor: (reader: number, task: number) => string | undefined;
  /** Tasks whose record the machine itself must read before `reader`: their values are part of an expression. */
  readonly fetched: (reader: number) => readonly number[];
  /** Variables that later items of this strand (or of what encloses it) read. */
  readonly needed: (strand: Strand) => readonly NeededVariable[];
}

export interface NeededVariable {
  readonly task: number;
  readonly name: string;
  /** Name one level further out, where it is read there too. */
  readonly exportedAs: string | undefined;
}

/** A strand's place: the Parallel item of an outer strand, one of whose branches it is. */
interface Place {
  readonly strand: Strand;
  readonly position: number;
  readonly outer: Place | undefined;
}

interface Read {
  readonly reader: number;
  readonly task: number;
  readonly path: Path;
}

/** How outputs travel in a machine of this structure. */
export function valuesOf(graph: Graph, root: Strand): Values {
  const places = new Map<number, Place>();
  placeAll(root, undefined, places);
  const want = new Map<number, Set<string>>();
  const recorded = new Set<number>();
  const levels = new Map<Strand, Map<number, number>>();
  const variables = new Map<string, string>();
  for (const { reader, task, path } of readsOf(graph)) {
    addTo(want, task, fieldName(path));
    const level = need(places, levels, reader, task);
    if (level === undefined) recorded.add(task);
    else variables.set(`${reader}:${task}`, variable(idOf(graph, task), level));
  }
  return {
    want: (task) => [...(want.get(task) ?? [])].sort(compareTexts),
    recorded: (task) => recorded.has(task),
    fetched: (reader) => computedIn(graph, reader).filter((task) => !variables.has(`${reader}:${task}`)),
    variableFor: (reader, task) => variables.get(`${reader}:${task}`),
    needed: (strand) => neededIn(graph, levels, strand, places),
  };
}

/** Every reference to an output, by reader. */
function readsOf(graph: Graph): readonly Read[] {
  return graph.tasks.flatMap(({ call }, reader) =>
    expressionsIn(call).flatMap((expression) => {
      const task = expression.kind === 'output' ? graph.indexOf.get(expression.task) : undefined;
      return expression.kind === 'output' && task !== undefined
        ? [{ reader, task, path: expression.path }]
        : [];
    }),
  );
}

/** Tasks whose output the machine evaluates itself, for this reader. */
function computedIn(graph: Graph, reader: number): readonly number[] {
  const call = graph.tasks[reader]?.call;
  if (call === undefined) return [];
  const ownStates = call.kind === 'choose' || call.kind === 'shortCircuit';
  const computed = ownStates ? expressionsIn(call) : expressionsIn(call).flatMap(operands);
  const tasks = computed.flatMap((expression) =>
    expression.kind === 'output' ? [graph.indexOf.get(expression.task) ?? -1] : [],
  );
  return [...new Set(tasks)].filter((task) => task >= 0).sort((a, b) => a - b);
}

function operands(expression: Expression): readonly Expression[] {
  if (expression.kind === 'text') return expressionsIn(expression.parts);
  return expression.kind === 'call' ? expressionsIn(expression.args) : [];
}

function placeAll(strand: Strand, outer: Place | undefined, places: Map<number, Place>): void {
  for (const [position, item] of strand.entries()) {
    const place = { strand, position, outer };
    if (item.kind === 'task') places.set(item.task, place);
    if (item.kind === 'par') for (const branch of item.branches) placeAll(branch, place, places);
  }
}

/** Marks the variables on the way from `task` out to a strand that encloses `reader`; how many strands out. */
function need(
  places: ReadonlyMap<number, Place>,
  levels: Map<Strand, Map<number, number>>,
  reader: number,
  task: number,
): number | undefined {
  const enclosing = new Map<Strand, number>();
  for (let place = places.get(reader); place; place = place.outer)
    enclosing.set(place.strand, place.position);
  const path: Strand[] = [];
  for (let place = places.get(task); place; place = place.outer) {
    path.push(place.strand);
    const before = enclosing.get(place.strand);
    if (before === undefined) continue;
    if (place.position >= before) return undefined;
    for (const [level, strand] of path.entries()) {
      const here = levels.get(strand) ?? new Map<number, number>();
      here.set(task, level);
      levels.set(strand, here);
    }
    return path.length - 1;
  }
  return undefined;
}

function neededIn(
  graph: Graph,
  levels: ReadonlyMap<Strand, ReadonlyMap<number, number>>,
  strand: Strand,
  places: ReadonlyMap<number, Place>,
): readonly NeededVariable[] {
  return [...(levels.get(strand) ?? [])].map(([task, level]) => {
    const id = idOf(graph, task);
    const outer = outerOf(strand, places.get(task));
    const exported = outer !== undefined && (levels.get(outer)?.has(task) ?? false);
    return { task, name: variable(id, level), exportedAs: exported ? variable(id, level + 1) : undefined };
  });
}

function outerOf(strand: Strand, place: Place | undefined): Strand | undefined {
  for (let at = place; at; at = at.outer) if (at.strand === strand) return at.outer?.strand;
  return undefined;
}

/** Every task inside an item, in order. */
export function tasksIn(item: Item): readonly number[] {
  if (item.kind === 'task') return [item.task];
  if (item.kind !== 'par') return [];
  const known = INSIDE.get(item);
  if (known) return known;
  const tasks = item.branches.flatMap((branch) => branch.flatMap(tasksIn));
  INSIDE.set(item, tasks);
  return tasks;
}

/** Asked again and again of items that never change. */
const INSIDE = new WeakMap<Item, readonly number[]>();
