/** What may be passed over as a whole, once the first of it does not run. */
import { type Outcome, outcomesOf } from './decide.ts';
import type { Fact, Lookup } from './facts.ts';
import { type Graph, idOf } from './graph.ts';
import { mayBeLeftOut, type Step } from './steps.ts';
import type { Latch, Strand } from './structure.ts';
import { tasksIn } from './values.ts';

/** Runs of steps that fail together, by position in the strand. */
export interface Chain {
  /** Where the chain of `all_success` tasks that begins here ends; here: no chain. They fail together. */
  readonly end: readonly number[];
  /** The same for tasks that have only the one before upstream: they are skipped together, too. */
  readonly onlyEnd: readonly number[];
  /** By a chain's end: the positions whose status somebody outside the rest of the chain reads, and the last one. */
  readonly noted: ReadonlyMap<number, readonly number[]>;
  /** Position of each task of the strand, those inside its Parallels included. */
  readonly places: ReadonlyMap<number, number>;
  /** By position, tasks of the step whose status somebody outside it reads. */
  readonly heard: readonly (readonly number[])[];
}

/** Tasks of which each has the one before among its upstream, wants all to succeed, and nothing else asks. */
export function chainOf(graph: Graph, steps: readonly Step[], deciding: ReadonlySet<string>): Chain {
  const end = runsOf(steps, (position) => follows(graph, steps, position));
  const onlyEnd = runsOf(steps, (position) => {
    const step = steps[position];
    return (
      follows(graph, steps, position) && step?.kind === 'task' && graph.upstream[step.task]?.length === 1
    );
  });
  const places = new Map(steps.flatMap((step, at) => tasksOf(step).map((task) => [task, at] as const)));
  const read = (position: number): boolean => {
    const step = steps[position];
    const to = end[position] ?? 0;
    if (step?.kind !== 'task' || position === to - 1 || position === (onlyEnd[position] ?? 0) - 1)
      return true;
    if (deciding.has(idOf(graph, step.task))) return true;
    return (graph.downstream[step.task] ?? []).some((reader) => {
      const at = places.get(reader);
      return at === undefined || at >= to || at < position;
    });
  };
  const noted = new Map<number, number[]>();
  for (const [position, to] of end.entries()) {
    if (to <= position || !read(position)) continue;
    const positions = noted.get(to);
    if (positions) positions.push(position);
    else noted.set(to, [position]);
  }
  const heard = steps.map((step, at) =>
    tasksOf(step).filter((task) => graph.downstream[task]?.some((reader) => places.get(reader) !== at)),
  );
  return { end, onlyEnd, noted, places, heard };
}

function tasksOf(step: Step): readonly number[] {
  if (step.kind === 'task') return [step.task];
  return step.kind === 'par' ? tasksIn(step.item) : [];
}

/** For each position, where the run of positions that hold ends. */
function runsOf(steps: readonly Step[], holds: (position: number) => boolean): readonly number[] {
  const end: number[] = [];
  for (let position = steps.length - 1; position >= 0; position--) {
    end[position] = holds(position) ? Math.max(end[position + 1] ?? 0, position + 1) : position;
  }
  return end;
}

function follows(graph: Graph, steps: readonly Step[], position: number): boolean {
  const [before, step] = [steps[position - 1], steps[position]];
  if (before?.kind !== 'task' || step?.kind !== 'task') return false;
  if (graph.tasks[step.task]?.triggerRule !== 'all_success' || mayBeLeftOut(graph, step.task)) return false;
  return graph.upstream[step.task]?.includes(before.task) ?? false;
}

/** What is passed over as a whole: its tasks with their codes, and the latches that must be set nevertheless. */
export interface Skipped {
  readonly tasks: readonly (readonly [number, 'k' | 'u'])[];
  readonly latches: readonly Latch[];
}

/**
 * Every task of some strands, if all of them are decided not to run and nothing there must be waited for.
 * A latch need not be waited for where what is behind fails whatever it brings, and nobody minds when.
 */
export function skipAll(graph: Graph, strands: readonly Strand[], fact: Lookup): Skipped | undefined {
  const decided = new Map<string, 'k' | 'u'>();
  const tasks: (readonly [number, 'k' | 'u'])[] = [];
  const look: Lookup = (key) => decided.get(key) ?? fact(key);
  const skip = (task: number, waited: boolean): boolean => {
    const code = mustEnter(graph, task) ? undefined : certainEnd(graph, task, look);
    if (code === undefined || (waited && !failsUnheard(graph, task, code))) return false;
    decided.set(idOf(graph, task), code);
    tasks.push([task, code]);
    return true;
  };
  const visit = (strand: Strand, waitedBefore: boolean): boolean => {
    let waited = waitedBefore;
    return strand.every((item) => {
      if (item.kind === 'par') return item.branches.every((branch) => visit(branch, waited));
      if (item.kind === 'wait') waited = true;
      return item.kind !== 'task' || skip(item.task, waited);
    });
  };
  return strands.every((strand) => visit(strand, false)) ? { tasks, latches: latchesIn(strands) } : undefined;
}

/** The code with which a task certainly ends without having run; `undefined`: it may run, or end in several ways. */
export function certainEnd(graph: Graph, task: number, fact: Lookup): 'k' | 'u' | undefined {
  const [only, ...others] = outcomesOf(graph, task, fact);
  return others.length > 0 || only === 'run' ? undefined : only;
}

/** Nothing that runs depends on when this task was decided. */
export function failsUnheard(graph: Graph, task: number, code: 'k' | 'u'): boolean {
  return code === 'u' && graph.indifferent[task] === true;
}

/** Every latch that something inside sets. */
export function latchesIn(strands: readonly Strand[]): readonly Latch[] {
  const known = LATCHES.get(strands);
  if (known) return known;
  const latches = strands.flatMap((strand) =>
    strand.flatMap((item) => {
      if (item.kind === 'signal') return [item.latch];
      return item.kind === 'par' ? latchesIn(item.branches) : [];
    }),
  );
  LATCHES.set(strands, latches);
  return latches;
}

/** Asked on every way that passes over a Parallel, the same every time. */
const LATCHES = new WeakMap<readonly Strand[], readonly Latch[]>();

/** Early joins, on either side, are never passed over inside a Parallel; nor is what a rerun asks for one by one. */
function mustEnter(graph: Graph, task: number): boolean {
  if (graph.isMasked) return true;
  return graph.early[task] === true || (graph.downstream[task] ?? []).some((reader) => graph.early[reader]);
}

/**
 * The first tasks of the branches, where one question decides all of them and a "no" decides the
 * whole Parallel: then one gate before it serves instead of one in each branch. Else none.
 */
export function leadsOf(graph: Graph, branches: readonly Strand[]): readonly number[] {
  const known = LEADS.get(branches);
  if (known) return known;
  const leads = findLeads(graph, branches);
  LEADS.set(branches, leads);
  return leads;
}

/** Asked on every way that comes by, the same every time. */
const LEADS = new WeakMap<readonly Strand[], readonly number[]>();

function findLeads(graph: Graph, branches: readonly Strand[]): readonly number[] {
  const leads: number[] = [];
  for (const [item] of branches) {
    if (item?.kind !== 'task' || mustEnter(graph, item.task) || mayBeLeftOut(graph, item.task)) return [];
    leads.push(item.task);
  }
  const [first] = leads;
  if (first === undefined || (graph.upstream[first]?.length ?? 0) === 0) return [];
  if (!leads.every((lead) => asksTheSame(graph, first, lead))) return [];
  const sealed = (['k', 'u'] as const).every((code) => skipWith(graph, branches, leads, code) !== undefined);
  return sealed ? leads : [];
}

/** {@link skipAll}, given that the leads end with `code` and nothing else is known. */
export function skipWith(
  graph: Graph,
  branches: readonly Strand[],
  leads: readonly number[],
  code: Exclude<Outcome, 'run'>,
): Skipped | undefined {
  const known = new Map<string, Fact>(leads.map((lead) => [idOf(graph, lead), code]));
  const rest = branches.map((branch) => branch.slice(1));
  const skipped = skipAll(graph, rest, (key) => known.get(key));
  return skipped && { ...skipped, tasks: [...leads.map((lead) => [lead, code] as const), ...skipped.tasks] };
}

function asksTheSame(graph: Graph, a: number, b: number): boolean {
  const [one, two] = [graph.tasks[a], graph.tasks[b]];
  if (one?.triggerRule !== two?.triggerRule || one?.triggerRule === 'all_done_setup_success') return false;
  const [mine, theirs] = [graph.upstream[a] ?? [], graph.upstream[b] ?? []];
  if (mine === theirs) return true;
  const set = new Set(mine);
  return mine.length === theirs.length && theirs.every((parent) => set.has(parent));
}
