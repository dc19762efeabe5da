import type { TriggerRule } from './trigger-rule.ts';

/** What the run's state depends on; a `DagNode` and a manifest both are one. */
export interface RunStateNode {
  readonly runState: 'leaves' | 'any-failed';
  readonly tasks: readonly {
    readonly id: string;
    readonly upstream: readonly { readonly task: string }[];
    readonly triggerRule: TriggerRule;
    readonly failRun?: boolean;
  }[];
}

/**
 * State of a run whose tasks are in `states`: `running` while one of the tasks is not final.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html#dag-run-status
 */
export function runStateOf(
  dag: RunStateNode,
  states: Readonly<Record<string, string | undefined>>,
): 'running' | 'success' | 'failed' {
  if (dag.tasks.some(({ id }) => !FINAL.has(states[id] ?? 'none'))) return 'running';
  return decidingTasks(dag).some((id) => BAD.has(states[id] ?? 'none')) ? 'failed' : 'success';
}

/**
 * Ids of the tasks whose failure fails the run, in declared order.
 *
 * Under `leaves`: those that nothing follows but teardowns without `failRun`, which are never counted.
 * Under `any-failed`: every task but those teardowns.
 */
export function decidingTasks(dag: RunStateNode): readonly string[] {
  const counted = dag.tasks.filter(
    ({ triggerRule, failRun }) => triggerRule !== 'all_done_setup_success' || failRun === true,
  );
  if (dag.runState === 'any-failed') return counted.map(({ id }) => id);
  const followed = new Set(counted.flatMap(({ upstream }) => upstream.map(({ task }) => task)));
  return counted.map(({ id }) => id).filter((id) => !followed.has(id));
}

const BAD: ReadonlySet<string> = new Set(['failed', 'upstream_failed']);
const FINAL: ReadonlySet<string> = new Set([...BAD, 'success', 'skipped', 'cancelled']);
