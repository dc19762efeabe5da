import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { decidingTasks } from '../../model/run-state.ts';
import type { TaskNode } from '../../model/task.ts';
import { type Graph, graphOf } from './graph.ts';
import { place, taskPath } from './rule.ts';

/** Rules under which a task succeeds although the one above it failed. */
const RUNS_OVER_FAILURES: ReadonlySet<string> = new Set([
  'all_done',
  'always',
  'one_done',
  'one_failed',
  'all_failed',
  'none_skipped',
  'all_done_setup_success',
]);

/** Rules that hand a failure on: what is below becomes upstream_failed. */
const HANDS_ON: ReadonlySet<string> = new Set(['all_success', 'none_failed', 'none_failed_min_one_success']);

/** A leaf that runs whatever happened turns a broken run green where nothing else tells of the failure (warning). */
export function allDoneLeafHidesFailures(dag: DagNode): readonly Problem[] {
  if (dag.runState !== 'leaves') return [];
  const graph = graphOf(dag);
  const leaves = new Set(decidingTasks(dag));
  const told = toldFailures(graph, leaves);
  return dag.tasks.flatMap((task, index) => {
    if (!leaves.has(task.id) || !RUNS_OVER_FAILURES.has(task.triggerRule)) return [];
    const setups = new Set(task.teardownOf);
    const hidden = (graph.upstream[index] ?? []).find(
      (above) => told[above] === false && !setups.has(graph.tasks[above]?.id ?? ''),
    );
    return hidden === undefined ? [] : [problem(dag, task, graph.tasks[hidden])];
  });
}

/** Of each task whether its failure fails the run; on and below a cycle nothing is said. */
function toldFailures(graph: Graph, leaves: ReadonlySet<string>): readonly (boolean | undefined)[] {
  const told: (boolean | undefined)[] = graph.tasks.map(() => undefined);
  for (const index of graph.order.toReversed()) {
    const below = graph.downstream[index] ?? [];
    told[index] =
      leaves.has(graph.tasks[index]?.id ?? '') ||
      below.some((next) => HANDS_ON.has(graph.tasks[next]?.triggerRule ?? '') && told[next] !== false);
  }
  return told;
}

function problem(dag: DagNode, task: TaskNode, hidden: TaskNode | undefined): Problem {
  return {
    code: 'all-done-leaf-hides-failures',
    path: taskPath(dag, task, task.failRun === true ? 'failRun' : 'triggerRule'),
    message: `the run is green when "${hidden?.id}" fails: "${task.id}" (${task.triggerRule}) alone decides it`,
    remedy: `write runState: 'any-failed' on the DAG, or ${task.failRun === true ? 'leave failRun out' : 'make it a teardown'}`,
    severity: 'warning',
    ...place(task),
  };
}
