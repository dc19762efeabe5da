import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { labelsOf, type TaskNode } from '../../model/task.ts';
import type { Unit } from '../scopes.ts';
import { ancestry } from './ancestry.ts';
import { type Graph, graphsOf } from './graph.ts';
import { unitPath, unitPlace } from './rule.ts';

/** Rules that one skipped task above makes impossible. */
const NEEDS_ALL: ReadonlySet<string> = new Set(['all_success', 'all_done_min_one_success', 'none_skipped']);

/** A task directly above the join that a brancher chooses by labels. */
interface Target {
  readonly task: TaskNode;
  readonly index: number;
  readonly brancher: TaskNode;
  readonly labels: readonly string[];
}

/** A join below targets of different labels that needs all of them is skipped nearly always (warning). */
export function branchJoin(dag: DagNode): readonly Problem[] {
  return graphsOf(dag).flatMap((graph) => inGraph(dag, graph));
}

function inGraph(dag: DagNode, graph: Graph): readonly Problem[] {
  const joins = graph.tasks.flatMap((task, index) => {
    if (!NEEDS_ALL.has(task.triggerRule)) return [];
    const pair = apart(targetsAbove(graph, index));
    return pair === undefined ? [] : [{ task, pair }];
  });
  const isAbove = ancestry(
    graph,
    joins.flatMap(({ pair }) => pair.map(({ task }) => task.id)),
  );
  return joins.flatMap(({ task, pair: [one, other] }) => {
    // Who leads to the other is not left out when that one is chosen.
    if (isAbove(one.index, other.task.id) || isAbove(other.index, one.task.id)) return [];
    return [problem(dag, task, one, other)];
  });
}

function targetsAbove(graph: Graph, index: number): readonly Target[] {
  return (graph.upstream[index] ?? []).flatMap((above) => {
    const task = graph.tasks[above];
    if (task === undefined || !NEEDS_ALL.has(task.triggerRule)) return [];
    return task.upstream.flatMap(({ task: id, labels }) => {
      const brancher = graph.tasks[graph.indexOf.get(id) ?? -1];
      const isTarget =
        brancher !== undefined && labels !== undefined && labelsOf(brancher.call) !== undefined;
      return isTarget ? [{ task, index: above, brancher, labels }] : [];
    });
  });
}

/** Two targets of one brancher without a label in common. */
function apart(targets: readonly Target[]): readonly [Target, Target] | undefined {
  const first = new Map<string, Target>();
  for (const target of targets) {
    const earlier = first.get(target.brancher.id);
    if (earlier === undefined) first.set(target.brancher.id, target);
    else if (!target.labels.some((label) => earlier.labels.includes(label))) return [earlier, target];
  }
  return undefined;
}

function problem(dag: DagNode, task: Unit, one: Target, other: Target): Problem {
  const { brancher } = one;
  const labels = [one, other].map((target) => `"${target.labels.join('" or "')}"`).join(' and ');
  const exclusive = [one, other].some((target) => isOtherwise(brancher, target.labels));
  const when = exclusive ? 'never happens' : 'makes this task skipped whenever one of them is left out';
  return {
    code: 'branch-join',
    path: unitPath(dag, task, 'triggerRule'),
    message: `"${task.triggerRule}" needs both "${one.task.id}" and "${other.task.id}", so "${brancher.id}" must choose ${labels} at once, which ${when}`,
    remedy: 'write triggerRule: "none_failed_min_one_success" to run after whichever was chosen',
    severity: 'warning',
    ...unitPlace(task),
  };
}

/** `otherwise` is chosen when no case holds: never together with one. */
function isOtherwise({ call }: TaskNode, labels: readonly string[]): boolean {
  if (call.kind !== 'choose' || call.otherwise === undefined) return false;
  return (
    labels.every((label) => label === call.otherwise) &&
    !call.cases.some(({ label }) => label === call.otherwise)
  );
}
