/** How each output reaches each of its readers: by a variable, or recorded where a latch lies between. */
import { compareTexts } from '../base/compare.ts';
import { expressionsIn, type Path } from '../model/ref.ts';
import { moduleVariable, variable } from '../model/variables.ts';
import { fieldName } from './expression.ts';
import { type Graph, idOf } from './graph.ts';
import { computedIn } from './reads.ts';
import type { Item, Strand } from './structure.ts';

export interface Values {
  /** Fields of each task's output that somebody refers to, sorted. */
  readonly want: (task: number) => readonly string[];
  /** Those of them that the machine itself evaluates. */
  readonly inline: (task: number) => readonly string[];
  /** What of the tasks inside a module is read outside of it. */
  readonly wantInside: (module: number) => readonly Read[];
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
  /** Where it is read further out too: its key in what the strand gives, and the variable that takes it there. */
  readonly exported: { readonly key: string; readonly as: string } | undefined;
}

/** A field of a task's output, wherever the task stands. */
export interface Read {
  readonly id: string;
  readonly path: Path;
  /** The machine itself evaluates it; else it only hands it on. */
  readonly computed: boolean;
  /** By somebody outside of the scope in which this is read: it leaves with what the scope leaves behind. */
  readonly isLeaving?: boolean;
}

/** What is read of a scope after its end, by those around its module. */
export interface OutsideReads {
  /** At the end of every instance, from what it leaves behind. */
  readonly left: readonly Read[];
  /** From the record. */
  readonly gathered: readonly Read[];
}

const NONE: OutsideReads = { left: [], gathered: [] };

/** A strand's place: the Parallel item of an outer strand, one of whose branches it is. */
interface Place {
  readonly strand: Strand;
  readonly position: number;
  readonly outer: Place | undefined;
}

/** How outputs travel in a machine of this structure. */
export function valuesOf(graph: Graph, root: Strand, outside: OutsideReads = NONE): Values {
  const places = new Map<number, Place>();
  placeAll(root, undefined, places);
  const reads = new Map<number, Read[]>();
  const recorded = new Set<number>();
  const levels: Levels = new Map();
  const variables = new Map<string, string>();
  const unitOf = ({ id }: Read) => graph.indexOf.get(id);
  const note = (task: number, read: Read) => {
    const list = reads.get(task);
    if (list) list.push(read);
    else reads.set(task, [read]);
  };
  for (const { reader, task, ...read } of readsOf(graph)) {
    note(task, read);
    const level = need(places, levels, reader, task);
    if (level === undefined) recorded.add(task);
    else variables.set(`${reader}:${task}`, unitVariable(graph, task, level));
  }
  const leaving = new Set(outside.left.flatMap((read) => unitOf(read) ?? []));
  for (const read of [...outside.left.map((one) => ({ ...one, isLeaving: true })), ...outside.gathered]) {
    const task = unitOf(read);
    if (task !== undefined) note(task, read);
  }
  for (const task of leaving) needAtEnd(places, levels, task);
  for (const read of outside.gathered) recorded.add(unitOf(read) ?? -1);
  return {
    want: (task) => fieldsOf(reads.get(task)),
    inline: (task) => fieldsOf(reads.get(task)?.filter(({ computed }) => computed)),
    wantInside: (module) => reads.get(module) ?? [],
    recorded: (task) => recorded.has(task),
    fetched: (reader) => fetchedBy(graph, reader).filter((task) => !variables.has(`${reader}:${task}`)),
    variableFor: (reader, task) => variables.get(`${reader}:${task}`),
    needed: (strand) => neededIn(graph, { levels, leaving, places }, strand),
  };
}

function fieldsOf(reads: readonly Read[] = []): readonly string[] {
  return [...new Set(reads.map(({ path }) => fieldName(path)))].sort(compareTexts);
}

/** Variable of what a task, or the tasks of a module, gave. */
export function unitVariable(graph: Pick<Graph, 'tasks'>, task: number, level = 0): string {
  const unit = graph.tasks[task];
  if (unit === undefined) throw new Error('unreachable: no such task');
  return unit.inside ? moduleVariable('m', unit.id, level) : variable(unit.id, level);
}

/** Every reference to an output, by reader. */
function readsOf(graph: Graph): readonly (Read & { readonly reader: number; readonly task: number })[] {
  return graph.tasks.flatMap(({ call }, reader) => {
    const inMachine = new Set(computedIn(call));
    return expressionsIn(call).flatMap((expression) => {
      const task = expression.kind === 'output' ? graph.indexOf.get(expression.task) : undefined;
      if (expression.kind !== 'output' || task === undefined) return [];
      const computed = inMachine.has(expression);
      return [{ reader, task, id: expression.task, path: expression.path, computed }];
    });
  });
}

/** Tasks whose output the machine evaluates for this reader: in expressions, and whatever comes out of modules. */
function fetchedBy(graph: Graph, reader: number): readonly number[] {
  const call = graph.tasks[reader]?.call;
  if (call === undefined) return [];
  const computed = new Set(computedIn(call));
  const tasks = expressionsIn(call).flatMap((expression) => {
    if (expression.kind !== 'output') return [];
    const task = graph.indexOf.get(expression.task) ?? -1;
    return computed.has(expression) || graph.tasks[task]?.inside ? [task] : [];
  });
  return [...new Set(tasks)].filter((task) => task >= 0).sort((a, b) => a - b);
}

function placeAll(strand: Strand, outer: Place | undefined, places: Map<number, Place>): void {
  for (const [position, item] of strand.entries()) {
    const place = { strand, position, outer };
    if (item.kind === 'task') places.set(item.task, place);
    if (item.kind === 'par') for (const branch of item.branches) placeAll(branch, place, places);
  }
}

/** Per strand: how far in the task stands whose variable is read there. */
type Levels = Map<Strand, Map<number, number>>;

/** Marks the variables on the way from `task` out to a strand that encloses `reader`; how many strands out. */
function need(
  places: ReadonlyMap<number, Place>,
  levels: Levels,
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
    markAll(levels, path, task);
    return path.length - 1;
  }
  return undefined;
}

/** Marks the variables on the way from `task` out to the end of the outermost strand. */
function needAtEnd(places: ReadonlyMap<number, Place>, levels: Levels, task: number): void {
  const path: Strand[] = [];
  for (let place = places.get(task); place; place = place.outer) path.push(place.strand);
  markAll(levels, path, task);
}

function markAll(levels: Levels, path: readonly Strand[], task: number): void {
  for (const [level, strand] of path.entries()) {
    const here = levels.get(strand) ?? new Map<number, number>();
    here.set(task, level);
    levels.set(strand, here);
  }
}

interface Travel {
  readonly levels: Levels;
  /** Tasks that are read after the end of the outermost strand. */
  readonly leaving: ReadonlySet<number>;
  readonly places: ReadonlyMap<number, Place>;
}

function neededIn(graph: Graph, travel: Travel, strand: Strand): readonly NeededVariable[] {
  return [...(travel.levels.get(strand) ?? [])].map(([task, level]) => {
    const name = unitVariable(graph, task, level);
    return { task, name, exported: exportOf(graph, travel, { strand, task, level }) };
  });
}

/** From the outermost strand it leaves under the task's id, and its module's variable takes all. */
function exportOf(
  graph: Graph,
  { levels, leaving, places }: Travel,
  { strand, task, level }: { readonly strand: Strand; readonly task: number; readonly level: number },
): NeededVariable['exported'] {
  const place = placeIn(strand, places.get(task));
  if (place === undefined) return undefined;
  if (place.outer === undefined) return leaving.has(task) ? { key: idOf(graph, task), as: '' } : undefined;
  if (!levels.get(place.outer.strand)?.has(task)) return undefined;
  return { key: unitVariable(graph, task, level), as: unitVariable(graph, task, level + 1) };
}

function placeIn(strand: Strand, place: Place | undefined): Place | undefined {
  for (let at = place; at; at = at.outer) if (at.strand === strand) return at;
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
