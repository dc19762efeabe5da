/** An execution has ended: how, is kept, and what waited for it starts. */
import { coreFunction } from '../lib/aws/core-function.ts';
import { endedEventOf } from '../lib/aws/events.ts';
import { recordExecution } from '../lib/aws/record-execution.ts';
import { surroundings } from './surroundings.ts';

export const handler = coreFunction(surroundings(import.meta.dirname), async (event, { world, log }) => {
  const { detail } = endedEventOf(event);
  const outcome = await recordExecution(world, detail);
  log(outcome, { execution: detail.executionArn, status: detail.status });
  return outcome;
});
