import { setTimeout as sleep } from 'node:timers/promises';
import { RefusedError } from '../../base/errors.ts';
import { TaskError } from '../../interpreter/resource.ts';
import { triggerRequest } from '../../runtime/trigger-request.ts';
import type { LocalEngine } from './local-engine.ts';

/** Between two looks at a run that is waited for, milliseconds. */
const LOOK_EVERY_MS = 500;

/** Starts a run of another DAG by the orchestrator, once for each attempt of the task's own run; waits for it where asked. */
export const triggerDag: LocalEngine = async ({ task, args, attempt, context, place }) => {
  const { runs } = place;
  if (runs === undefined)
    throw new TaskError(
      'Dag.NoOrchestrator',
      `task "${task}" › trigger.dag: needs the orchestrator, got a run of its own; use tutti dev or tutti trigger`,
    );
  const { dagId, runId, mapIndex } = context.run;
  const { wait } = args;
  const request = triggerRequest(args, { dagId, runId, attempt, task, mapIndex });
  let run = await runs.trigger(request).catch((error: unknown) => {
    if (error instanceof RefusedError) throw new TaskError('Dag.TriggerRefused', error.message);
    throw error;
  });
  while (wait === true && !isOver(run.state)) {
    await sleep(LOOK_EVERY_MS, undefined, { signal: context.signal });
    run = await runs.look(run);
  }
  if (wait === true && run.state !== 'success')
    throw new TaskError(
      'Dag.TriggeredRunFailed',
      `run "${run.runId}" of dag "${run.dagId}": is ${run.state}`,
    );
  return { ...run };
};

function isOver(state: string): boolean {
  return state === 'success' || state === 'failed' || state === 'cancelled';
}
