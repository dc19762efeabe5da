/** Waiting for latches: read those that should be set, sleep on those that are not. */
import { expr } from '../asl/jsonata.ts';
import type { State } from '../asl/states.ts';
import { leavesMark } from '../model/task.ts';
import { markKey } from '../model/variables.ts';
import { countersAt } from './around.ts';
import { INPUT } from './conditions.ts';
import type { Course, EntryPoint } from './course.ts';
import { edgeKey, idOf } from './graph.ts';
import { type ItemKey, shardOf, WAITERS_PER_ITEM } from './latch-item.ts';
import { auxiliary } from './names.ts';
import { nameOf, type Step } from './steps.ts';
import type { Latch } from './structure.ts';
import { tasksIn } from './values.ts';
import { checkState, ITEMS_PER_READ, readState, waitState } from './waiting-states.ts';

export type WaitStep = Extract<Step, { kind: 'wait' }>;

export function sleepsFirst(course: Course, step: WaitStep): boolean {
  return course.machine.timing.sleeps(step.item);
}

/** Name of the state by which the waiting begins: asleep, by a look at once, or (after a bad end) by reading. */
export function waitEntry(course: Course, step: WaitStep, entry: EntryPoint): string {
  if (entry === 'gate') return missingWait(course, step);
  return auxiliary(step.owner, entry === 'good' ? 'look' : 'read');
}

/** Role of the one state that waits, for whichever latch is missing. */
function waitRole(course: Course, step: WaitStep): string {
  const last = course.machine.timing.inOrder(step.item).at(-1);
  const name = last ? nameOf(course.machine.graph, last.producer) : '';
  return step.latches.length > 1 ? `wait ${name} + ${step.latches.length - 1} more` : `wait ${name}`;
}

/** Where a reader goes that found something missing. */
export function missingWait(course: Course, step: WaitStep): string {
  return auxiliary(step.owner, waitRole(course, step));
}

interface Behind {
  /** The gate that reads what was found. */
  readonly gate: string;
  /** The state that may be entered at once when all latches are set and well; absent: the gate is needed. */
  readonly checked: string | undefined;
  /** Somebody comes to look. */
  readonly looked: boolean;
}

export function waitStates(
  course: Course,
  step: WaitStep,
  { gate, checked, looked }: Behind,
): Readonly<Record<string, State>> {
  const { counts, roles } = course.machine;
  const latches = course.machine.timing.inOrder(step.item);
  // Who is expected last is waited for first: the others are set by then.
  const keys = latches.map((latch) => keyFor(course, step, latch)).reverse();
  const [last] = keys;
  if (last === undefined) return {};
  const [look, read, wait] = [
    auxiliary(step.owner, 'look'),
    auxiliary(step.owner, 'read'),
    missingWait(course, step),
  ];
  const asleep = sleepsFirst(course, step);
  const woken = latches.length === 1 ? gate : read;
  const states: Record<string, State> = {};
  // What one latch lacks is waited for at once: the wait itself tells whether it was set meanwhile.
  if (checked !== undefined) states[look] = checkState(keys, checked, latches.length === 1 ? wait : read);
  // Several good ways met here that do not agree on what is known.
  else if (looked) states[look] = { Type: 'Pass', Output: expr(INPUT), Next: read };
  Object.assign(states, readStates(keys, step.owner, gate));
  states[wait] = waitState(last, `t_${step.owner}`, { woken, passed: read });
  for (const name of Object.keys(states))
    roles.set(name, name === wait ? 'wait for a latch' : 'read latches');
  noteWait(course, step, wait);
  counts.sleeps += asleep ? 1 : 0;
  counts.reads += asleep && latches.length === 1 ? 0 : 1;
  return states;
}

/** What the plan and the bounds tell of a wait: each latch can be missing once. */
function noteWait(course: Course, step: WaitStep, state: string): void {
  const { graph, latches, hints, timing } = course.machine;
  hints.set(state, { rounds: step.latches.length });
  const last = timing.inOrder(step.item).at(-1);
  for (const latch of step.latches) {
    const behind = latch.waiting[latch.consumers.indexOf(step.item)];
    const before = new Set(tasksIn(latch.producer));
    const why = (behind === undefined ? [] : tasksIn(behind)).flatMap((to) =>
      (graph.before[to] ?? [])
        .filter((from) => before.has(from))
        .map((from) => ({ from: idOf(graph, from), to: idOf(graph, to) })),
    );
    const producer = nameOf(graph, latch.producer);
    const sleeps = latch === last && timing.sleeps(step.item);
    latches.push({ producer, waiter: step.owner, why, state, sleeps });
  }
}

function readStates(keys: readonly ItemKey[], owner: string, gate: string): Readonly<Record<string, State>> {
  const states: Record<string, State> = {};
  const role = (number: number) => auxiliary(owner, number === 1 ? 'read' : `read ${number}`);
  for (let from = 0; from < keys.length; from += ITEMS_PER_READ) {
    const number = from / ITEMS_PER_READ + 1;
    const more = from + ITEMS_PER_READ < keys.length;
    states[role(number)] = readState(keys.slice(from, from + ITEMS_PER_READ), more ? role(number + 1) : gate);
  }
  return states;
}

function keyFor(course: Course, step: WaitStep, latch: Latch): ItemKey {
  const shard = Math.floor(latch.consumers.indexOf(step.item) / WAITERS_PER_ITEM);
  return shardOf(latchKey(course, latch), shard);
}

export function latchKey(course: Course, latch: Latch): ItemKey {
  const { machine } = course;
  return {
    dagId: machine.dag.id,
    kind: 'L',
    name: nameOf(machine.graph, latch.producer),
    at: countersAt(machine),
  };
}

/**
 * Keys of the statuses that a latch carries: its producer's own, and those of tasks further up for which
 * somebody behind a waiter asks though the producer stands between.
 */
export function carriedBy(course: Course, latch: Latch): readonly string[] {
  const { graph } = course.machine;
  const own = tasksIn(latch.producer);
  const behind = latch.waiting.flatMap((item) => tasksIn(item));
  const inside = new Set(own);
  const carried = new Set(
    own.filter((task) => (graph.downstream[task] ?? []).some((reader) => !inside.has(reader))),
  );
  for (const producer of own) {
    for (const waiter of behind) {
      for (const task of graph.passing.get(edgeKey(producer, waiter)) ?? []) carried.add(task);
    }
  }
  return [...carried].flatMap((task) => {
    const node = graph.tasks[task];
    if (node === undefined) return [];
    return leavesMark(node.call) ? [node.id, markKey(node.id)] : [node.id];
  });
}
