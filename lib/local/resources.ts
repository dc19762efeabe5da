import { type ResourceHandler, TaskError } from '../interpreter/resource.ts';
import { isTableCall } from './latch-table.ts';
import { isPoolCall, type Pools } from './pools.ts';
import { type TaskWorld, taskRunner } from './run-task.ts';
import { syncCall } from './sync-call.ts';

export interface LocalResources {
  /** Answers what a compiled machine asks of the world. */
  readonly handle: ResourceHandler;
  /** Resolves when no engine works any more: what was aborted has let go of its files and processes. */
  readonly settled: () => Promise<void>;
}

/** Tasks are run by `world`, latches and tokens served from its table, places of pools lent by `pools`. */
export function localResources(world: TaskWorld, pools: Pick<Pools, 'handle'>): LocalResources {
  const run = taskRunner(world);
  const working = new Set<Promise<unknown>>();
  const handle: ResourceHandler = (call) => {
    if (isTableCall(call.resource)) return world.table.handle(call);
    const isTask = call.resource === 'arn:aws:states:::lambda:invoke' || syncCall(call) !== undefined;
    if (!isTask) {
      throw new TaskError('Dag.UnknownResource', `${call.resource}: nothing here answers it`);
    }
    if (isPoolCall(call.arguments)) return pools.handle(call.arguments);
    return run(call, (work) => {
      working.add(work);
      work.finally(() => working.delete(work)).catch(() => undefined);
    });
  };
  return {
    handle,
    async settled() {
      await Promise.allSettled(working);
    },
  };
}
