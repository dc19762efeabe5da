import type { Duration } from '../base/duration.ts';
import type { JsonObject } from '../base/json.ts';
import type { Value } from '../model/ref.ts';
import type { Call, Engine } from './engine.ts';
import type { StandIn } from './local.ts';

export interface StartJobArgs {
  readonly jobName: Value<string>;
  /** `{ '--day': run.interval.date }`: Glue wants names with two dashes. @default {} */
  readonly arguments?: Readonly<Record<string, Value<string>>>;
  /** Workers of this run. @default the job's */
  readonly numberOfWorkers?: Value<number>;
  /** `G.1X`, `G.2X`, … @default the job's */
  readonly workerType?: Value<string>;
  /** Glue's own limit, whole minutes; keep it below the task's timeout. @default the job's */
  readonly timeout?: Duration;
  /** What this task does in a local run: `simulate(…)`, `command([…])` or `real`. @default none: it is refused here */
  readonly local?: StandIn<JobOutput>;
}

export interface JobOutput {
  readonly jobRunId: string;
  readonly jobName: string;
  readonly jobRunState: string;
  /** Seconds it ran. */
  readonly executionTime: number;
}

/**
 * Runs a Glue job and waits for its end.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-glue.html
 */
export function startJob({ local, ...args }: StartJobArgs): Call<JobOutput> {
  return {
    engine: glueStartJob.name,
    args: args as JsonObject,
    ...(local === undefined ? {} : { local }),
  };
}

export const glueStartJob: Engine = {
  name: 'glue.startJob',
  // Glue's own default. @see https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html
  timeoutSeconds: 172_800,
  local: 'stand-in',
};
