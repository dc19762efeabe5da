/** A firing of a DAG's schedule, a run that a task asks for, or a task that waits for one. */

import { defined } from '../lib/api/defined.ts';
import { coreFunction } from '../lib/aws/core-function.ts';
import { tickEventOf } from '../lib/aws/events.ts';
import { waitForRun } from '../lib/aws/waiting.ts';
import { RefusedError } from '../lib/base/errors.ts';
import { tick } from '../lib/orchestrator/tick.ts';
import { trigger } from '../lib/orchestrator/trigger.ts';
import { surroundings } from './surroundings.ts';

export const handler = coreFunction(surroundings(import.meta.dirname), async (event, { world, log }) => {
  const asked = tickEventOf(event);
  if ('trigger' in asked) {
    const { triggeredBy } = asked.trigger;
    const actor = { name: `dag ${triggeredBy}`, via: 'scheduler' } as const;
    const { run, created } = await trigger(world, actor, defined(asked.trigger));
    const { dagId, id: runId, logicalDate, state } = run;
    log('triggered', { dagId, runId, created });
    return { dagId, runId, logicalDate, state: state === 'starting' ? ('queued' as const) : state };
  }
  if ('wait' in asked) return waitForRun(world, defined(asked.wait));
  try {
    const result = await tick(world, asked.dag);
    log('ticked', { at: asked.at, ...result });
    return result;
  } catch (error) {
    // A schedule that outlives its DAG: nothing comes of trying again.
    if (!(error instanceof RefusedError) || error.code !== 'unknown-dag') throw error;
    log(error.message, { level: 'WARN', dagId: asked.dag });
    return undefined;
  }
});
