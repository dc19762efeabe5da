/** How steps are entered, and by which names. */
import { unreachable } from '../base/unreachable.ts';
import type { Course, EntryPoint } from './course.ts';
import { outcomesOf } from './decide.ts';
import type { Exit, Lookup } from './facts.ts';
import { type Graph, idOf } from './graph.ts';
import { auxiliary } from './names.ts';
import { leadsOf } from './skip.ts';
import { mayBeLeftOut, type Step } from './steps.ts';
import { tasksIn } from './values.ts';
import { ITEMS_PER_READ } from './waiting-states.ts';
import { sleepsFirst, type WaitStep, waitEntry } from './waits.ts';

/** Where a way enters a step, by what is known on it. */
export function entryOf(course: Course, step: Step, position: number, way: OpenWay): EntryPoint {
  switch (step.kind) {
    case 'wait':
      return entryOfWait(course, step, position, way);
    case 'signal':
    case 'tell':
      return way.exit.good || !needsTwoCopies(course, position) ? 'good' : 'bad';
    case 'task':
      return runsFor(course, step.task, way.fact) ? 'run' : 'gate';
    case 'par': {
      const [lead] = leadsOf(course.machine.graph, step.branches);
      return lead === undefined || runsFor(course, lead, way.fact) ? 'run' : 'gate';
    }
    default:
      return 'gate';
  }
}

interface OpenWay {
  readonly exit: Exit;
  readonly fact: Lookup;
}

function entryOfWait(course: Course, step: WaitStep, position: number, { exit, fact }: OpenWay): EntryPoint {
  if (sleepsFirst(course, step)) return 'gate';
  return exit.good && passesIfSet(course, step, position, fact) ? 'good' : 'bad';
}

/** Whether the next step would need no gate, were all latches set and their producers well. */
function passesIfSet(course: Course, step: WaitStep, position: number, fact: Lookup): boolean {
  const { graph } = course.machine;
  const lead = leadAt(course, position + 1);
  if (lead === undefined || step.latches.length > ITEMS_PER_READ) return false;
  const well = succeededWith(
    graph,
    step.latches.flatMap((latch) => tasksIn(latch.producer)),
  );
  return runsFor(course, lead, (key) => (well.has(graph.indexOf.get(key) ?? -1) ? 's' : fact(key)));
}

/** The task that decides whether a step is entered; `undefined`: none does. */
export function leadAt(course: Course, position: number): number | undefined {
  const step = course.steps[position];
  if (step?.kind === 'task') return step.task;
  return step?.kind === 'par' ? leadsOf(course.machine.graph, step.branches)[0] : undefined;
}

/** How far up is looked: a task's direct upstream is rarely further from a producer. */
export const LOOK_UP = 16;

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

function runsFor(course: Course, task: number, fact: Lookup): boolean {
  const outcomes = outcomesOf(course.machine.graph, task, fact);
  return outcomes.size === 1 && outcomes.has('run');
}

/** After a bad end the same latch is set by states of its own, so that the good way needs no gate behind it. */
function needsTwoCopies(course: Course, position: number): boolean {
  let after = position + 1;
  while (course.steps[after]?.kind === 'signal' || course.steps[after]?.kind === 'tell') after++;
  return after < course.steps.length;
}

/** Name of the state by which a step is entered. */
export function entryName(course: Course, position: number, entry: EntryPoint): string {
  const step = course.steps[position];
  if (step === undefined) return course.endName;
  switch (step.kind) {
    case 'task':
      return taskEntry(course, step.task, entry);
    case 'early':
      return earlyEntry(course, position, step.task);
    case 'cut':
      return auxiliary(idOf(course.machine.graph, step.task), 'cut');
    case 'mask':
      return auxiliary(idOf(course.machine.graph, step.task), 'mask');
    case 'tell':
      return auxiliary(
        idOf(course.machine.graph, step.task),
        copyOf(`tell ${idOf(course.machine.graph, step.consumer)}`, entry),
      );
    case 'signal':
      return auxiliary(step.owner, copyOf(step.shard === 0 ? 'signal' : `signal ${step.shard + 1}`, entry));
    case 'wait':
      return waitEntry(course, step, entry);
    case 'par':
      return entry === 'run' ? step.name : auxiliary(step.name, entry);
    default:
      return unreachable(step);
  }
}

function taskEntry(course: Course, task: number, entry: EntryPoint): string {
  const id = idOf(course.machine.graph, task);
  if (entry === 'gate') return auxiliary(id, 'gate');
  return course.machine.values.fetched(task).length > 0
    ? auxiliary(id, 'fetch')
    : firstState(course.machine.graph, task);
}

/** The state in which a task does its work, or by which a module begins. */
export function firstState(graph: Graph, task: number): string {
  const kind = graph.tasks[task]?.inside?.does.kind;
  const id = idOf(graph, task);
  if (kind === undefined) return id;
  return auxiliary(id, kind === 'map' ? 'map' : 'start');
}

function earlyEntry(course: Course, position: number, task: number): string {
  const { graph } = course.machine;
  if (mayBeLeftOut(graph, task)) return auxiliary(idOf(course.machine.graph, task), 'gate');
  if (graph.tasks[task]?.triggerRule === 'always') return entryName(course, position + 1, 'run');
  return auxiliary(idOf(course.machine.graph, task), 'wait for its rule');
}

/** Role of the state of a latch, in the copy for this entry. */
export function copyOf(role: string, entry: EntryPoint): string {
  return entry === 'bad' ? `${role} after failure` : role;
}
