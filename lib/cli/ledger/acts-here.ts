/** Use cases on the ledger of this project, each loaded when it is asked for. */
import type { World } from '../../orchestrator/ports.ts';
import { actorHere } from './actor.ts';
import type { BackfillStep, LedgerActs } from './ledger.ts';

export function actsHere(world: World): LedgerActs {
  const actor = actorHere();
  return {
    trigger: async (request) =>
      (await import('../../orchestrator/trigger.ts')).trigger(world, actor, request),
    clear: async (request) => (await import('../../orchestrator/clear.ts')).clearRuns(world, actor, request),
    mark: async (request) => (await import('../../orchestrator/mark.ts')).markTasks(world, actor, request),
    cancel: async (request) =>
      (await import('../../orchestrator/cancel.ts')).cancelRun(world, actor, request),
    createBackfill: async (request) =>
      (await import('../../orchestrator/backfill/create.ts')).createBackfill(world, actor, request),
    changeBackfill: async (id, step) => {
      await STEPS[step](await import('../../orchestrator/backfill/change.ts'))(world, actor, id);
    },
    setPaused: async (dagId, paused) => {
      const { pauseDag, unpauseDag } = await import('../../orchestrator/pause.ts');
      await (paused ? pauseDag : unpauseDag)(world, actor, dagId);
    },
    pin: async (request) => {
      const { head, before } = await (await import('../../orchestrator/pin.ts')).pinDag(
        world,
        actor,
        request,
      );
      const { version, pinnedFrom } = head;
      return { version, before, ...(pinnedFrom === undefined ? {} : { pinnedFrom }) };
    },
    next: async (dagId, count) => (await import('../../orchestrator/next.ts')).nextRuns(world, dagId, count),
    why: async (dagId, text) => (await import('../../orchestrator/why.ts')).why(world, dagId, text),
    audit: async (dagId, range) =>
      (await import('../../orchestrator/audit.ts')).auditLedger(world, dagId, range),
  };
}

type Changes = typeof import('../../orchestrator/backfill/change.ts');

const STEPS = {
  pause: ({ pauseBackfill }: Changes) => pauseBackfill,
  resume: ({ resumeBackfill }: Changes) => resumeBackfill,
  cancel: ({ cancelBackfill }: Changes) => cancelBackfill,
  retry: ({ retryFailedDates }: Changes) => retryFailedDates,
} satisfies Readonly<Record<BackfillStep, unknown>>;
