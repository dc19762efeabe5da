import type { DagNode } from '../model/dag.ts';
import type { DagHead } from '../model/dag-version.ts';
import type { Run } from '../model/run.ts';

/**
 * How many scheduled runs failed one after the other, where that is to pause the DAG; `undefined` where it is not.
 * Those that ended before somebody unpaused it do not count.
 *
 * @see https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dags.html#auto-pausing-dags-experimental
 */
export function failuresToPauseAt(
  { maxConsecutiveFailedRuns: most }: Pick<DagNode, 'maxConsecutiveFailedRuns'>,
  { paused, unpausedAt = '' }: Pick<DagHead, 'paused' | 'unpausedAt'>,
  /** Scheduled runs that ended, newest logical date first: at least so many as may fail. */
  ended: readonly Pick<Run, 'state' | 'endedAt'>[],
): number | undefined {
  if (most === undefined || paused) return undefined;
  const last = ended.slice(0, most);
  const hasFailed = last.every(({ state, endedAt = '' }) => state === 'failed' && endedAt > unpausedAt);
  return last.length === most && hasFailed ? most : undefined;
}
