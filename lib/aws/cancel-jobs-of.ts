import type { CancelEvent, CancelJobs } from '../deployment/events.ts';
import { invoke } from './invoke.ts';
import type { AwsWorld } from './world.ts';

/**
 * Has the function of a run's DAG end the jobs of one attempt, and waits for it. Gives which function did; `undefined`:
 * the run, or its version, is there no more.
 *
 * @throws {Error} where the function failed: whoever asked tries again
 */
export async function cancelJobsOf(world: AwsWorld, event: CancelEvent): Promise<string | undefined> {
  const { dagId, runId, attempt, cause } = event;
  const run = await world.store.runs.get({ dagId, runId });
  // An attempt before had another version, perhaps; the newest one's function knows the same engines.
  const version = run === undefined ? undefined : await world.versionOf(dagId, run.version);
  const functionName = version?.deployment?.fns.main;
  if (functionName === undefined) return undefined;
  const jobs: CancelJobs = { kind: 'cancel', dagId, runId, attempt, cause };
  await invoke(world.clients.lambda, { functionName, event: jobs });
  return functionName;
}
