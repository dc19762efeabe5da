/** Drafts → a case: ids, edges, and what each task is where it stands. */
import type { CaseItem, CaseModule, CaseTask, CaseTry } from '../case.ts';
import { type ModuleDraft, type Placed, placedIn } from './draft-modules.ts';
import { type Draft, looksOf } from './draft-task.ts';

/** Tasks and groups by number, and how they lie in each other. */
export interface Plan {
  readonly drafts: readonly Draft[];
  readonly ids: readonly string[];
  /** Modules alone, outer before inner. */
  readonly modules: readonly Placed[];
  readonly groups: readonly Placed[];
  /** Modules around a task. */
  readonly around: (index: number) => readonly Placed[];
}

export function planOf(drafts: readonly Draft[], moduleDrafts: readonly ModuleDraft[]): Plan {
  const placed = placedIn(moduleDrafts, drafts);
  const modules = placed.filter((group) => group.draft.kind !== 'group');
  const holding = (groups: readonly Placed[], index: number) =>
    groups.filter(({ from, to }) => from <= index && index < to);
  const ids: string[] = [];
  for (const [index, { id }] of drafts.entries()) {
    const group = holding(placed, index).at(-1);
    const prefix = group === undefined ? '' : `${group.id}.`;
    const wanted = `${prefix}${id}`;
    const isFree = id !== undefined && wanted.length <= 80 && !ids.includes(wanted);
    ids.push(isFree ? wanted : `${prefix}t${index}`);
  }
  return { drafts, ids, modules, groups: placed, around: (index) => holding(modules, index) };
}

/** Every task, but for what it reads. */
export function tasksOf(
  plan: Plan,
  pools: readonly { readonly name: string; readonly slots: number }[],
): readonly CaseTask[] {
  const { drafts, ids } = plan;
  const setups = drafts.map((_, index) => setupsOf(plan, index));
  const upstream = drafts.map(({ back, wholes }, index) => {
    const above = back.flatMap((steps) =>
      namesAbove(plan, { path: plan.around(index), at: index - steps, wholes }),
    );
    return [...new Set([...above, ...(setups[index] ?? [])])];
  });
  const modules = modulesUpstream(plan);
  return drafts.map((one, index): CaseTask => {
    const id = ids[index] ?? '';
    const path = plan.around(index);
    const tasksBelow = ids.filter(
      (_, other) => upstream[other]?.includes(id) && startsWith(plan.around(other), path),
    );
    const modulesBelow = modules.filter(
      ({ placed, upstream: above }) => above.includes(id) && startsWith(outsideOf(plan, placed), path),
    );
    const below = [...tasksBelow, ...modulesBelow.map(({ placed }) => placed.id)];
    const specifics = specificsOf(one, { below, setups: setups[index] ?? [] });
    const isRetried = path.some(({ draft }) => draft.kind === 'retry');
    const { retries, ...unretried } = specifics;
    return withEngine(one, {
      id,
      upstream: upstream[index] ?? [],
      ...(isRetried || retries === undefined ? unretried : { ...unretried, retries }),
      ...(path.length > 0 ? runsOf(one, specifics) : {}),
      ...poolOf(one, specifics, pools),
    });
  });
}

/** A task that is nothing but work may be an engine's. */
function withEngine({ engine }: Draft, task: CaseTask): CaseTask {
  const { kind, tries, outcome, items, runs } = task;
  const isWork = kind === undefined || kind === 'setup' || kind === 'teardown' || kind === 'map';
  if (!engine || !isWork) return task;
  return {
    ...task,
    engine: true,
    ...(outcome === 'skipped' ? { outcome: 'success' } : {}),
    ...(tries === undefined ? {} : { tries: tries.map(engineTry) }),
    ...(items === undefined ? {} : { items: items.map(engineItem) }),
    ...(runs === undefined ? {} : { runs: runs.map(engineItem) }),
  };
}

/** An engine knows neither `SkipTask` nor `FailTask`. */
export function engineItem({ tries, outcome, ...item }: CaseItem): CaseItem {
  return {
    ...item,
    ...(outcome === undefined ? {} : { outcome: outcome === 'skipped' ? 'success' : outcome }),
    ...(tries === undefined ? {} : { tries: tries.map(engineTry) }),
  };
}

function engineTry({ outcome, error, ...one }: CaseTry): CaseTry {
  return {
    ...one,
    outcome: outcome === 'skipped' ? 'success' : outcome,
    ...(error === undefined ? {} : { error: error === 'FailTask' ? 'Boom' : error }),
  };
}

/** Groups, but for their lists and what ends loops. */
export function groupsIn(plan: Plan): readonly CaseModule[] {
  const upstream = new Map(modulesUpstream(plan).map((each) => [each.placed.id, each.upstream]));
  return plan.groups.map((placed): CaseModule => {
    const { id, draft } = placed;
    if (draft.kind === 'group') return { id, kind: 'group' };
    const rule = draft.triggerRule === 'all_success' ? {} : { triggerRule: draft.triggerRule };
    const head = { id, kind: draft.kind, upstream: upstream.get(id) ?? [], ...rule };
    if (draft.kind === 'map') return { ...head, count: draft.map.count, ...boundsOf(draft.map) };
    if (draft.kind === 'loop') return head;
    const { on: _any, ...retries } = draft.retries;
    // What is retried does not retry itself.
    const isRetried = outsideOf(plan, placed).some((outer) => outer.draft.kind === 'retry');
    return { ...head, retries: isRetried ? { ...retries, attempts: 0 } : retries };
  });
}

export function boundsOf({
  concurrency,
  tolerate,
}: Draft['map']): Pick<CaseTask, 'concurrency' | 'tolerate'> {
  return {
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(tolerate === undefined ? {} : { tolerate }),
  };
}

function modulesUpstream(
  plan: Plan,
): readonly { readonly placed: Placed; readonly upstream: readonly string[] }[] {
  return plan.modules.map((placed) => {
    const path = outsideOf(plan, placed);
    const { back } = placed.draft;
    const above = back.flatMap((steps) =>
      namesAbove(plan, { path, at: placed.from - steps, wholes: steps % 2 === 0 }),
    );
    return { placed, upstream: [...new Set(above)] };
  });
}

/** Modules around a module. */
export function outsideOf({ modules }: Plan, placed: Placed): readonly Placed[] {
  return modules
    .slice(0, modules.indexOf(placed))
    .filter(({ from, to }) => from <= placed.from && placed.to <= to);
}

/** How something with these modules around it calls task number `at`: by its id, or that of a module around it. */
function namesAbove(
  plan: Plan,
  { path, at, wholes }: { readonly path: readonly Placed[]; readonly at: number; readonly wholes: boolean },
): readonly string[] {
  const id = plan.ids[at];
  if (id === undefined) return [];
  const module = plan.around(at).find((each) => !path.includes(each));
  return [wholes && module !== undefined ? module.id : id];
}

function startsWith(path: readonly Placed[], start: readonly Placed[]): boolean {
  return start.every((module, index) => path[index] === module);
}

/** A teardown's setups: one or two of the setups before it in its scope. Without any it is a plain task. */
function setupsOf({ drafts, ids, around }: Plan, index: number): readonly string[] {
  const { kind, choices } = drafts[index] ?? {};
  if (kind !== 'teardown') return [];
  const inner = around(index).at(-1);
  const before = ids
    .slice(0, index)
    .filter((_, other) => drafts[other]?.kind === 'setup' && around(other).at(-1) === inner);
  return before.slice(choices?.[0] ? -2 : -1);
}

interface Place {
  readonly below: readonly string[];
  readonly setups: readonly string[];
}

function specificsOf(one: Draft, { below, setups }: Place): Partial<CaseTask> {
  const rule = one.triggerRule === 'all_success' ? {} : { triggerRule: one.triggerRule };
  const behaviour = behaviourOf(one);
  switch (one.kind) {
    case 'branch':
      if (below.length === 0) return { ...rule, ...behaviour };
      return { kind: 'branch', chooses: chosen(one, below), ...rule, ...decidedHow(one, behaviour) };
    case 'shortCircuit':
      return {
        kind: 'shortCircuit',
        condition: one.choices[0] ?? true,
        respectTriggerRules: one.respectTriggerRules,
        ...rule,
        ...decidedHow(one, behaviour),
      };
    case 'setup':
      return { kind: 'setup', ...rule, ...behaviour };
    case 'teardown':
      if (setups.length === 0) return { ...rule, ...behaviour };
      return { kind: 'teardown', setups, failRun: one.failRun, ...behaviour };
    default:
      return { ...rule, ...otherwise(one, behaviour) };
  }
}

/** Tasks that nobody else asks anything but how they ended. */
function otherwise(one: Draft, behaviour: Partial<CaseTask>): Partial<CaseTask> {
  const { timeoutSec, ...untimed } = behaviour;
  if (one.kind === 'at') return { kind: 'at', atSec: one.atSec };
  if (one.kind === 'sensor') {
    const { outcome: _outcome, durationSec: _sec, ...rest } = untimed;
    return { kind: 'sensor', ...rest, tries: looksOf(one), poke: one.poke };
  }
  if (one.kind === 'approve') {
    const answer = answerOf(one.tries);
    return { kind: 'approve', ...answer, ...(timeoutSec === undefined ? {} : { timeoutSec }) };
  }
  if (one.kind !== 'map') return behaviour;
  const { outcome: _outcome, durationSec: _sec, tries: _tries, ...shared } = behaviour;
  const items = Array.from({ length: one.map.count }, (_, index) => {
    return one.runs[index % one.runs.length] ?? { tries: one.tries };
  });
  return { kind: 'map', ...shared, items, ...boundsOf(one.map) };
}

/** A person answers once; an answer that rejects fails. */
function answerOf([first]: readonly CaseTry[]): CaseItem {
  const { outcome = 'success', durationSec = 1 } = first ?? {};
  return { outcome: outcome === 'success' ? 'success' : 'failed', durationSec };
}

/** In a module: how it goes in the instances, in turn, and where it runs again. */
function runsOf(one: Draft, { kind, expression, chooses }: Partial<CaseTask>): Partial<CaseTask> {
  if (kind === 'map' || kind === 'at' || expression || one.runs.length === 0) return {};
  if (kind === 'approve') return { runs: one.runs.map(({ tries = [] }) => answerOf(tries)) };
  if (kind !== 'branch' && kind !== 'shortCircuit') return { runs: one.runs };
  const runs = one.runs.map((run, index): CaseItem => {
    const isOdd = index % 2 === 1;
    if (kind === 'shortCircuit') return { ...run, condition: isOdd === one.choices[0] };
    return isOdd ? { ...run, chooses: chooses?.slice(1) ?? [] } : run;
  });
  return { runs };
}

/** An expression takes no time and never fails. */
function decidedHow({ expression }: Draft, behaviour: Partial<CaseTask>): Partial<CaseTask> {
  return expression ? { expression: true, durationSec: 0 } : behaviour;
}

function chosen({ choices }: Draft, below: readonly string[]): readonly string[] {
  return below.filter((_, index) => choices[index % choices.length]);
}

function behaviourOf({ tries, runs, again, retries, timeoutSec }: Draft): Partial<CaseTask> {
  const [first, ...further] = tries;
  const simple = first !== undefined && further.length === 0 && first.error === undefined;
  const all = [...tries, ...[...runs, again].flatMap((each) => each?.tries ?? [])];
  return {
    ...(simple ? { outcome: first.outcome, durationSec: first.durationSec } : { tries }),
    ...(retries.length === 0 ? {} : { retries }),
    ...(timeoutSec === undefined ? {} : { timeoutSec: apart(timeoutSec, all) }),
  };
}

/** No try is exactly as long as its timeout: which of the two comes first is nobody's rule. */
function apart(timeoutSec: number, tries: readonly CaseTry[]): number {
  return tries.some((one) => one.durationSec === timeoutSec) ? apart(timeoutSec + 1, tries) : timeoutSec;
}

function poolOf(
  { pool }: Draft,
  { kind, expression }: Partial<CaseTask>,
  pools: readonly { readonly name: string; readonly slots: number }[],
): Partial<CaseTask> {
  const found = pools[pool?.which ?? -1];
  const isWork = kind !== 'sensor' && kind !== 'at' && kind !== 'approve' && expression !== true;
  if (pool === undefined || found === undefined || !isWork) return {};
  return { pool: { name: found.name, slots: Math.min(pool.slots, found.slots) } };
}
