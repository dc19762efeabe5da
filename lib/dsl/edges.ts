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
}

/** What a task comes after: another task, one label of it, or the last tasks of a group. */
export type Source =
  | { readonly kind: 'task'; readonly task: TaskDraft; readonly label?: string }
  | { readonly kind: 'group'; readonly group: GroupDraft };

/** What comes after: a task, or the first tasks of a group. */
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

/** Direct upstream tasks of each task, in the order of the links, each once, its labels together. */
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
  const isPlain = ({ from, to }: Link) => from.kind === 'task' && to.kind === 'task';
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

function firstOf(group: GroupDraft, tasks: readonly TaskDraft[], upstream: Upstream): readonly TaskDraft[] {
  const members = tasks.filter((task) => isInside(task.group, group));
  return members.filter(
    (task) => ![...(upstream.get(task) ?? [])].some((above) => isInside(above.group, group)),
  );
}

/** A teardown is not waited for: what comes after the group follows its work. @see https://airflow.apache.org/docs/apache-airflow/stable/howto/setup-and-teardown.html */
function lastOf(group: GroupDraft, tasks: readonly TaskDraft[], upstream: Upstream): readonly TaskDraft[] {
  const members = tasks.filter((task) => isInside(task.group, group));
  const work = members.filter((task) => !task.isTeardown);
  const candidates = work.length > 0 ? work : members;
  const followed = new Set(candidates.flatMap((task) => [...(upstream.get(task) ?? [])]));
  return candidates.filter((task) => !followed.has(task));
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
