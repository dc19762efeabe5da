import { type Duration, toSeconds } from '../base/duration.ts';
import type { JsonObject } from '../base/json.ts';
import type { Value } from '../model/ref.ts';
import type { Call, Engine } from './engine.ts';
import type { StandIn } from './local.ts';
import { arnIn, named } from './permission.ts';
import { camel, minutesBelow, objectOf, pascal, REFUSED_BY_STATES, type SyncJob } from './sync.ts';

export interface StartJobArgs {
  readonly jobName: Value<string>;
  /** `{ '--day': run.interval.date }`: Glue wants names with two dashes. `--tutti-token` is the try's own. @default {} */
  readonly arguments?: Readonly<Record<string, Value<string>>>;
  /** Workers of this run. @default the job's */
  readonly numberOfWorkers?: Value<number>;
  /** `G.1X`, `G.2X`, … @default the job's */
  readonly workerType?: Value<string>;
  /** Waits in Glue's own queue where the job runs as often as it may already. @default the job's */
  readonly jobRunQueuingEnabled?: Value<boolean>;
  /** `STANDARD`, `FLEX` @default the job's */
  readonly executionClass?: Value<'STANDARD' | 'FLEX'>;
  /** Glue's own limit, whole minutes; keep it below the task's timeout. @default a minute below the task's, else the job's */
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
 * Runs a Glue job and waits for its end: Step Functions itself does, no function is called.
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

/** Their members are the author's names. */
const NAMED = new Set(['arguments', 'Arguments']);

const RESULT = '$states.result';

const job: SyncJob = {
  resource: 'arn:aws:states:::glue:startJobRun.sync',
  request({ timeout, ...args }, timeoutSec) {
    const own = toSeconds(timeout);
    // Where the author says nothing of time, the job's own limit holds: Glue's defaults differ by its version.
    const minutes = own === undefined ? limitBelow(timeoutSec) : Math.max(1, Math.floor(own / 60));
    return {
      ...objectOf(pascal(args, NAMED)),
      ...(minutes === undefined ? {} : { Timeout: minutes }),
    };
  },
  tokenAt: ['Arguments', '--tutti-token'],
  fields: {
    jobRunId: `${RESULT}.Id`,
    jobName: `${RESULT}.JobName`,
    jobRunState: `${RESULT}.JobRunState`,
    executionTime: `${RESULT}.ExecutionTime`,
  },
  holds: {
    condition: `${RESULT}.JobRunState = "SUCCEEDED"`,
    otherwise: `"the job run is " & ${RESULT}.JobRunState & ": " & ${RESULT}.ErrorMessage`,
  },
  busy: [
    'Glue.ConcurrentRunsExceededException',
    'Glue.ResourceNumberLimitExceededException',
    'Glue.InternalServiceException',
    'Glue.OperationTimeoutException',
    'Glue.ThrottlingException',
    'Glue.AWSGlueException',
    'Glue.SdkClientException',
  ],
  refused: ['Glue.EntityNotFoundException', 'Glue.InvalidInputException', ...REFUSED_BY_STATES],
  argsOf(request) {
    const { Arguments, Timeout, ...rest } = request;
    const { '--tutti-token': _token, ...given } = objectOf(Arguments);
    return {
      ...objectOf(camel(rest, NAMED)),
      ...(Object.keys(given).length === 0 ? {} : { arguments: given }),
      ...(typeof Timeout === 'number' ? { timeout: Timeout * 60 } : {}),
    };
  },
  answer: ({ jobRunId, jobName, jobRunState, executionTime, ...rest }) => ({
    ...rest,
    Id: jobRunId,
    JobName: jobName,
    JobRunState: jobRunState ?? 'SUCCEEDED',
    ExecutionTime: executionTime,
  }),
};

/** Longest a job of Glue 4.0 and older runs where nobody says anything: 2,880 minutes. @see https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html */
const DEFAULT_SECONDS = 172_800;

function limitBelow(timeoutSec: number): number | undefined {
  return timeoutSec > DEFAULT_SECONDS ? undefined : minutesBelow(timeoutSec);
}

export const glueStartJob: Engine = {
  name: 'glue.startJob',
  // Glue ends it first.
  timeoutSeconds: DEFAULT_SECONDS + 600,
  local: 'stand-in',
  pattern: 'sync',
  sync: job,
  permissions: ({ jobName }) => [
    {
      actions: ['glue:StartJobRun', 'glue:GetJobRun', 'glue:GetJobRuns', 'glue:BatchStopJobRun'],
      ...named('the name of the job', jobName, (name) => arnIn('glue', `job/${name}`)),
    },
  ],
};
