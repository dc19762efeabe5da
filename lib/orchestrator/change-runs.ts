/** What clearing and marking have in common: runs that somebody chose are changed, one after the other. */
import { RefusedError } from '../base/errors.ts';
import type { Run } from '../model/run.ts';
import { type ChosenRuns, chosenRuns, chosenTasks } from './chosen-runs.ts';
import type { KnownDag } from './known.ts';
import { startLane } from './lane.ts';
import type { World } from './ports.ts';

export interface ChangeRequest {
  readonly dagId: string;
  readonly runs: ChosenRuns;
  readonly tasks?: readonly string[];
  /** Changes nothing. @default false */
  readonly dryRun?: boolean;
}

/** One of the runs that a request is about. */
export interface Changing<Request> {
  readonly run: Run;
  readonly dag: KnownDag;
  readonly request: Request;
}

export interface Change<Request, Told> {
  /** Changes a run, or says what a dry run would. @throws {RefusedError} when it cannot be changed */
  readonly one: (changing: Changing<Request>) => Promise<Told>;
  /** What is told of a run of a range that cannot be changed. */
  readonly refused: (run: Run, problem: { readonly code: string; readonly message: string }) => Told;
}

/**
 * Changes one run or those of a range of dates. One of a range that cannot be changed is passed over, and told.
 *
 * @throws {RefusedError} where the request is at fault, or the one run that is meant cannot be changed
 */
export async function changeRuns<Request extends ChangeRequest, Told>(
  world: World,
  dag: KnownDag,
  request: Request,
  change: Change<Request, Told>,
): Promise<readonly Told[]> {
  const runs = await chosenRuns(world, dag, request.runs);
  const isRange = !('runId' in request.runs);
  // What is misspelt is told at once, and not of each run.
  if (isRange) chosenTasks(dag.version.manifest, request.tasks);
  const told: Told[] = [];
  for (const run of runs) {
    try {
      told.push(await change.one({ run, dag, request }));
    } catch (error) {
      if (!isRange || !(error instanceof RefusedError)) throw error;
      told.push(change.refused(run, { code: error.code, message: error.message }));
    }
  }
  // What is changed now, others may have waited for.
  if (request.dryRun !== true) await startLane(world, { dagId: request.dagId, lane: 'main' });
  return told;
}
