/** Ends the external jobs of a run: the DAG's own function has the rights to. */
import { cancelJobsOf } from '../lib/aws/cancel-jobs-of.ts';
import { coreFunction } from '../lib/aws/core-function.ts';
import { cancelEventOf } from '../lib/aws/events.ts';
import { surroundings } from './surroundings.ts';

export const handler = coreFunction(surroundings(import.meta.dirname), async (event, { world, log }) => {
  const asked = cancelEventOf(event);
  const functionName = await cancelJobsOf(world, asked);
  log('cancelled jobs', { ...asked, functionName });
  return { functionName };
});
