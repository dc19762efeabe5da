import { project } from '../history/project.ts';
import { lastSuccess } from './past-run.ts';

/** How long tasks took here. */
export interface Measured {
  /** Id of the run. `undefined`: none succeeded here. */
  readonly run: string | undefined;
  /** By task. */
  readonly seconds: ReadonlyMap<string, number>;
}

/** How long a task is taken to be that nobody measured. */
export const ASSUMED_SECONDS = 1;

/** How long tasks took in the last run of a DAG here that succeeded. */
export function measuredSeconds(root: string, dagId: string): Measured {
  const run = lastSuccess(root, dagId);
  if (run === undefined) return { run: undefined, seconds: new Map() };
  const { tasks } = project(run.manifest, run.events);
  const seconds = tasks.flatMap(({ id, startMs, endMs }) =>
    startMs === undefined || endMs === undefined ? [] : [[id, (endMs - startMs) / 1000] as const],
  );
  return { run: run.record.id, seconds: new Map(seconds) };
}
