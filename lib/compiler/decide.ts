/** What a task will do at a point of the machine, as far as the facts there tell. */
import { evaluate } from '../model/evaluate.ts';
import type { FinalCode } from '../model/trigger-rule.ts';
import { markKey } from '../model/variables.ts';
import { endedBadly, type Fact, isStatus, type Lookup } from './facts.ts';
import { type Graph, idOf } from './graph.ts';

export type Outcome = 'run' | 'k' | 'u';

/** Every outcome that the facts leave possible; one element: it is decided. */
export function outcomesOf(graph: Graph, task: number, fact: Lookup): ReadonlySet<Outcome> {
  if (graph.plain) return plainOutcomes(graph, task, fact);
  const outcomes = new Set<Outcome>();
  const cut = guardState(graph, task, fact);
  if (cut !== 'no') outcomes.add('k');
  if (cut === 'yes') return outcomes;
  const setups = setupOutcomes(graph, task, fact);
  for (const outcome of setups.outcomes) outcomes.add(outcome);
  if (!setups.mayPass) return outcomes;
  for (const outcome of ruleOutcomes(graph, task, fact)) outcomes.add(outcome);
  return outcomes;
}

/** In a plain DAG `u` stands for not running at all; whether it was a skip follows from what failed. */
function plainOutcomes(graph: Graph, task: number, fact: Lookup): ReadonlySet<Outcome> {
  const facts = (graph.upstream[task] ?? []).map((parent) => fact(idOf(graph, parent)));
  if (facts.some(endedBadly)) return NOT_RUN;
  return facts.every((known) => known === 's') ? RUN : EITHER;
}

const NOT_RUN: ReadonlySet<Outcome> = new Set(['u']);
const RUN: ReadonlySet<Outcome> = new Set(['run']);
const EITHER: ReadonlySet<Outcome> = new Set(['run', 'u']);

/** Whether a brancher or short circuit above leaves the task out. */
function guardState(graph: Graph, task: number, fact: Lookup): 'yes' | 'no' | 'maybe' {
  const { cuts = [], branches = [] } = graph.guards[task] ?? {};
  let state: 'no' | 'maybe' = 'no';
  for (const cutter of [...cuts, ...branches.map((branch) => branch.task)]) {
    const id = idOf(graph, cutter);
    const own = fact(id);
    if (endedBadly(own)) continue;
    const mark = fact(markKey(id));
    if (mark === 'x') return 'yes';
    if (mark !== 'o') state = 'maybe';
  }
  return state;
}

function setupOutcomes(
  graph: Graph,
  task: number,
  fact: Lookup,
): { readonly outcomes: readonly Outcome[]; readonly mayPass: boolean } {
  const facts = (graph.guards[task]?.setups ?? []).map((setup) => fact(idOf(graph, setup)) ?? '?');
  if (facts.some(isBad)) return { outcomes: ['u'], mayPass: false };
  const unknown = facts.includes('?') || facts.includes('b');
  if (facts.includes('k') || facts.includes('b'))
    return { outcomes: unknown ? ['k', 'u'] : ['k'], mayPass: false };
  return { outcomes: unknown ? ['k', 'u'] : [], mayPass: true };
}

function isBad(fact: Fact): boolean {
  return fact === 'f' || fact === 'u';
}

const CODES: readonly FinalCode[] = ['s', 'f', 'k', 'u'];
/** Every way in which the unknown tasks may have ended, by which codes occur among them: rules ask no more. */
const SUPPORTS = Array.from({ length: 15 }, (_, mask) =>
  CODES.filter((_code, bit) => ((mask + 1) >> bit) & 1),
);

interface Tally {
  counts: Record<FinalCode, number>;
  unknown: number;
}

function ruleOutcomes(graph: Graph, task: number, fact: Lookup): readonly Outcome[] {
  const node = graph.tasks[task];
  const parents = graph.upstream[task] ?? [];
  if (node === undefined || parents.length === 0) return ['run'];
  if (node.triggerRule === 'all_success') return allSuccessOutcomes(graph, parents, fact);
  const isSetup = new Set(node.teardownOf ?? []);
  const setups = tally(graph, parents, fact, (id) => isSetup.has(id));
  const others = tally(graph, parents, fact, (id) => !isSetup.has(id));
  const outcomes = spread(setups).flatMap((one) =>
    spread(others).map((two) =>
      outcomeOf(node.triggerRule, parents.length, add(one, two), setupCounts(one, isSetup.size)),
    ),
  );
  return [...new Set(outcomes)];
}

/** The rule of nearly every task, without enumerating. */
function allSuccessOutcomes(graph: Graph, parents: readonly number[], fact: Lookup): readonly Outcome[] {
  let unknown = false;
  let skipped = false;
  for (const parent of parents) {
    const known = fact(idOf(graph, parent)) ?? '?';
    if (isBad(known)) return ['u'];
    skipped ||= known === 'k' || known === 'b';
    unknown ||= known === '?' || known === 'b';
  }
  if (skipped) return unknown ? ['k', 'u'] : ['k'];
  return unknown ? ['run', 'k', 'u'] : ['run'];
}

function tally(graph: Graph, parents: readonly number[], fact: Lookup, of: (id: string) => boolean): Tally {
  const result: Tally = { counts: { s: 0, f: 0, k: 0, u: 0 }, unknown: 0 };
  for (const parent of parents) {
    const id = idOf(graph, parent);
    if (!of(id)) continue;
    const known = fact(id) ?? '?';
    if (known === 's' || isStatus(known)) result.counts[known]++;
    else result.unknown++;
  }
  return result;
}

/** The counts under every way the unknown ones may have ended. */
function spread({ counts, unknown }: Tally): readonly Record<FinalCode, number>[] {
  if (unknown === 0) return [counts];
  return SUPPORTS.filter((codes) => codes.length <= unknown).map((codes) => {
    const result = { ...counts };
    for (const code of codes) result[code]++;
    const [first = 's'] = codes;
    result[first] += unknown - codes.length;
    return result;
  });
}

function add(a: Record<FinalCode, number>, b: Record<FinalCode, number>): Record<FinalCode, number> {
  return { s: a.s + b.s, f: a.f + b.f, k: a.k + b.k, u: a.u + b.u };
}

function setupCounts(counts: Record<FinalCode, number>, total: number) {
  return { total, success: counts.s, skipped: counts.k };
}

function outcomeOf(
  rule: Parameters<typeof evaluate>[0],
  upstream: number,
  counts: Record<FinalCode, number>,
  setups: { readonly total: number; readonly success: number; readonly skipped: number },
): Outcome {
  const decision = evaluate(rule, {
    upstream,
    success: counts.s,
    failed: counts.f,
    skipped: counts.k,
    upstreamFailed: counts.u,
    setups,
  });
  if (decision === 'wait') throw new Error(`unreachable: rule ${rule} waits with complete counts`);
  if (decision === 'run') return 'run';
  return decision === 'skipped' ? 'k' : 'u';
}
