import { RefusedError } from '../../base/errors.ts';
import { TaskError } from '../../interpreter/resource.ts';
import { triggerRequest } from '../../runtime/trigger-request.ts';
import type { LocalEngine } from './local-engine.ts';

/** Starts a run of another DAG by the orchestrator, once for each attempt of the task's own run. */
export const triggerDag: LocalEngine = async ({ task, instance, args, attempt, context, place }) => {
  const { runs } = place;
  if (runs === undefined)
    throw new TaskError(
      'Dag.NoOrchestrator',
      `task "${task}" › trigger.dag: needs the orchestrator, got a run of its own; use tutti dev or tutti trigger`,
    );
  const { dagId, runId } = context.run;
  const request = triggerRequest(args, { dagId, runId, attempt, task, instance });
  const run = await runs.trigger(request).catch((error: unknown) => {
    if (error instanceof RefusedError) throw new TaskError('Dag.TriggerRefused', error.message);
    throw error;
  });
  return { ...run };
};
