import type { TriggeredRun } from '../engines/trigger.ts';
import type { Run } from '../model/run.ts';
import { awaitedRun } from '../orchestrator/awaited.ts';
import type { World } from '../orchestrator/ports.ts';
import { trigger } from '../orchestrator/trigger.ts';
import type { OtherRuns } from './context/fn-context.ts';

/** Runs of other DAGs, by the orchestrator of this machine; `world` is asked for when it is there. */
export function otherRuns(world: () => World): OtherRuns {
  return {
    async trigger(request) {
      const actor = { name: `dag ${request.triggeredBy}`, via: 'scheduler' } as const;
      return told((await trigger(world(), actor, request)).run);
    },
    async look(before) {
      const { dagId, runId } = before;
      const run = await world().store.runs.get({ dagId, runId });
      // Removed while it was waited for: nobody will ever know.
      return run === undefined ? { ...before, state: 'cancelled' } : told(run);
    },
    async find(awaited) {
      const run = await awaitedRun(world(), awaited);
      return run === undefined ? undefined : told(run);
    },
  };
}

function told({ dagId, id, logicalDate, state }: Run): TriggeredRun {
  return { dagId, runId: id, logicalDate, state: state === 'starting' ? 'queued' : state };
}
