/**
 * Ways out of states. Every way is followed as far as it is decided: tasks that certainly do not run
 * are skipped on the way (their statuses added where somebody reads them), and it lands on the first
 * step that must do something. Steps are compiled in order, each knowing all that lands on it.
 */
import { arrive, type Course, type EntryPoint, RUN_FAILED, RUN_VERDICT, type Way } from './course.ts';
import { entryName, entryOf } from './entry.ts';
import { type Exit, endedBadly, type Fact, isStatus, type Lookup } from './facts.ts';
import { type Graph, idOf } from './graph.ts';
import { certainEnd, failsUnheard, latchesIn, type Skipped, skipAll } from './skip.ts';
import { mayBeLeftOut } from './steps.ts';

/**
 * Follows a way out from `from` on. What `exit` itself decided is recorded where somebody reads it;
 * `canAdd` is false where the leaving state can write nothing down (the strand's beginning).
 */
export function leave(course: Course, exit: Exit, from: number, canAdd = true): Way {
  const overlay = new Map(exit.overlay);
  const fact = (key: string) => overlay.get(key) ?? course.facts.get(key, exit.at);
  const trail: Trail = { overlay, skipped: new Set(), chains: [], release: false, fact };
  const down = course.machine.graph.plain && [...exit.overlay.values()].some(endedBadly);
  let position = down && canAdd ? skipRest(course, from, trail) : from;
  while (canAdd && !down && !trail.release && position < course.steps.length) {
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
  readonly fact: Lookup;
}

/**
 * In a plain DAG a task that did not succeed takes everything behind it in its strand along, as far as the
 * next latch that must be set.
 */
function skipRest(course: Course, from: number, trail: Trail): number {
  const { graph } = course.machine;
  const { heard, places } = course.chain;
  let end = from;
  while (end < course.steps.length && !trail.release) {
    const step = course.steps[end];
    if (step?.kind === 'signal') break;
    trail.release = step?.kind === 'par' && latchesIn(step.branches).length > 0;
    end++;
  }
  trail.chains.push({ from, end });
  for (let at = from; at < end; at++) {
    for (const task of heard[at] ?? []) {
      const read = graph.downstream[task]?.some((reader) => (places.get(reader) ?? end) >= end);
      if (read) trail.overlay.set(idOf(graph, task), 'u');
    }
  }
  return end;
}

/** Passes over a step whose tasks certainly do not run; the position behind it, `undefined`: it must be entered. */
function skipStep(course: Course, position: number, trail: Trail): number | undefined {
  const step = course.steps[position];
  const passed = skippable(course, position, trail.fact);
  if (passed === undefined) return undefined;
  for (const [task, code] of passed.tasks) {
    trail.overlay.set(idOf(course.machine.graph, task), code);
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
    trail.overlay.set(idOf(course.machine.graph, step.task), code);
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
function skippable(course: Course, position: number, fact: Lookup): Skipped | undefined {
  const { graph } = course.machine;
  const step = course.steps[position];
  switch (step?.kind) {
    case 'cut': {
      const own = fact(idOf(graph, step.task));
      return isStatus(own) ? NOTHING : undefined;
    }
    case 'par':
      return skipAll(graph, step.branches, fact);
    case 'task': {
      const code = certainEnd(graph, step.task, fact);
      return code && { tasks: [[step.task, code]], latches: [] };
    }
    case 'wait': {
      const behind = skippable(course, position + 1, fact);
      const unheard = behind?.tasks.every(([task, code]) => failsUnheard(graph, task, code));
      return unheard ? NOTHING : undefined;
    }
    default:
      return undefined;
  }
}

const NOTHING: Skipped = { tasks: [], latches: [] };

/** Statuses this way must write down: its own failures, and whatever somebody not passed over reads. */
function added(course: Course, exit: Exit, trail: Trail): Readonly<Record<string, string>> {
  const { graph } = course.machine;
  const adds: Record<string, string> = {};
  for (const [id, fact] of trail.overlay) {
    const task = graph.indexOf.get(id);
    if (task === undefined || !isStatus(fact) || !mustAdd(course, exit, trail, task)) continue;
    adds[id] = graph.plain && fact === 'u' ? NOT_RUN : fact;
  }
  return adds;
}

function mustAdd(course: Course, exit: Exit, trail: Trail, task: number): boolean {
  const { graph } = course.machine;
  const id = idOf(graph, task);
  const own = exit.overlay.has(id) && !(graph.plain && trail.overlay.get(id) === 'u');
  if (own || (!graph.plain && isNoted(course, task, id))) return true;
  return (graph.downstream[task] ?? []).some((reader) => !isSkipped(course, trail, reader));
}

/** Code, in a plain DAG, of a task that did not run: what failed or was skipped tells why. */
const NOT_RUN = 'n';

/** Its status is written down even where no task reads it. */
function isNoted(course: Course, task: number, id: string): boolean {
  const { graph, deciding, guarding } = course.machine;
  return deciding.has(id) || guarding.has(task) || !followsByItself(graph, task);
}

/** Readers of history know the state of such a task from its upstream (`history/project.ts`). */
function followsByItself(graph: Graph, task: number): boolean {
  return graph.tasks[task]?.triggerRule === 'all_success' && !mayBeLeftOut(graph, task);
}

/** Variables that would be unknown on this way: those of tasks that did not succeed. */
function nullsOf(course: Course, exit: Exit, trail: Trail): readonly string[] {
  if (course.needed.length === 0) return [];
  const { graph } = course.machine;
  return course.needed
    .filter(({ task }) => isSkipped(course, trail, task) || endedBadly(exit.overlay.get(idOf(graph, task))))
    .map(({ name }) => name);
}

function land(course: Course, exit: Exit, position: number, fact: Lookup): Pick<Way, 'next' | 'end'> {
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

function landAtEnd(course: Course, exit: Exit, fact: Lookup): Pick<Way, 'next' | 'end'> {
  if (!course.root) return { next: undefined };
  const { graph, deciding } = course.machine;
  const ends = [...(graph.plain ? exit.overlay.keys() : []), ...deciding].map(fact);
  if (ends.some((known) => known === 'f' || (known === 'u' && !graph.plain))) {
    arrive(course, course.steps.length, 'bad', exit);
    return { next: RUN_FAILED, end: 'failed' };
  }
  if (ends.every((known) => known === 's' || (known === 'k' && !graph.plain)))
    return { next: undefined, end: 'ok' };
  arrive(course, course.steps.length, 'gate', exit);
  return { next: RUN_VERDICT, end: 'asked' };
}
