/** Signals of latches, and early joins from both sides. */

import { expr, literal, member } from '../asl/jsonata.ts';
import type { ChoiceRule } from '../asl/states.ts';
import { unreachable } from '../base/unreachable.ts';
import { type EarlyRule, isEarly } from '../model/trigger-rule.ts';
import { countersAt } from './around.ts';
import { guardRules, INPUT } from './conditions.ts';
import { arrivals, arrive, type Course, type EntryPoint, type Way } from './course.ts';
import { copyOf, entryName } from './entry.ts';
import { idOf } from './graph.ts';
import { HAND, type ItemKey, shardOf, WAITERS_PER_ITEM, withoutHand } from './latch-item.ts';
import { caught, leading, sidestep } from './leading.ts';
import { leave } from './leave.ts';
import { auxiliary, inner } from './names.ts';
import {
  NOTHING_BAD,
  quietSignalState,
  releaseState,
  SOMEBODY_SLEEPS,
  sendState,
  signalState,
  statusesOf,
  type Telling,
  tellState,
  verdictState,
  wakeState,
} from './signal-states.ts';
import { mayBeLeftOut, type Step, shardsOf } from './steps.ts';
import type { Latch } from './structure.ts';
import { unitVariable } from './values.ts';
import { readState, waitForAllState, waitState } from './waiting-states.ts';
import { carriedBy, latchKey } from './waits.ts';

const COPIES: readonly EntryPoint[] = ['good', 'bad'];

/** Sets a latch on every way out of its producer; where it ended well, as cheaply as can be expected. */
export function signalStates(course: Course, position: number, step: SignalStep): void {
  const good = arrivals(course, position, 'good');
  if (good.length > 0) {
    course.facts.meet(good);
    if (course.machine.timing.sleepers(step.latch) > 0) signalAndWake(course, position, step, 'good');
    else signalQuietly(course, position, step);
  }
  const bad = arrivals(course, position, 'bad');
  if (bad.length === 0) return;
  course.facts.meet(bad);
  signalAndWake(course, position, step, 'bad');
}

type SignalStep = Extract<Step, { kind: 'signal' }>;

function signalAndWake(course: Course, position: number, step: SignalStep, copy: 'good' | 'bad'): void {
  const signal = entryName(course, position, copy);
  const named = (role: string) =>
    auxiliary(step.owner, copyOf(step.shard === 0 ? role : `${role} ${step.shard + 1}`, copy));
  const [wake, send] = [named('wake'), named('send')];
  const key = shardOf(latchKey(course, step.latch), step.shard);
  course.states[signal] = signalState(key, statuses(course, [step.latch]), wake);
  const way = leave(course, course.facts.exit(new Map(), copy === 'good'), position + 1);
  note(course, signal, 'signal');
  note(course, wake, 'wake');
  if (step.latch.consumers.length > 1) {
    course.machine.hints.set(wake, {
      items: Math.min(step.latch.consumers.length, WAITERS_PER_ITEM),
      expectedItems: course.machine.timing.sleepers(step.latch),
    });
    course.states[wake] = {
      ...wakeState(wake, `${INPUT}.\`${HAND}\``),
      ...leading(course, way, withoutHand()),
    };
    return;
  }
  const { Next, ...flow } = sidestep(course, way, withoutHand());
  const asleep: ChoiceRule = { Condition: expr(SOMEBODY_SLEEPS), Next: send };
  course.states[wake] = { Type: 'Choice', Choices: [asleep], ...flow, Default: Next };
  course.states[send] = sendState(leading(course, way, withoutHand()), caught(course, way, withoutHand()));
  note(course, send, 'wake');
}

/** Nobody should be asleep; if somebody is after all, the way after a bad end wakes them. */
function signalQuietly(course: Course, position: number, step: SignalStep): void {
  const signal = entryName(course, position, 'good');
  const key = shardOf(latchKey(course, step.latch), step.shard);
  const said = statuses(course, [step.latch]);
  arrive(course, position, 'bad', course.facts.exit(new Map(), false));
  const done = leading(course, leave(course, course.facts.exit(), position + 1));
  course.states[signal] = quietSignalState(key, said, { done, sleepers: entryName(course, position, 'bad') });
  note(course, signal, 'signal');
}

/** One state that sets every latch inside a Parallel that is passed over. */
export function releaseStates(course: Course, position: number, latches: readonly Latch[]): void {
  const exits = arrivals(course, position, 'release');
  if (exits.length === 0) return;
  course.facts.meet(exits);
  const way = leave(course, course.facts.exit(new Map(), false), position + 1);
  const keys = latches.flatMap((latch) =>
    Array.from({ length: shardsOf(latch) }, (_, shard) => shardOf(latchKey(course, latch), shard)),
  );
  const name = entryName(course, position, 'release');
  course.states[name] = { ...releaseState(keys, statuses(course, latches), name), ...leading(course, way) };
  note(course, name, 'release');
  const most = Math.max(...latches.map((latch) => latch.consumers.length));
  course.machine.hints.set(inner('wake', name), { items: Math.min(most, WAITERS_PER_ITEM) });
}

/** JSONata text of what the latches bring to those who wait. */
function statuses(course: Course, latches: readonly Latch[]): string {
  const keys = [...new Set(latches.flatMap((latch) => carriedBy(course, latch)))];
  const well = keys.every((key) => course.facts.get(key) === 's');
  return well ? NOTHING_BAD : statusesOf(keys);
}

/** Where a copy of a latch state leads; `undefined` where nobody comes by it. */
function wayBehind(course: Course, position: number, copy: EntryPoint): Way | undefined {
  const exits = arrivals(course, position, copy);
  if (exits.length === 0) return undefined;
  course.facts.meet(exits);
  return leave(
    course,
    course.facts.exit(
      new Map(),
      exits.some((exit) => exit.good),
    ),
    position + 1,
  );
}

function note(course: Course, name: string, role: string): void {
  course.machine.roles.set(name, role);
}

/** Tells an early join how one of its upstream tasks ended. */
export function tellStates(course: Course, position: number, step: Extract<Step, { kind: 'tell' }>): void {
  for (const copy of COPIES) {
    const way = wayBehind(course, position, copy);
    if (way === undefined) continue;
    const [from, to] = [idOf(course.machine.graph, step.task), idOf(course.machine.graph, step.consumer)];
    const named = (role: string) => auxiliary(from, copyOf(`${role} ${to}`, copy));
    const [told, decide, wake] = [named('told'), named('decide'), named('wake')];
    const telling = tellingOf(course, step);
    course.states[entryName(course, position, copy)] = tellState(telling, told);
    const { Next, ...flow } = sidestep(course, way);
    const decided: ChoiceRule = { Condition: expr(`$exists(${member(INPUT, HAND)})`), Next: decide };
    course.states[told] = { Type: 'Choice', Choices: [decided], ...flow, Default: Next };
    // Who waits for the rule, and who is left out and waits for the last upstream.
    course.machine.hints.set(wake, { items: 2 });
    course.states[decide] = verdictState(telling.key, telling.count, wake);
    course.states[wake] = {
      ...wakeState(wake, `${INPUT}.\`${HAND}\``),
      ...leading(course, way, withoutHand()),
    };
    note(course, entryName(course, position, copy), `tell ${to}`);
    note(course, told, `tell ${to}`);
    note(course, decide, `decide ${to}`);
    note(course, wake, `wake ${to}`);
  }
}

function tellingOf(course: Course, step: Extract<Step, { kind: 'tell' }>): Telling {
  const { graph } = course.machine;
  const upstream = graph.upstream[step.consumer] ?? [];
  const own = member(INPUT, idOf(course.machine.graph, step.task));
  const rule = graph.tasks[step.consumer]?.triggerRule ?? 'all_success';
  if (!isEarly(rule)) throw new Error(`unreachable: nobody is told of ${rule}`);
  const { runs, otherwise } = earlyRule(rule);
  const consumer = literal(idOf(course.machine.graph, step.consumer));
  return {
    key: joinKey(course, step.consumer),
    index: upstream.indexOf(step.task),
    count: upstream.length,
    code: `$exists(${own}) ? ${own} : "s"`,
    runs,
    verdict: `(${runs} ? {} : {${consumer}: ${otherwise}})`,
    lastMatters: mayBeLeftOut(graph, step.consumer),
  };
}

/** Over `$v`, the codes of the upstream tasks that are final so far. */
function earlyRule(rule: EarlyRule): { readonly runs: string; readonly otherwise: string } {
  switch (rule) {
    case 'one_success':
      return { runs: '("s" in $v)', otherwise: '(("f" in $v or "u" in $v) ? "u" : "k")' };
    case 'one_failed':
      return { runs: '("f" in $v or "u" in $v)', otherwise: '"k"' };
    case 'one_done':
      return { runs: '("s" in $v or "f" in $v)', otherwise: '"k"' };
    case 'always':
      return { runs: '(false)', otherwise: '"k"' };
    default:
      return unreachable(rule);
  }
}

function joinKey(course: Course, consumer: number): ItemKey {
  const { machine } = course;
  return { dagId: machine.dag.id, kind: 'J', name: idOf(machine.graph, consumer), at: countersAt(machine) };
}

/** Before a task with an early rule: left out by what guards it, or waiting for its own item. */
export function earlyStates(course: Course, position: number, task: number): void {
  const exits = arrivals(course, position, 'gate');
  if (exits.length === 0) return;
  course.facts.meet(exits);
  const rule = course.machine.graph.tasks[task]?.triggerRule ?? 'all_success';
  const waits = rule !== 'always';
  const id = idOf(course.machine.graph, task);
  course.machine.counts.earlyJoins++;
  if (mayBeLeftOut(course.machine.graph, task)) {
    guardStates(
      course,
      position,
      task,
      waits ? auxiliary(id, 'wait for its rule') : entryName(course, position + 1, 'run'),
    );
  }
  if (waits) verdictStates(course, position, task);
  else arrive(course, position + 1, 'run', course.facts.exit());
}

function guardStates(course: Course, position: number, task: number, passed: string): void {
  const { graph, counts } = course.machine;
  const id = idOf(course.machine.graph, task);
  const all = auxiliary(id, 'wait for all');
  const own = unitVariable(graph, task);
  const nulls = course.needed.some(({ name }) => name === own) ? [own] : [];
  const rules = guardRules(graph, task, course.facts).map(({ outcome, condition }) => ({
    Condition: condition,
    ...sidestep(course, { next: all, adds: { [id]: outcome }, nulls }),
  }));
  counts.gates++;
  note(course, auxiliary(id, 'gate'), 'gate');
  course.states[auxiliary(id, 'gate')] =
    rules.length === 0
      ? { Type: 'Pass', Output: expr(INPUT), Next: passed }
      : { Type: 'Choice', Choices: rules, Default: passed };
  if (rules.length === 0) return;
  const way = leave(course, course.facts.exit(new Map([[id, '?']]), false), position + 2);
  const { Next, ...flow } = sidestep(course, way);
  const count = graph.upstream[task]?.length ?? 0;
  const behind = auxiliary(id, 'left out');
  course.states[all] = waitForAllState(joinKey(course, task), `a_${id}`, count, behind);
  course.states[behind] = { Type: 'Pass', Output: expr(INPUT), ...flow, Next };
  note(course, all, 'wait for all upstream');
  note(course, behind, 'left out');
}

function verdictStates(course: Course, position: number, task: number): void {
  const { counts } = course.machine;
  const id = idOf(course.machine.graph, task);
  const key = joinKey(course, task);
  const decided = auxiliary(id, 'decided');
  const [wait, read] = [auxiliary(id, 'wait for its rule'), auxiliary(id, 'read verdict')];
  const out = (code: 'k' | 'u') =>
    sidestep(course, leave(course, course.facts.exit(new Map([[id, code]]), false), position + 2));
  const own = member(INPUT, id);
  const rules: ChoiceRule[] = [{ Condition: expr(`$exists(${own})`), ...out('k') }];
  if (course.machine.graph.tasks[task]?.triggerRule === 'one_success') {
    rules.unshift({ Condition: expr(`${own} = "u"`), ...out('u') });
  }
  arrive(course, position + 1, 'run', course.facts.exit());
  course.states[wait] = waitState(key, `t_${id}`, { woken: decided, passed: read });
  course.states[read] = readState([key], decided);
  course.states[decided] = {
    Type: 'Choice',
    Choices: rules,
    Default: entryName(course, position + 1, 'run'),
  };
  counts.gates++;
  counts.sleeps++;
  note(course, wait, 'wait for its rule');
  note(course, read, 'read the verdict');
  note(course, decided, 'gate');
}
