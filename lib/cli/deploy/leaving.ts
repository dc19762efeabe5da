/** DAGs that a deployment takes out of a stack, and the runs that would die with their machines. Pure. */
import { byStack, type Placed } from '../../deployment/stacks.ts';
import type { DagHead } from '../../model/dag-version.ts';
import type { AwsConfig } from '../../model/environment.ts';
import { isFinal, type Run } from '../../model/run.ts';

export interface Leaving {
  readonly dagId: string;
  /** The stack that it leaves. */
  readonly stack: string;
  /** The one it goes to. Absent: the project has it no more. */
  readonly to?: string;
  /** Ids of runs that a machine of that stack executes: a deployment is refused while there are any. */
  readonly active: readonly string[];
}

export interface Placement {
  readonly environment: string;
  readonly aws: AwsConfig;
}

/**
 * `heads`: of the environment; `dags`: of this project; `open`: runs that have not ended. Deleting a machine ends its
 * executions, so its stack's `Register` refuses to (aws.md 1).
 */
export function leavingDags(
  { environment, aws }: Placement,
  heads: readonly DagHead[],
  dags: readonly Placed[],
  open: readonly Run[],
): readonly Leaving[] {
  const stacks = new Map(
    [...byStack(environment, aws, dags)].flatMap(([stack, of]) => of.map(({ id }) => [id, stack] as const)),
  );
  const active = Map.groupBy(
    open.filter(({ state }) => state !== 'queued' && !isFinal(state)),
    ({ dagId }) => dagId,
  );
  return heads.flatMap(({ dagId, retiredAt, stack }) => {
    const to = stacks.get(dagId);
    if (retiredAt !== undefined || stack === undefined || stack === to) return [];
    const runs = (active.get(dagId) ?? []).map(({ id }) => id);
    return [{ dagId, stack, ...(to === undefined ? {} : { to }), active: runs }];
  });
}
