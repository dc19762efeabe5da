/**
 * One strand while it is compiled: its steps, what is known at each, and who leads where.
 *
 * Every way out of a state is followed as far as it is decided: tasks that certainly do not run are
 * skipped on the way (their statuses added where somebody reads them), and the way lands on the
 * first step that must do something. Steps are compiled in order, each knowing all that lands on it.
 */
import { expr, literal } from '../asl/jsonata.ts';
import type { Assignments, State } from '../asl/states.ts';
import type { DagNode } from '../model/dag.ts';
import { INPUT } from './conditions.ts';
import { outcomesOf } from './decide.ts';
import type { Exit, Fact, Facts } from './facts.ts';
import type { Graph } from './graph.ts';
import { ITEMS_PER_READ } from './latch-states.ts';
import { auxiliary } from './names.ts';
import type { Counts } from './plan.ts';
import { type Chain, leadsOf, type Skipped, skipAll } from './skip.ts';
import { mayBeLeftOut, type Step } from './steps.ts';
import type { Timing } from './timing.ts';
import { sleepsFirst, waitEntry, type WaitStep } from './waits.ts';
import { type NeededVariable, tasksIn, type Values } from './values.ts';

/** What all strands of one machine share. */
export interface Machine {
  readonly dag: DagNode;
  readonly graph: Graph;
  readonly values: Values;
  readonly timing: Timing;
  /** Tasks whose failure fails the run. */
  readonly deciding: ReadonlySet<string>;
  /** Setups whose status tasks further down ask for. */
  readonly guarding: ReadonlySet<number>;
  readonly counts: Counts;
  /** Role of each auxiliary state, for the manifest. */
  readonly roles: Map<string, string>;
}

export interface Course {
  readonly machine: Machine;
  readonly steps: readonly Step[];
  readonly facts: Facts;
  readonly states: Record<string, State>;
  /** The state of side ways' end, once one is needed. */
  readonly ends: State[];
  readonly landings: Map<string, Exit[]>;
  readonly chain: Chain;
  readonly needed: readonly NeededVariable[];
  /** Name of the state in which side ways end; of the whole run in the root. */
  readonly endName: string;
  readonly root: boolean;
}

/**
 * How a step is entered: through its gate, past it, or (latches) after a good or bad end;
 * `release`: a Parallel is passed over, but latches inside must be set.
 */
export type EntryPoint = 'run' | 'gate' | 'good' | 'bad' | 'release';

/** Where a way leads, and what is recorded on it. */
export interface Way {
  /** A state, or the strand's end. */
  readonly next: string | undefined;
  readonly adds: Readonly<Record<string, string>>;
  /** Variables of tasks that do not run on this way, for their readers. */
  readonly nulls: readonly string[];
  /** The root's end, as far as it is known. */
  readonly end?: 'ok' | 'failed' | 'asked';
}

/** Key, in what a branch gives, of the variables that its readers outside need. */
export const EXPORTS = '=';

export const RUN_VERDICT = auxiliary('run', 'verdict');
export const RUN_FAILED = auxiliary('run', 'failed');
export const RUN_SUCCEEDED = auxiliary('run', 'succeeded');

/**
 * Follows a way out from `from` on. What `exit` itself decided is recorded where somebody reads it;
 * `canAdd` is false where the leaving state can write nothing down (the strand's beginning).
 */
export function leave(course: Course, exit: Exit, from: number, canAdd = true): Way {
  const overlay = new Map(exit.overlay);
  const fact = (key: string) => overlay.get(key) ?? course.facts.get(key, exit.at);
  const trail: Trail = { overlay, skipped: new Set(), chains: [], release: false, fact };
  let position = from;
  while (canAdd && !trail.release && position < course.steps.length) {
    const after = skipStep(course, position, trail);
    if (after === undefined) break;
    position = after;
  }
  const landed: Exit = { at: exit.at, overlay, good: exit.good && trail.skipped.size === 0 };
  const target = trail.release
    ? landOn(course, landed, position - 1, 'release')
    : land(course, landed, position, trail.fact);
  return { ...target, adds: added(course, exit, trail), nulls: nullsOf(course, exit, trail) };
}

interface Trail {
  readonly overlay: Map<string, Fact>;
  readonly skipped: Set<number>;
  /** Positions of whole chains that were skipped besides. */
  readonly chains: { readonly from: number; readonly end: number }[];
  /** Latches inside what was passed over last must be set before the way goes on. */
  release: boolean;
  readonly fact: (key: string) => Fact | undefined;
}

/** Passes over a step whose tasks certainly do not run; the position behind it, `undefined`: it must be entered. */
function skipStep(course: Course, position: number, trail: Trail): number | undefined {
  const step = course.steps[position];
  const passed = step && skippable(course, step, trail.fact);
  if (passed === undefined) return undefined;
  for (const [task, code] of passed.tasks) {
    trail.overlay.set(course.machine.graph.tasks[task]?.id ?? '', code);
    trail.skipped.add(task);
  }
  trail.release = passed.latches.length > 0;
  const code = step?.kind === 'task' ? passed.tasks.at(-1)?.[1] : undefined;
  return code === undefined ? position + 1 : skipChain(course, position + 1, trail, code);
}

/** Of a chain of `all_success` tasks all end as the first does: only those that others read are noted. */
function skipChain(course: Course, position: number, trail: Trail, code: 'k' | 'u'): number {
  const end = (code === 'u' ? course.chain.end : course.chain.onlyEnd)[position] ?? position;
  if (end === position) return position;
  trail.chains.push({ from: position, end });
  for (const at of course.chain.noted.get(course.chain.end[position] ?? end) ?? []) {
    const step = course.steps[at];
    if (at < position || at >= end || step?.kind !== 'task') continue;
    trail.overlay.set(course.machine.graph.tasks[step.task]?.id ?? '', code);
  }
  return end;
}

function isSkipped(course: Course, trail: Trail, task: number): boolean {
  if (trail.skipped.has(task)) return true;
  if (trail.chains.length === 0) return false;
  const at = course.chain.places.get(task) ?? -1;
  return trail.chains.some(({ from, end }) => at >= from && at < end);
}

/** The tasks that a way passes over at this step, with their codes; `undefined`: it stops here. */
function skippable(
  course: Course,
  step: Step,
  fact: (key: string) => Fact | undefined,
): Skipped | undefined {
  const { graph } = course.machine;
  if (step.kind === 'cut') {
    const own = fact(graph.tasks[step.task]?.id ?? '');
    return own === 'f' || own === 'k' || own === 'u' ? { tasks: [], latches: [] } : undefined;
  }
  if (step.kind === 'par') return skipAll(graph, step.branches, fact);
  if (step.kind !== 'task') return undefined;
  const [only, ...others] = outcomesOf(graph, step.task, fact);
  if (others.length > 0 || only === undefined || only === 'run') return undefined;
  return { tasks: [[step.task, only]], latches: [] };
}

/** Statuses this way must write down: its own failures, and whatever somebody not passed over reads. */
function added(course: Course, exit: Exit, trail: Trail): Readonly<Record<string, string>> {
  const { graph, deciding } = course.machine;
  const adds: Record<string, string> = {};
  for (const [id, fact] of trail.overlay) {
    const task = graph.indexOf.get(id);
    if (task === undefined || (fact !== 'f' && fact !== 'k' && fact !== 'u')) continue;
    const read =
      exit.overlay.has(id) ||
      deciding.has(id) ||
      course.machine.guarding.has(task) ||
      !followsByItself(graph, task) ||
      (graph.downstream[task] ?? []).some((reader) => !isSkipped(course, trail, reader));
    if (read) adds[id] = fact;
  }
  return adds;
}

/** Readers of history know the state of such a task from its upstream (`history/project.ts`). */
function followsByItself(graph: Graph, task: number): boolean {
  return graph.tasks[task]?.triggerRule === 'all_success' && !mayBeLeftOut(graph, task);
}

/** Variables that would be unknown on this way: those of tasks that did not succeed. */
function nullsOf(course: Course, exit: Exit, trail: Trail): readonly string[] {
  if (course.needed.length === 0) return [];
  const bad = (id: string) => {
    const fact = exit.overlay.get(id);
    return fact === 'f' || fact === 'k' || fact === 'u';
  };
  return course.needed.flatMap(({ task, name }) =>
    isSkipped(course, trail, task) || bad(course.machine.graph.tasks[task]?.id ?? '') ? [name] : [],
  );
}

function land(
  course: Course,
  exit: Exit,
  position: number,
  fact: (key: string) => Fact | undefined,
): Pick<Way, 'next' | 'end'> {
  const step = course.steps[position];
  if (step === undefined) return landAtEnd(course, exit, fact);
  return landOn(course, exit, position, entryOf(course, step, position, { exit, fact }));
}

function landOn(course: Course, exit: Exit, position: number, entry: EntryPoint): Pick<Way, 'next'> {
  arrive(course, position, entry, exit);
  return { next: entryName(course, position, entry) };
}

/** A way that passes over the Parallel at `position`, as `exit` says, setting the latches inside. */
export function leaveByRelease(course: Course, exit: Exit, position: number): Way {
  const skipped = new Set([...exit.overlay.keys()].map((id) => course.machine.graph.indexOf.get(id) ?? -1));
  const fact = (key: string) => exit.overlay.get(key);
  const trail: Trail = { overlay: new Map(exit.overlay), skipped, chains: [], release: true, fact };
  const target = landOn(course, exit, position, 'release');
  return { ...target, adds: added(course, exit, trail), nulls: nullsOf(course, exit, trail) };
}

function landAtEnd(
  course: Course,
  exit: Exit,
  fact: (key: string) => Fact | undefined,
): Pick<Way, 'next' | 'end'> {
  if (!course.root) return { next: undefined };
  let asked = false;
  for (const id of course.machine.deciding) {
    const known = fact(id);
    if (known === 'f' || known === 'u') {
      arrive(course, course.steps.length, 'bad', exit);
      return { next: RUN_FAILED, end: 'failed' };
    }
    if (known !== 's' && known !== 'k') asked = true;
  }
  if (!asked) return { next: undefined, end: 'ok' };
  arrive(course, course.steps.length, 'gate', exit);
  return { next: RUN_VERDICT, end: 'asked' };
}

/** Notes that `exit` leads to this entry of a step. */
export function arrive(course: Course, position: number, entry: EntryPoint, exit: Exit): void {
  const key = `${position}:${entry}`;
  const exits = course.landings.get(key);
  if (exits) exits.push(exit);
  else course.landings.set(key, [exit]);
}

export function arrivals(course: Course, position: number, entry: EntryPoint): readonly Exit[] {
  return course.landings.get(`${position}:${entry}`) ?? [];
}

function entryOf(
  course: Course,
  step: Step,
  position: number,
  { exit, fact }: { readonly exit: Exit; readonly fact: (key: string) => Fact | undefined },
): EntryPoint {
  if (step.kind === 'wait') {
    if (sleepsFirst(course, step)) return 'gate';
    return exit.good && passesIfSet(course, step, position, fact) ? 'good' : 'bad';
  }
  if (step.kind === 'signal' || step.kind === 'tell') {
    return exit.good || !needsTwoCopies(course, position) ? 'good' : 'bad';
  }
  if (step.kind === 'par') {
    const [lead] = leadsOf(course.machine.graph, step.branches);
    return lead === undefined || runsFor(course, lead, fact) ? 'run' : 'gate';
  }
  return step.kind === 'task' && runsFor(course, step.task, fact) ? 'run' : 'gate';
}

/** Whether the next step would need no gate, were all latches set and their producers well. */
function passesIfSet(
  course: Course,
  step: WaitStep,
  position: number,
  fact: (key: string) => Fact | undefined,
): boolean {
  const { graph } = course.machine;
  const lead = leadAt(course, position + 1);
  if (lead === undefined || step.latches.length > ITEMS_PER_READ) return false;
  const well = succeededWith(graph, step.latches.flatMap((latch) => tasksIn(latch.producer)));
  return runsFor(course, lead, (key) => (well.has(graph.indexOf.get(key) ?? -1) ? 's' : fact(key)));
}

/** The task that decides whether a step is entered; `undefined`: none does. */
export function leadAt(course: Course, position: number): number | undefined {
  const step = course.steps[position];
  if (step?.kind === 'task') return step.task;
  return step?.kind === 'par' ? leadsOf(course.machine.graph, step.branches)[0] : undefined;
}

/** How far up is looked: a task's direct upstream is rarely further from a producer. */
const LOOK_UP = 50;

/** Tasks that succeeded if these did: what they wanted to succeed, and so on. */
export function succeededWith(graph: Graph, tasks: readonly number[]): ReadonlySet<number> {
  const well = new Set(tasks);
  for (const task of well) {
    if (well.size > LOOK_UP) break;
    if (graph.tasks[task]?.triggerRule !== 'all_success') continue;
    for (const above of graph.upstream[task] ?? []) well.add(above);
  }
  return well;
}

function runsFor(course: Course, task: number, fact: (key: string) => Fact | undefined): boolean {
  const outcomes = outcomesOf(course.machine.graph, task, fact);
  return outcomes.size === 1 && outcomes.has('run');
}

/** After a bad end the same latch is set by states of its own, so that the good way needs no gate behind it. */
function needsTwoCopies(course: Course, position: number): boolean {
  let after = position + 1;
  while (course.steps[after]?.kind === 'signal' || course.steps[after]?.kind === 'tell') after++;
  return after < course.steps.length;
}

/** State data as a step finds it, as JSONata text: a run begins with its input there, which is no state data. */
export function dataAt(course: Course, position: number): string {
  return course.root && position === 0 ? '{}' : INPUT;
}

/** Name of the state by which a step is entered. */
export function entryName(course: Course, position: number, entry: EntryPoint): string {
  const step = course.steps[position];
  const { graph, values } = course.machine;
  if (step === undefined) return course.endName;
  switch (step.kind) {
    case 'task': {
      const id = graph.tasks[step.task]?.id ?? '';
      if (entry === 'gate') return auxiliary(id, 'gate');
      return values.fetched(step.task).length > 0 ? auxiliary(id, 'fetch') : id;
    }
    case 'early': {
      const node = graph.tasks[step.task];
      if (mayBeLeftOut(graph, step.task)) return auxiliary(node?.id ?? '', 'gate');
      if (node?.triggerRule === 'always') return entryName(course, position + 1, 'run');
      return auxiliary(node?.id ?? '', 'wait for its rule');
    }
    case 'cut':
      return auxiliary(graph.tasks[step.task]?.id ?? '', 'cut');
    case 'tell': {
      const role = `tell ${graph.tasks[step.consumer]?.id}`;
      return auxiliary(graph.tasks[step.task]?.id ?? '', copyOf(role, entry));
    }
    case 'signal':
      if (entry === 'bad') return auxiliary(step.owner, 'release');
      return auxiliary(step.owner, step.shard === 0 ? 'signal' : `signal ${step.shard + 1}`);
    case 'wait':
      return waitEntry(course, step, entry);
    case 'par':
      return entry === 'run' ? step.name : auxiliary(step.name, entry);
  }
}

/** Role of the state of a latch, in the copy for this entry. */
export function copyOf(role: string, entry: EntryPoint): string {
  return entry === 'bad' ? `${role} after failure` : role;
}

/** Fields of a Task, Pass, Parallel or Map state for this way; `fresh` are variables the state itself assigns. */
export function leading(
  course: Course,
  way: Way,
  base: string = INPUT,
  fresh: ReadonlyMap<string, string> = new Map(),
): { readonly Output: string; readonly Assign?: Assignments; readonly Next?: string; readonly End?: true } {
  const ends = way.next === undefined;
  const assigned = { ...nulls(way), ...Object.fromEntries([...fresh].map(([name, text]) => [name, expr(text)])) };
  return {
    ...(Object.keys(assigned).length > 0 ? { Assign: assigned } : {}),
    Output: expr(merged(base, way.adds, ends ? exported(course, way, fresh) : undefined)),
    ...(ends ? { End: true as const } : { Next: way.next ?? '' }),
  };
}

export interface Sidestep {
  readonly Output?: string;
  readonly Assign?: Assignments;
  readonly Next: string;
}

/** Fields of a Choice rule for this way: state data passes as it is unless something is written down. */
export function sidestep(course: Course, way: Way, base: string = INPUT): Sidestep {
  const assigned = nulls(way);
  const output = merged(base, way.adds, undefined);
  return {
    ...(Object.keys(assigned).length > 0 ? { Assign: assigned } : {}),
    ...(output === INPUT ? {} : { Output: expr(output) }),
    Next: way.next ?? sideEnd(course),
  };
}

/** Fields of a Catcher for this way: without an Output the error would become the state data. */
export function caught(course: Course, way: Way, base: string = INPUT): Sidestep & { readonly Output: string } {
  return { Output: expr(INPUT), ...sidestep(course, way, base) };
}

/** The state in which ways end that cannot end by themselves. */
function sideEnd(course: Course): string {
  if (course.ends.length === 0) {
    const out = exported(course, { next: undefined, adds: {}, nulls: [] }, new Map());
    course.ends.push({
      Type: 'Succeed',
      ...(out === undefined ? {} : { Output: expr(merged(INPUT, {}, out)) }),
    });
  }
  return course.endName;
}

function nulls(way: Way): Assignments {
  return Object.fromEntries(way.nulls.map((name) => [name, {}]));
}

function merged(base: string, adds: Readonly<Record<string, string>>, out: string | undefined): string {
  const parts = [base];
  if (Object.keys(adds).length > 0) parts.push(literal(adds));
  if (out !== undefined) parts.push(out);
  return parts.length === 1 ? base : `$merge([${parts.join(', ')}])`;
}

/** What a branch hands out: JSONata text of `{"=": {…}}`. */
function exported(course: Course, way: Way, fresh: ReadonlyMap<string, string>): string | undefined {
  const members = course.needed.flatMap(({ name, exportedAs }) => {
    if (exportedAs === undefined) return [];
    const text = way.nulls.includes(name) ? '{}' : (fresh.get(name) ?? `$${name}`);
    return [`${literal(name)}: ${text}`];
  });
  return members.length === 0 ? undefined : `{${literal(EXPORTS)}: {${members.join(', ')}}}`;
}
