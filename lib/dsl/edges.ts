import type { Edge } from '../model/task.ts';

/** A task under way; it becomes a `TaskNode` when the body has ended. */
export interface TaskDraft {
  readonly id: string;
  readonly group?: GroupDraft;
  readonly isTeardown: boolean;
}

export interface GroupDraft {
  readonly id: string;
  readonly parent?: GroupDraft;
  /** Of a module: what stands for it among the tasks around it. */
  readonly unit?: TaskDraft;
}

/** What a task comes after: another task, one label of it, a module, or the last tasks of a plain group. */
export type Source =
  | { readonly kind: 'task'; readonly task: TaskDraft; readonly label?: string }
  | { readonly kind: 'group'; readonly group: GroupDraft };

/** What comes after: a task, a module, or the first tasks of a plain group. */
export type Target =
  | { readonly kind: 'task'; readonly task: TaskDraft }
  | { readonly kind: 'group'; readonly group: GroupDraft };

export interface Link {
  readonly from: Source;
  readonly to: Target;
}

interface Arrow {
  readonly from: TaskDraft;
  readonly label?: string;
  readonly to: TaskDraft;
}

/** Direct upstream of each task and module, in the order of the links, each once, its labels together. */
export function edgesOf(
  tasks: readonly TaskDraft[],
  links: readonly Link[],
): ReadonlyMap<TaskDraft, readonly Edge[]> {
  const arrows = arrowsOf(tasks, links);
  const edges = new Map<TaskDraft, Map<string, string[]>>();
  for (const link of links) {
    for (const { from, label, to } of arrows.get(link) ?? []) {
      const upstream = edges.get(to) ?? new Map<string, string[]>();
      edges.set(to, upstream);
      const labels = upstream.get(from.id) ?? [];
      upstream.set(from.id, label === undefined || labels.includes(label) ? labels : [...labels, label]);
    }
  }
  const lists = [...edges].map(([task, upstream]) => [task, [...upstream].map(edgeOf)] as const);
  return new Map(lists);
}

/** True where `inner` is `outer` or somewhere in it. */
export function isInside(inner: GroupDraft | undefined, outer: GroupDraft): boolean {
  for (let group = inner; group !== undefined; group = group.parent) if (group === outer) return true;
  return false;
}

function edgeOf([task, labels]: readonly [string, readonly string[]]): Edge {
  return labels.length === 0 ? { task } : { task, labels };
}

/**
 * Every link as arrows between tasks. First and last tasks of a group follow from the arrows inside it,
 * so links of inner groups come before those of outer ones.
 */
function arrowsOf(tasks: readonly TaskDraft[], links: readonly Link[]): ReadonlyMap<Link, readonly Arrow[]> {
  const arrows = new Map<Link, readonly Arrow[]>();
  const upstream = new Map<TaskDraft, Set<TaskDraft>>();
  const isPlain = ({ from, to }: Link) => unitOf(from) !== undefined && unitOf(to) !== undefined;
  const ofGroups = links.filter((link) => !isPlain(link)).map((link) => ({ link, depth: depthOf(link) }));
  ofGroups.sort((one, other) => other.depth - one.depth);
  for (const link of [...links.filter(isPlain), ...ofGroups.map(({ link }) => link)]) {
    const expanded = expand(link, tasks, upstream);
    arrows.set(link, expanded);
    for (const { from, to } of expanded) {
      const above = upstream.get(to) ?? new Set();
      upstream.set(to, above.add(from));
    }
  }
  return arrows;
}

type Upstream = ReadonlyMap<TaskDraft, ReadonlySet<TaskDraft>>;

function expand({ from, to }: Link, tasks: readonly TaskDraft[], upstream: Upstream): readonly Arrow[] {
  const sources = from.kind === 'task' ? [from.task] : lastOf(from.group, tasks, upstream);
  const targets = to.kind === 'task' ? [to.task] : firstOf(to.group, tasks, upstream);
  const label = from.kind === 'task' && from.label !== undefined ? { label: from.label } : {};
  return targets.flatMap((target) => sources.map((source) => ({ from: source, ...label, to: target })));
}

/** The task or module an end is; `undefined` for a plain group, which is several. */
function unitOf(end: Source | Target): TaskDraft | undefined {
  return end.kind === 'task' ? end.task : end.group.unit;
}

function firstOf(group: GroupDraft, tasks: readonly TaskDraft[], upstream: Upstream): readonly TaskDraft[] {
  if (group.unit !== undefined) return [group.unit];
  const above = upstreamIn(group, membersOf(group, tasks), upstream);
  return [...above].filter(([, parents]) => parents.size === 0).map(([unit]) => unit);
}

/** A teardown is not waited for: what comes after the group follows its work. @see https://airflow.apache.org/docs/apache-airflow/stable/howto/setup-and-teardown.html */
function lastOf(group: GroupDraft, tasks: readonly TaskDraft[], upstream: Upstream): readonly TaskDraft[] {
  if (group.unit !== undefined) return [group.unit];
  const above = upstreamIn(group, membersOf(group, tasks), upstream);
  const work = [...above.keys()].filter((unit) => !unit.isTeardown);
  const candidates = work.length > 0 ? work : [...above.keys()];
  const followed = new Set(candidates.flatMap((unit) => [...(above.get(unit) ?? [])]));
  return candidates.filter((unit) => !followed.has(unit));
}

/** Everything in the group, at any depth. */
function membersOf(group: GroupDraft, tasks: readonly TaskDraft[]): readonly TaskDraft[] {
  return tasks.filter((task) => isInside(task.group, group));
}

/** Tasks and modules of a plain group, each with those directly above it in the group. */
function upstreamIn(group: GroupDraft, members: readonly TaskDraft[], upstream: Upstream): Upstream {
  const lifted = new Map<TaskDraft, Set<TaskDraft>>();
  const unitOfMember = (member: TaskDraft) => modulesAround(member, group).at(-1) ?? member;
  const modules = members.flatMap((task) => modulesAround(task, group));
  for (const member of new Set([...members, ...modules])) {
    const unit = unitOfMember(member);
    const above = [...(upstream.get(member) ?? [])].filter((from) => isInside(from.group, group));
    const units = above.map(unitOfMember).filter((source) => source !== unit);
    lifted.set(unit, new Set([...(lifted.get(unit) ?? []), ...units]));
  }
  return lifted;
}

/** Modules around a task inside `group`, inner before outer. */
function modulesAround(task: TaskDraft, group: GroupDraft): readonly TaskDraft[] {
  const units: TaskDraft[] = [];
  for (let each = task.group; each !== undefined && each !== group; each = each.parent) {
    if (each.unit !== undefined) units.push(each.unit);
  }
  return units;
}

/** Depth of the innermost group that holds both ends. */
function depthOf({ from, to }: Link): number {
  const ends = [from, to].map((end) => outside(end.kind === 'task' ? end.task.group : end.group.parent));
  const [one = [], other = []] = ends;
  return one.filter((group) => other.includes(group)).length;
}

function outside(group: GroupDraft | undefined): readonly GroupDraft[] {
  return group === undefined ? [] : [...outside(group.parent), group];
}
