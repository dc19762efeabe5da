/** Strands → states: a Parallel's branches are strands of their own. */

import { expr, literal, member } from '../asl/jsonata.ts';
import type { Branch, State } from '../asl/states.ts';
import { unreachable } from '../base/unreachable.ts';
import { leavesMark } from '../model/task.ts';
import { markKey } from '../model/variables.ts';
import { anyBadOf, INPUT } from './conditions.ts';
import {
  arrivals,
  arrive,
  type Course,
  EXPORTS,
  type Machine,
  RUN_FAILED,
  RUN_SUCCEEDED,
  RUN_VERDICT,
} from './course.ts';
import { outcomesOf } from './decide.ts';
import { entryName, leadAt, succeededWith } from './entry.ts';
import { type Exit, Facts } from './facts.ts';
import { cutGate, parallelGate, recheckRule, taskGate } from './gates.ts';
import { idOf } from './graph.ts';
import { earlyStates, releaseStates, signalStates, tellStates } from './joins.ts';
import { dataAt, leading } from './leading.ts';
import { leave } from './leave.ts';
import { innerMachine } from './machine.ts';
import { maskStates } from './masks.ts';
import { type LowerInside, moduleStates } from './modules.ts';
import { auxiliary } from './names.ts';
import { chainOf, latchesIn, leadsOf } from './skip.ts';
import { type Step, stepsOf } from './steps.ts';
import type { Strand } from './structure.ts';
import { inferFromRunning, taskStates } from './tasks.ts';
import { tasksIn } from './values.ts';
import { missingWait, type WaitStep, waitStates } from './waits.ts';

/** The whole machine: the root strand, and what decides the run. */
export function lowerRoot(machine: Machine, strand: Strand): Branch {
  const opening = { facts: new Facts(), endName: RUN_SUCCEEDED, root: true, start: '{}' };
  const course = courseOf(machine, strand, opening);
  const startAt = lower(course);
  addVerdict(course);
  return { StartAt: startAt, States: course.states };
}

interface Opening {
  readonly facts: Facts;
  readonly endName: string;
  readonly root: boolean;
  readonly start: string;
}

function courseOf(machine: Machine, strand: Strand, opening: Opening): Course {
  const steps = stepsOf(machine.graph, strand);
  return {
    machine,
    steps,
    ...opening,
    states: {},
    ends: [],
    landings: new Map(),
    chain: chainOf(machine.graph, steps, machine.deciding),
    needed: machine.values.needed(strand),
  };
}

/** Compiles every step; the name of the first state. */
function lower(course: Course): string {
  const start = leave(course, course.facts.exit(), 0, false);
  for (const [position, step] of course.steps.entries()) lowerStep(course, position, step);
  for (const end of course.ends) course.states[course.endName] = end;
  return start.next ?? course.endName;
}

function lowerStep(course: Course, position: number, step: Step): void {
  switch (step.kind) {
    case 'task':
      taskGate(course, position, step.task, recheckBefore(course, position));
      if (course.machine.graph.tasks[step.task]?.inside)
        moduleStates(course, position, step.task, lowerInside);
      else taskStates(course, position, step.task);
      break;
    case 'mask':
      maskStates(course, position, step);
      break;
    case 'early':
      earlyStates(course, position, step.task);
      break;
    case 'cut':
      cutGate(course, position, step.task);
      break;
    case 'tell':
      tellStates(course, position, step);
      break;
    case 'signal':
      signalStates(course, position, step);
      break;
    case 'wait':
      wait(course, position, step);
      break;
    case 'par':
      parallelGate(course, position, step);
      parallel(course, position, step);
      releaseStates(course, position, latchesIn(step.branches));
      break;
    default:
      unreachable(step);
  }
}

/** The inside of a module: a machine of its own whose ways all end in its state data. */
const lowerInside: LowerInside = (around, start) => {
  const { inside } = around.machine.graph.tasks[around.module] ?? {};
  if (inside === undefined) throw new Error('unreachable: not a module');
  const { machine, strand } = innerMachine(inside, around);
  const endName = endOf(machine, strand);
  const course = courseOf(machine, strand, { facts: new Facts(), endName, root: false, start });
  return { machine, branch: { StartAt: lower(course), States: course.states } };
};

/** A task's gate also sees to it that the latches before it were set. */
function recheckBefore(course: Course, position: number): { readonly wait: string } | undefined {
  const before = course.steps[position - 1];
  return before?.kind === 'wait' ? { wait: missingWait(course, before) } : undefined;
}

function wait(course: Course, position: number, step: WaitStep): void {
  const entries = (['gate', 'good', 'bad'] as const).map((entry) => arrivals(course, position, entry));
  const exits = entries.flat();
  if (exits.length === 0) return;
  const { facts, machine } = course;
  const checked = passIfChecked(course, position, step);
  facts.meet(exits);
  facts.leaky = true;
  const next = course.steps[position + 1];
  const good = exits.some((exit) => exit.good);
  const gate = auxiliary(step.owner, next?.kind === 'task' ? 'gate' : 'ready');
  Object.assign(
    course.states,
    waitStates(course, step, { gate, checked, looked: arrivals(course, position, 'good').length > 0 }),
  );
  const slow = facts.exit(new Map(), good && checked === undefined);
  if (next?.kind === 'task') {
    arriveOnlyAtGate(course, position + 1, slow);
    return;
  }
  const way = leave(course, slow, position + 1, false);
  if (slow.good) machine.counts.gates++;
  machine.roles.set(gate, 'gate');
  course.states[gate] = {
    Type: 'Choice',
    Choices: [recheckRule({ wait: missingWait(course, step) })],
    Default: way.next ?? course.endName,
  };
}

/**
 * Where a way leads at once when every latch is set and nothing bad came with it; `undefined` where
 * a gate would be needed all the same, or nobody is expected to find the latches set.
 */
function passIfChecked(course: Course, position: number, step: WaitStep): string | undefined {
  const exits = arrivals(course, position, 'good');
  if (exits.length === 0) return undefined;
  const { facts, machine } = course;
  facts.meet(exits);
  const producers = step.latches.flatMap((latch) => tasksIn(latch.producer));
  const well = [...succeededWith(machine.graph, producers)].map((task) => idOf(machine.graph, task));
  const exit = facts.exit(new Map(well.map((id) => [id, 's' as const])));
  const lead = leadAt(course, position + 1);
  if (lead === undefined) return undefined;
  const [only, ...others] = outcomesOf(machine.graph, lead, (key) => facts.on(exit, key));
  if (only !== 'run' || others.length > 0) return undefined;
  arrive(course, position + 1, 'run', exit);
  return entryName(course, position + 1, 'run');
}

function arriveOnlyAtGate(course: Course, position: number, exit: Exit): void {
  course.landings.set(`${position}:gate`, [exit]);
}

function parallel(course: Course, position: number, step: Extract<Step, { kind: 'par' }>): void {
  const exits = arrivals(course, position, 'run');
  if (exits.length === 0) return;
  const { machine, facts } = course;
  facts.meet(exits);
  for (const lead of leadsOf(machine.graph, step.branches)) inferFromRunning(course, lead);
  const inner = step.branches.map((branch) => {
    const endName = endOf(machine, branch);
    const opened = courseOf(machine, branch, { facts: new Facts(facts), endName, root: false, start: INPUT });
    return { course: opened, branch: { StartAt: lower(opened), States: opened.states } };
  });
  forget(
    course,
    step,
    inner.some((one) => one.course.facts.leaky),
  );
  const fresh = new Map(inner.flatMap((one, index) => exportsOf(one.course, index)));
  const merged = '$merge($states.result)';
  const data =
    fresh.size === 0 ? merged : `$merge([$sift(${merged}, function($v, $k) { $k != ${literal(EXPORTS)} })])`;
  const way = leave(course, facts.exit(), position + 1);
  machine.counts.parallels++;
  machine.roles.set(step.name, 'parallel');
  course.states[step.name] = {
    Type: 'Parallel',
    ...(dataAt(course, position) === INPUT ? {} : { Arguments: {} }),
    Branches: inner.map(({ branch }) => branch),
    ...leading(course, way, data, fresh),
  };
}

/** Named after the last task of the branch; branches inside it may end with the same one. */
function endOf(machine: Machine, branch: Strand): string {
  const last = branch.flatMap(tasksIn).at(-1);
  const id = idOf(machine.graph, last);
  for (let number = 1; ; number++) {
    const name = auxiliary(id, number === 1 ? 'end' : `end ${number}`);
    if (machine.roles.has(name)) continue;
    machine.roles.set(name, 'end');
    return name;
  }
}

/** Behind a Parallel its tasks are final, one way or another. */
function forget(course: Course, step: Extract<Step, { kind: 'par' }>, leaky: boolean): void {
  const { graph } = course.machine;
  for (const task of tasksIn(step.item)) {
    const node = graph.tasks[task];
    if (node === undefined) continue;
    course.facts.set(node.id, '?');
    if (leavesMark(node.call)) course.facts.set(markKey(node.id), '?');
  }
  if (leaky) course.facts.leaky = true;
}

function exportsOf(inner: Course, index: number): readonly (readonly [string, string])[] {
  const given = member(`$states.result[${index}]`, EXPORTS);
  return inner.needed.flatMap(({ exported }) =>
    exported === undefined ? [] : [[exported.as, member(given, exported.key)] as const],
  );
}

/** In a plain DAG whatever fails takes a leaf with it. */
const ANY_FAILED = `"f" in ${INPUT}.*`;

/** The last gate: a run that failed ends failed, and says what did. */
function addVerdict(course: Course): void {
  const { machine, states, facts } = course;
  const end = course.steps.length;
  const asked = arrivals(course, end, 'gate');
  if (asked.length > 0) {
    facts.meet(asked);
    const bad = machine.graph.plain ? ANY_FAILED : anyBadOf([...machine.deciding], facts);
    states[RUN_VERDICT] = {
      Type: 'Choice',
      Choices: [{ Condition: expr(typeof bad === 'string' ? bad : String(bad)), Next: RUN_FAILED }],
      Default: RUN_SUCCEEDED,
    };
    if (asked.some((exit) => exit.good)) machine.counts.gates++;
    machine.roles.set(RUN_VERDICT, 'verdict');
  }
  if (asked.length > 0 || course.ends.length > 0) addEnd(course, RUN_SUCCEEDED, { Type: 'Succeed' });
  if (asked.length > 0 || arrivals(course, end, 'bad').length > 0) {
    addEnd(course, RUN_FAILED, {
      Type: 'Fail',
      Error: 'DagRun.Failed',
      Cause: expr(`$substring($string(${INPUT}), 0, 32000)`),
    });
  }
}

function addEnd(course: Course, name: string, state: State): void {
  course.states[name] = state;
  course.machine.roles.set(name, 'end');
}
