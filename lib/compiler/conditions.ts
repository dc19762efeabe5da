/**
 * The questions a gate asks of the state data, as JSONata.
 *
 * State data holds a code for every task that did not succeed (`{ "load": "f" }`), and the marks of
 * branchers and short circuits; what is absent succeeded.
 */
import { expr, literal, member } from '../asl/jsonata.ts';
import { labelsOf } from '../model/task.ts';
import type { TriggerRule } from '../model/trigger-rule.ts';
import { markKey } from '../model/variables.ts';
import { type Outcome, outcomesOf } from './decide.ts';
import { type Facts, isStatus } from './facts.ts';
import { type Graph, idOf } from './graph.ts';

export const INPUT = '$states.input';

export interface GateRule<Of = Outcome> {
  readonly outcome: Of;
  /** `{% … %}` */
  readonly condition: string;
}

export interface Gate {
  readonly rules: readonly GateRule[];
  /** What holds when no rule does. */
  readonly otherwise: Outcome;
}

/** A condition; known ones are constants. */
type Bool = boolean | string;

/** The rules by which a gate decides `task` here, first match wins. */
export function gateOf(graph: Graph, task: number, facts: Facts): Gate {
  const possible = outcomesOf(graph, task, (key) => facts.get(key));
  const candidates: { readonly outcome: Outcome; readonly when: Bool }[] = [
    { outcome: 'k', when: leftOut(graph, task, facts) },
    ...setupRules(graph, task, facts),
    ...ruleRules(graph, task, facts),
  ];
  const live = candidates.filter(({ outcome, when }) => when !== false && possible.has(outcome));
  const certain = live.findIndex(({ when }) => when === true);
  const upTo = certain === -1 ? live : live.slice(0, certain + 1);
  const last = upTo.at(-1)?.outcome ?? 'run';
  const rules = upTo
    .slice(0, -1)
    .flatMap(({ outcome, when }) => (typeof when === 'string' ? [{ outcome, condition: expr(when) }] : []));
  return { rules, otherwise: last };
}

/** The rules by which something besides its trigger rule keeps `task` from running, first match wins. */
export function guardRules(graph: Graph, task: number, facts: Facts): readonly GateRule<'k' | 'u'>[] {
  const rules = [
    { outcome: 'k' as const, when: leftOut(graph, task, facts) },
    ...setupRules(graph, task, facts),
  ];
  return rules.flatMap(({ outcome, when }) => {
    if (when === false) return [];
    return [{ outcome, condition: expr(typeof when === 'string' ? when : 'true') }];
  });
}

/** True where a brancher chose around the task or a short circuit above it found false. */
function leftOut(graph: Graph, task: number, facts: Facts): Bool {
  const { cuts = [], branches = [] } = graph.guards[task] ?? {};
  const byCut = cuts.map((cutter) => markAsks(graph, cutter, facts, (mark) => `$exists(${mark})`));
  const byBranch = branches.map(({ task: brancher, keep }) => {
    const labels = labelsOf(graph.tasks[brancher]?.call ?? { kind: 'fn', inputs: null }) ?? [];
    if (labels.length > 0 && labels.every((label) => keep.includes(label))) {
      return markAsks(graph, brancher, facts, (mark) => `${mark} = ${literal('|')}`);
    }
    return markAsks(graph, brancher, facts, (mark) => {
      const none = keep.map((label) => `$not($contains(${mark}, ${literal(`|${label}|`)}))`);
      return [`$exists(${mark})`, ...none].join(' and ');
    });
  });
  return or(...byCut, ...byBranch);
}

function markAsks(graph: Graph, guard: number, facts: Facts, ask: (mark: string) => string): Bool {
  const id = idOf(graph, guard);
  const own = facts.get(id);
  if (isStatus(own)) return false;
  const mark = facts.get(markKey(id));
  if (mark === 'o') return false;
  return mark === 'x' ? true : `(${ask(member(INPUT, markKey(id)))})`;
}

function setupRules(graph: Graph, task: number, facts: Facts): readonly { outcome: 'k' | 'u'; when: Bool }[] {
  const ids = (graph.guards[task]?.setups ?? []).map((setup) => idOf(graph, setup));
  if (ids.length === 0) return [];
  const group = groupOf(ids, facts);
  return [
    { outcome: 'u', when: asking(group, anyBad(group)) },
    { outcome: 'k', when: asking(group, anySkipped(group)) },
  ];
}

function ruleRules(graph: Graph, task: number, facts: Facts): readonly { outcome: Outcome; when: Bool }[] {
  const node = graph.tasks[task];
  const ids = (graph.upstream[task] ?? []).map((parent) => idOf(graph, parent));
  if (node === undefined || ids.length === 0) return [{ outcome: 'run', when: true }];
  const group = groupOf(node.teardownOf ?? ids, facts);
  const { runs, fails } = RULES[node.triggerRule];
  return [
    { outcome: 'run', when: simplest(node.triggerRule, group, facts) ?? asking(group, runs(group)) },
    { outcome: 'u', when: asking(group, fails(group)) },
    { outcome: 'k', when: true },
  ];
}

/** Some tasks, by how they ended as far as it is known. */
interface Group {
  readonly unknown: readonly string[];
  readonly known: { readonly s: number; readonly f: number; readonly k: number; readonly u: number };
  /** Every key that the state data may hold is one of `unknown`. */
  readonly exhaustive: boolean;
}

function groupOf(ids: readonly string[], facts: Facts): Group {
  const known = { s: 0, f: 0, k: 0, u: 0 };
  const unknown: string[] = [];
  for (const id of ids) {
    const fact = facts.get(id);
    if (fact === 's' || isStatus(fact)) known[fact]++;
    else unknown.push(id);
  }
  return { unknown, known, exhaustive: !facts.leaky && facts.open() === unknown.length };
}

/** The rule of nearly every task, in the shortest form. */
function simplest(rule: TriggerRule, group: Group, facts: Facts): Bool | undefined {
  const { unknown, known, exhaustive } = group;
  if (rule !== 'all_success' || known.f + known.k + known.u > 0) return undefined;
  const [only] = unknown;
  if (only === undefined) return true;
  if (unknown.length === 1) return `$not($exists(${member(INPUT, only)}))`;
  return exhaustive && facts.open() > 0 ? `$count($keys(${INPUT})) = 0` : `$not($exists(${codes(group)}))`;
}

/** Wraps a condition over `$v`, the codes found in the state data. */
function asking(group: Group, condition: Bool): Bool {
  if (typeof condition === 'boolean') return condition;
  return `($v := ${codes(group)}; ${condition})`;
}

function codes({ unknown, exhaustive }: Group): string {
  if (exhaustive) return `${INPUT}.*`;
  const [only, ...more] = unknown;
  if (only !== undefined && more.length === 0) return member(INPUT, only);
  return `${literal(unknown)}.$lookup(${INPUT}, $)`;
}

interface RuleConditions {
  readonly runs: (group: Group) => Bool;
  /** Becomes upstream_failed, given that it does not run; skipped otherwise. */
  readonly fails: (group: Group) => Bool;
}

const never = () => false;

const RULES: Readonly<Record<TriggerRule, RuleConditions>> = {
  all_success: { runs: (g) => and(not(anyBad(g)), not(anySkipped(g))), fails: anyBad },
  all_failed: { runs: (g) => and(not(anySuccess(g)), not(anySkipped(g))), fails: never },
  all_done: { runs: () => true, fails: never },
  all_done_min_one_success: {
    runs: (g) => and(not(anySkipped(g)), anySuccess(g)),
    fails: (g) => not(anySkipped(g)),
  },
  all_skipped: { runs: (g) => and(not(anySuccess(g)), not(anyBad(g))), fails: never },
  one_failed: { runs: anyBad, fails: never },
  one_success: { runs: anySuccess, fails: anyBad },
  one_done: { runs: (g) => or(anySuccess(g), anyFailed(g)), fails: never },
  none_failed: { runs: (g) => not(anyBad(g)), fails: () => true },
  none_failed_min_one_success: { runs: (g) => and(not(anyBad(g)), anySuccess(g)), fails: anyBad },
  none_skipped: { runs: (g) => not(anySkipped(g)), fails: never },
  always: { runs: () => true, fails: never },
  all_done_setup_success: { runs: anySuccess, fails: (g) => or(anySuccess(g), anyBad(g)) },
};

function anyBad({ unknown, known }: Group): Bool {
  if (known.f + known.u > 0) return true;
  return unknown.length > 0 && '("f" in $v or "u" in $v)';
}

function anyFailed({ unknown, known }: Group): Bool {
  return known.f > 0 || (unknown.length > 0 && '"f" in $v');
}

function anySkipped({ unknown, known }: Group): Bool {
  return known.k > 0 || (unknown.length > 0 && '"k" in $v');
}

function anySuccess({ unknown, known }: Group): Bool {
  return known.s > 0 || (unknown.length > 0 && `$count($v) < ${unknown.length}`);
}

function not(a: Bool): Bool {
  return typeof a === 'boolean' ? !a : `$not(${a})`;
}

function and(...parts: readonly Bool[]): Bool {
  if (parts.includes(false)) return false;
  const asked = parts.filter((part) => part !== true);
  return asked.length === 0 || asked.join(' and ');
}

function or(...parts: readonly Bool[]): Bool {
  if (parts.includes(true)) return true;
  const asked = parts.filter((part) => part !== false);
  return asked.length > 0 && (asked.length === 1 ? (asked[0] ?? false) : `(${asked.join(' or ')})`);
}

/** Whether any of `ids` ended failed or upstream_failed: the question of the last gate. */
export function anyBadOf(ids: readonly string[], facts: Facts): Bool {
  const group = groupOf(ids, facts);
  return asking(group, anyBad(group));
}
