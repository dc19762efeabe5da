/** What of a DAG a deployment would change. Pure. */
import { compareTexts } from '../../base/compare.ts';
import { sortedJson } from '../../base/json.ts';
import type { DagNode } from '../../model/dag.ts';
import type { TaskNode } from '../../model/task.ts';

export interface DagChange {
  readonly dagId: string;
  readonly change: 'added' | 'changed' | 'removed';
  /** Ids. */
  readonly tasks: Changed;
  /** `fetch → load`, `size → big [big]` below a brancher. */
  readonly edges: Changed;
  /** What of the DAG itself differs: `schedule`, `catchup`, `params` … */
  readonly settings: readonly string[];
}

/** What is new, what is gone, what is there and differs; sorted. */
export interface Changed {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** Changes from what is deployed to what is here; `undefined` where nothing of the DAG differs. */
export function dagChange(before: DagNode | undefined, after: DagNode | undefined): DagChange | undefined {
  const dagId = after?.id ?? before?.id;
  if (dagId === undefined) return undefined;
  const tasks = changedIn(tasksOf(before), tasksOf(after));
  const edges = changedIn(edgesOf(before), edgesOf(after));
  if (before === undefined) return { dagId, change: 'added', tasks, edges, settings: [] };
  if (after === undefined) return { dagId, change: 'removed', tasks, edges, settings: [] };
  const settings = settingsIn(before, after);
  if ([tasks, edges].every(isNothing) && settings.length === 0) return undefined;
  return { dagId, change: 'changed', tasks, edges, settings };
}

function isNothing({ added, removed, changed }: Changed): boolean {
  return added.length + removed.length + changed.length === 0;
}

/** What every task is, but where it stands and where it was written. */
function tasksOf(dag: DagNode | undefined): ReadonlyMap<string, string> {
  return new Map((dag?.tasks ?? []).map((task) => [task.id, taskText(task)]));
}

function taskText({ at: _at, upstream: _upstream, ...task }: TaskNode): string {
  return sortedJson(task);
}

function edgesOf(dag: DagNode | undefined): ReadonlyMap<string, string> {
  const edges = (dag?.tasks ?? []).flatMap(({ id, upstream }) =>
    upstream.map(
      ({ task, labels }) => `${task} → ${id}${labels === undefined ? '' : ` [${labels.join(', ')}]`}`,
    ),
  );
  return new Map(edges.map((edge) => [edge, edge]));
}

/** Fields of a DAG that are told by themselves, or follow from others. */
const NO_SETTINGS: ReadonlySet<string> = new Set(['id', 'tasks', 'at', 'connections']);

function settingsIn(before: DagNode, after: DagNode): readonly string[] {
  const texts = (dag: DagNode) =>
    new Map(
      Object.entries(dag)
        .filter(([name]) => !NO_SETTINGS.has(name))
        .map(([name, value]) => [name, sortedJson(value)]),
    );
  const { added, removed, changed } = changedIn(texts(before), texts(after));
  return [...added, ...removed, ...changed].sort(compareTexts);
}

/** Between two maps of name to text. */
export function changedIn(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): Changed {
  const kept = [...after.keys()].filter((name) => before.has(name));
  return {
    added: [...after.keys()].filter((name) => !before.has(name)).sort(compareTexts),
    removed: [...before.keys()].filter((name) => !after.has(name)).sort(compareTexts),
    changed: kept.filter((name) => before.get(name) !== after.get(name)).sort(compareTexts),
  };
}
