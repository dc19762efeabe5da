/** What tasks read, where maps get their lists, what ends loops, and which tasks run again: of a case that has the rest. */
import { isEarly, TRIGGER_RULES } from '../../../lib/model/trigger-rule.ts';
import type { Case, CaseList, CaseModule, CaseTask } from '../case.ts';
import { engineItem, outsideOf, type Plan } from './assemble.ts';
import type { Placed } from './draft-modules.ts';
import type { Draft, MapDraft } from './draft-task.ts';

/** Giving an output to anybody, in modules or not. */
export function gives({ kind, expression }: CaseTask): boolean {
  return expression !== true && kind !== 'at';
}

/** What is read across a module's border is an edge, and what a brancher chooses is none. */
export function givesAcross(task: CaseTask): boolean {
  return gives(task) && task.kind !== 'branch';
}

/**
 * Reads any tasks above it that give an output, in a module any that stand before it outside. What an expression
 * reads is always there: it decides, so it may not depend on who was first.
 */
export function withReads(input: Case, plan: Plan): Case {
  const tasks = input.tasks.map((task, index): CaseTask => {
    const draft = plan.drafts[index];
    if (draft === undefined || task.kind === 'at') return task;
    const ids = readableBy(task, index, { input, plan });
    const reads = draft.reads.map((n) => ids[n % ids.length]).filter((id) => id !== undefined);
    const isInside = plan.around(index).length > 0 || task.kind === 'map';
    return {
      ...task,
      ...(reads.length === 0 ? {} : { reads: [...new Set(reads)] }),
      ...(isInside && draft.around && task.kind !== 'approve' ? { around: true } : {}),
    };
  });
  return { ...input, tasks };
}

function readableBy(task: CaseTask, index: number, world: World): readonly string[] {
  if (task.kind === 'approve') return [];
  if (task.expression) return besides(task, index, world).map(({ id }) => id);
  return [...before(task, index, world).map(({ id }) => id), ...loopsBefore(task, index, world)];
}

interface World {
  readonly input: Case;
  readonly plan: Plan;
}

/** Direct upstream tasks of the same scope, where all must have ended well. */
function besides(
  { upstream = [], triggerRule }: CaseTask,
  index: number,
  { input, plan }: World,
): readonly CaseTask[] {
  const inner = plan.around(index).at(-1);
  return triggerRule !== undefined
    ? []
    : input.tasks.filter(
        (task, other) => upstream.includes(task.id) && gives(task) && plan.around(other).at(-1) === inner,
      );
}

function before(task: CaseTask, index: number, { input, plan }: World): readonly CaseTask[] {
  const above = new Set(ancestorsOf(task.id, input));
  const path = plan.around(index);
  return input.tasks.slice(0, index).filter((other, at) => {
    const isOutside = task.kind === 'map' || !startsWith(plan.around(at), path);
    return isOutside ? givesAcross(other) : above.has(other.id) && gives(other);
  });
}

/** Loops before it, in other scopes or above it. */
function loopsBefore(task: CaseTask, index: number, { input, plan }: World): readonly string[] {
  const above = new Set(ancestorsOf(task.id, input));
  const path = plan.around(index);
  const loops = plan.modules.filter((placed) => placed.draft.kind === 'loop' && placed.to <= index);
  const readable = loops.filter((placed) => {
    const isOutside = task.kind === 'map' || !startsWith(outsideOf(plan, placed), path);
    return isOutside || input.tasks.slice(placed.from, placed.to).some(({ id }) => above.has(id));
  });
  return readable.map(({ id }) => id);
}

function startsWith(path: readonly Placed[], start: readonly Placed[]): boolean {
  return start.every((module, index) => path[index] === module);
}

/** Every task above another, at any depth; upstream tasks stand first in the list. */
export function ancestorsOf(id: string, { tasks, modules = [] }: Case): readonly string[] {
  const above = new Set([id]);
  const real = modules.filter(({ kind }) => kind !== 'group');
  for (const task of tasks.toReversed()) {
    const holders = real.filter((module) => task.id.startsWith(`${module.id}.`));
    if (
      !above.has(task.id) &&
      !holders.some((module) => above.has(module.id) && !id.startsWith(`${module.id}.`))
    )
      continue;
    above.add(task.id);
    const upstream = [...(task.upstream ?? []), ...holders.flatMap((module) => module.upstream ?? [])];
    for (const parent of upstream) above.add(parent);
  }
  above.delete(id);
  return [...above];
}

/** With lists for its maps, and ends for its loops. */
export function withLists(input: Case, plan: Plan): Case {
  const tasks = input.tasks.map((task, index): CaseTask => {
    const draft = plan.drafts[index];
    if (draft === undefined || task.kind !== 'map') return task;
    const list = listOf(task, { map: draft.map, before: index, around: plan.around(index), plan, input });
    return { ...task, list };
  });
  const modules = (input.modules ?? []).map((module): CaseModule => {
    const placed = plan.modules.find(({ id }) => id === module.id);
    if (placed === undefined) return module;
    const around = outsideOf(plan, placed);
    if (module.kind === 'loop') return { ...module, loop: loopOf(placed, { input, plan }) };
    if (module.kind !== 'map') return module;
    return {
      ...module,
      list: listOf(module, { map: placed.draft.map, before: placed.from, around, plan, input }),
    };
  });
  return { ...input, tasks, modules };
}

interface ListPlace extends World {
  readonly map: MapDraft;
  /** Tasks with a smaller number stand before it. */
  readonly before: number;
  /** Modules around it. */
  readonly around: readonly Placed[];
}

function listOf({ triggerRule }: { readonly triggerRule?: string }, place: ListPlace): CaseList {
  const { map, around, input, plan } = place;
  const { from, maxItems, label } = map;
  const named = label ? { label } : {};
  const bounded = maxItems === undefined ? named : { ...named, maxItems };
  if (from === 'output' && !mayBeEarly(triggerRule, around)) {
    const given = outputFor(place);
    if (given !== undefined) return { ...given, ...bounded };
  }
  const isIn = from !== 'output' && hasParts(around, { input, plan });
  if (isIn) return { from: 'item', ...bounded };
  return from === 'param' ? { from, ...bounded } : { from: 'constant', ...named };
}

/** Of a task before it: a part of what it gives, or the list that a map gives. */
function outputFor({ map, before: first, around, plan, input }: ListPlace): CaseList | undefined {
  const givers = input.tasks.slice(0, first).filter(givesAcross);
  const task = givers[map.giver % givers.length];
  if (task === undefined) return undefined;
  const isBroken = map.broken && !mapsLeft(input, plan, { around, task });
  return { from: 'output', task: task.id, ...(isBroken ? { broken: true } : {}) };
}

/** An early rule may enter a module before what it is given is there: nobody's rule says what happens then. */
function mayBeEarly(triggerRule: string | undefined, around: readonly Placed[]): boolean {
  return [triggerRule ?? '', ...around.map(({ draft }) => draft.triggerRule)].some((rule) => EARLY.has(rule));
}

const EARLY: ReadonlySet<string> = new Set(TRIGGER_RULES.filter(isEarly));

/** Whether what the task gives is a list there. */
function mapsLeft(
  { tasks }: Case,
  plan: Plan,
  { around, task }: { readonly around: readonly Placed[]; readonly task: CaseTask },
): boolean {
  const path = plan.around(tasks.indexOf(task));
  const left = path.filter((module) => !around.includes(module));
  return task.kind === 'map' || left.some(({ draft }) => draft.kind === 'map');
}

/** Whether the items of the next map around have parts: those of a list of outputs have none. */
function hasParts(around: readonly Placed[], world: World): boolean {
  const map = around.findLast(({ draft }) => draft.kind === 'map');
  if (map === undefined) return false;
  const { draft, from } = map;
  const list = listOf(draft, { map: draft.map, before: from, around: outsideOf(world.plan, map), ...world });
  const task = world.input.tasks.find(({ id }) => id === list.task);
  return (
    task === undefined || !mapsLeft(world.input, world.plan, { around: outsideOf(world.plan, map), task })
  );
}

function loopOf(placed: Placed, world: World): CaseModule['loop'] {
  const { maxIterations, untilAt, bare, broken } = placed.draft;
  const task = tellerOf(placed, world);
  const initial = initialOf(placed, world);
  return {
    maxIterations,
    untilAt: task === undefined ? untilAt % 2 : untilAt,
    ...(task === undefined ? {} : { task }),
    ...(bare ? { bare } : {}),
    ...(broken && task !== undefined ? { broken } : {}),
    ...(initial === undefined ? {} : { initial }),
  };
}

/** A task in the loop, in no map in it. */
function tellerOf({ draft, from, to }: Placed, { input, plan }: World): string | undefined {
  const inside = input.tasks.slice(from, to).filter((task, index) => {
    const inner = plan.around(from + index).filter((module) => module.from >= from && module.to <= to);
    return gives(task) && task.kind !== 'map' && !inner.some((module) => module.draft.kind === 'map');
  });
  return inside[draft.teller % inside.length]?.id;
}

function initialOf(placed: Placed, { input, plan }: World): string | undefined {
  const { initial, triggerRule } = placed.draft;
  if (initial === undefined || mayBeEarly(triggerRule, outsideOf(plan, placed))) return undefined;
  const before = input.tasks.slice(0, placed.from).filter(givesAcross);
  return before[initial % before.length]?.id;
}

/** With a mask: some of what stands in the DAG itself runs again, setups and teardowns with their work. */
export function withRerun(input: Case, plan: Plan, picks: readonly boolean[]): Case {
  const inner = new Set((input.modules ?? []).filter(({ kind }) => kind !== 'group').map(({ id }) => id));
  const isTop = (id: string) => ![...inner].some((module) => id.startsWith(`${module}.`));
  const units = [...input.tasks.map(({ id }) => id), ...inner].filter(isTop);
  const picked = units.filter((_, index) => picks[index % picks.length]);
  const again = input.tasks.map((task, index): CaseTask => withAgain(task, plan.drafts[index]));
  return { ...input, tasks: again, rerun: closed(picked, input) };
}

function withAgain(task: CaseTask, draft: Draft | undefined): CaseTask {
  const { kind, expression } = task;
  const isAnswer = kind === 'approve' || kind === 'at' || expression;
  if (draft?.again === undefined || isAnswer) return task;
  return { ...task, again: task.engine ? engineItem(draft.again) : draft.again };
}

/** Clearing work also clears the setup it stands below and the teardown it stands above; a setup, its teardown. */
export function closed(picked: readonly string[], input: Case): readonly string[] {
  const pairs = input.tasks.flatMap(({ id, kind, setups = [] }) =>
    kind === 'teardown' ? setups.map((setup) => ({ setup, teardown: id })) : [],
  );
  const all = new Set(picked);
  for (let size = -1; size !== all.size; ) {
    size = all.size;
    for (const { setup, teardown } of pairs) {
      const isWork = (id: string) => isBetween(id, { setup, teardown }, input);
      if ([...all].some(isWork)) all.add(setup);
      if (all.has(setup)) all.add(teardown);
    }
  }
  return [...all];
}

function isBetween(
  id: string,
  { setup, teardown }: { readonly setup: string; readonly teardown: string },
  input: Case,
): boolean {
  if (id === setup || id === teardown) return false;
  return ancestorsOf(teardown, input).includes(id) && ancestorsOf(id, input).includes(setup);
}
