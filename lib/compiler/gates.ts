/** Gates: the Choice before a step whose outcome is not known there. */

import { expr, literal, member } from '../asl/jsonata.ts';
import type { ChoiceRule, State } from '../asl/states.ts';
import { markKey } from '../model/variables.ts';
import { type Gate, gateOf, INPUT } from './conditions.ts';
import { arrivals, arrive, type Course } from './course.ts';
import type { Outcome } from './decide.ts';
import { entryName } from './entry.ts';
import type { Exit } from './facts.ts';
import { idOf } from './graph.ts';
import { dataAt, type Sidestep, sidestep } from './leading.ts';
import { leave, leaveByRelease } from './leave.ts';
import { leadsOf, skipWith } from './skip.ts';
import type { Step } from './steps.ts';
import { MISSING } from './waiting-states.ts';

/** Where a gate goes when a latch was not set yet. */
export interface Recheck {
  readonly wait: string;
}

/** The gate of a task: runs it, or notes why not and goes on behind it. */
export function taskGate(course: Course, position: number, task: number, recheck?: Recheck): void {
  const exits = arrivals(course, position, 'gate');
  if (exits.length === 0) return;
  const { graph } = course.machine;
  course.facts.meet(exits);
  const id = idOf(graph, task);
  const gate = gateOf(graph, task, course.facts);
  const out = (code: Exclude<Outcome, 'run'>) =>
    leave(course, course.facts.exit(new Map([[id, code]]), false), position + 1);
  emit(course, position, { gate, exits, recheck, out });
}

/** One gate for a Parallel all of whose branches ask the same. */
export function parallelGate(course: Course, position: number, step: Extract<Step, { kind: 'par' }>): void {
  const exits = arrivals(course, position, 'gate');
  if (exits.length === 0) return;
  const { graph } = course.machine;
  course.facts.meet(exits);
  const leads = leadsOf(graph, step.branches);
  const gate = gateOf(graph, leads[0] ?? -1, course.facts);
  const out = (code: Exclude<Outcome, 'run'>) => {
    const { tasks = [], latches = [] } = skipWith(graph, step.branches, leads, code) ?? {};
    const overlay = new Map(tasks.map(([task, ended]) => [idOf(graph, task), ended]));
    const exit = course.facts.exit(overlay, false);
    return latches.length > 0 ? leaveByRelease(course, exit, position) : leave(course, exit, position + 1);
  };
  emit(course, position, { gate, exits, recheck: undefined, out });
}

interface GateParts {
  readonly gate: Gate;
  readonly exits: readonly Exit[];
  readonly recheck: Recheck | undefined;
  readonly out: (code: Exclude<Outcome, 'run'>) => ReturnType<typeof leave>;
}

function emit(course: Course, position: number, { gate, exits, recheck, out }: GateParts): void {
  const name = entryName(course, position, 'gate');
  const good = exits.some((exit) => exit.good);
  if (good) course.machine.counts.gates++;
  course.machine.roles.set(name, 'gate');
  const lead = (outcome: Outcome): Sidestep => {
    if (outcome !== 'run') return sidestep(course, out(outcome));
    arrive(course, position, 'run', course.facts.exit(new Map(), good));
    return { Next: entryName(course, position, 'run') };
  };
  const rules: ChoiceRule[] = recheck ? [recheckRule(recheck)] : [];
  for (const { outcome, condition } of gate.rules) rules.push({ Condition: condition, ...lead(outcome) });
  const { Next, ...flow } = lead(gate.otherwise);
  course.states[name] =
    rules.length === 0
      ? { Type: 'Pass', Output: expr(INPUT), ...flow, Next }
      : { Type: 'Choice', Choices: rules, ...flow, Default: Next };
}

export function recheckRule({ wait }: Recheck): ChoiceRule {
  return { Condition: expr(`$exists(${member(INPUT, MISSING)})`), Next: wait };
}

/** After a short circuit's function: everything below is left out where it found false. */
export function cutGate(course: Course, position: number, task: number): void {
  const exits = arrivals(course, position, 'gate');
  if (exits.length === 0) return;
  const { machine, facts } = course;
  facts.meet(exits);
  const mark = markKey(idOf(machine.graph, task));
  const cut = leave(course, facts.exit(new Map([[mark, 'x']])), position + 1);
  const pass = leave(course, facts.exit(new Map([[mark, 'o']])), position + 1);
  const { Next, ...flow } = sidestep(course, pass);
  const name = entryName(course, position, 'gate');
  machine.counts.gates++;
  machine.roles.set(name, 'cut');
  course.states[name] = {
    Type: 'Choice',
    Choices: [{ Condition: expr(`$exists(${member(INPUT, mark)})`), ...sidestep(course, cut) }],
    ...flow,
    Default: Next,
  };
}

/** `choose`: a Choice that writes down which labels hold; a condition that cannot be answered fails the task. */
export function chooseState(course: Course, position: number, task: number, conditions: Conditions): State {
  const { graph } = course.machine;
  const node = graph.tasks[task];
  const id = node?.id ?? '';
  if (node?.call.kind !== 'choose') throw new Error('unreachable: not a choose');
  const labels = node.call.cases.map(
    ({ label }, index) => `(${conditions.texts[index]} ? ${literal(`${label}|`)} : "")`,
  );
  const chosen = `"|" & ${labels.length > 0 ? labels.join(' & ') : '""'}`;
  const other = node.call.otherwise;
  const mark = other === undefined ? chosen : `($m := ${chosen}; $m = "|" ? ${literal(`|${other}|`)} : $m)`;
  const done = leave(
    course,
    course.facts.exit(
      new Map([
        [id, 's'],
        [markKey(id), '?'],
      ]),
    ),
    position + 1,
  );
  const base = `$merge([${dataAt(course, position)}, {${literal(markKey(id))}: ${mark}}])`;
  const { Next, ...flow } = sidestep(course, done, base);
  return { Type: 'Choice', Choices: [invalidRule(course, position, id, conditions)], ...flow, Default: Next };
}

/** `shortCircuit` by an expression. */
export function shortCircuitState(
  course: Course,
  position: number,
  task: number,
  conditions: Conditions,
): State {
  const id = idOf(course.machine.graph, task);
  const mark = markKey(id);
  const ended = (fact: 'x' | 'o') =>
    leave(
      course,
      course.facts.exit(
        new Map([
          [id, 's'],
          [mark, fact],
        ]),
      ),
      position + 1,
    );
  const data = dataAt(course, position);
  const cut = sidestep(course, ended('x'), `$merge([${data}, {${literal(mark)}: "x"}])`);
  const { Next, ...flow } = sidestep(course, ended('o'), data);
  return {
    Type: 'Choice',
    Choices: [
      invalidRule(course, position, id, conditions),
      { Condition: expr(`(${conditions.texts[0] ?? 'true'}) = false`), ...cut },
    ],
    ...flow,
    Default: Next,
  };
}

export interface Conditions {
  /** JSONata texts, each true, false, or something else where it cannot be answered. */
  readonly texts: readonly string[];
}

function invalidRule(course: Course, position: number, id: string, { texts }: Conditions): ChoiceRule {
  const failed = leave(course, course.facts.exit(new Map([[id, 'f']]), false), position + 1);
  const unanswered = texts.map((text) => `$not($type(${text}) = "boolean")`);
  return {
    Condition: expr(unanswered.length > 0 ? unanswered.join(' or ') : 'false'),
    ...sidestep(course, failed, dataAt(course, position)),
  };
}
