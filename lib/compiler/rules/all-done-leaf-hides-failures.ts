import type { Problem } from '../../base/errors.ts';
import type { DagNode } from '../../model/dag.ts';
import { decidingTasks } from '../../model/run-state.ts';
import type { Unit } from '../scopes.ts';
import { type Graph, graphsOf } from './graph.ts';
import { unitPath, unitPlace } from './rule.ts';

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

/** A leaf that runs whatever happened turns a broken run, or module, green where nothing else tells of the failure (warning). */
export function allDoneLeafHidesFailures(dag: DagNode): readonly Problem[] {
  return graphsOf(dag).flatMap((graph) => {
    if (graph.module === undefined && dag.runState !== 'leaves') return [];
    const leaves = new Set(decidingTasks({ runState: 'leaves', tasks: graph.tasks }));
    const told = toldFailures(graph, leaves);
    return graph.tasks.flatMap((task, index) => {
      if (!leaves.has(task.id) || !RUNS_OVER_FAILURES.has(task.triggerRule)) return [];
      const setups = new Set(task.teardownOf);
      const hidden = (graph.upstream[index] ?? []).find(
        (above) => told[above] === false && !setups.has(graph.tasks[above]?.id ?? ''),
      );
      return hidden === undefined ? [] : [problem(dag, graph, task, graph.tasks[hidden])];
    });
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

function problem(dag: DagNode, { module }: Graph, task: Unit, hidden: Unit | undefined): Problem {
  const ofTeardown = task.failRun === true ? 'leave failRun out' : 'make it a teardown';
  const whole = module === undefined ? 'the run' : `"${module.id}"`;
  return {
    code: 'all-done-leaf-hides-failures',
    path: unitPath(dag, task, task.failRun === true ? 'failRun' : 'triggerRule'),
    message: `${whole} is green when "${hidden?.id}" fails: "${task.id}" (${task.triggerRule}) alone decides it`,
    remedy: module === undefined ? `write runState: 'any-failed' on the DAG, or ${ofTeardown}` : ofTeardown,
    severity: 'warning',
    ...unitPlace(task),
  };
}
