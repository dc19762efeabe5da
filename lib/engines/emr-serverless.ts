import type { JsonObject } from '../base/json.ts';
import type { Value } from '../model/ref.ts';
import type { Call, Engine } from './engine.ts';
import type { StandIn } from './local.ts';
import { arnIn, managedRule, named, type Permission, passRole } from './permission.ts';
import { camel, minutesBelow, objectOf, pascal, REFUSED_BY_STATES, type SyncJob } from './sync.ts';

export interface StartJobRunArgs {
  readonly applicationId: Value<string>;
  /** What the job may do. */
  readonly executionRoleArn: Value<string>;
  readonly jobDriver:
    | {
        readonly sparkSubmit: {
          /** `s3://bucket/job.py` */
          readonly entryPoint: Value<string>;
          readonly entryPointArguments?: readonly Value<string>[];
          /** `--conf spark.executor.cores=4` */
          readonly sparkSubmitParameters?: Value<string>;
        };
      }
    | {
        readonly hive: {
          readonly query: Value<string>;
          readonly initQueryFile?: Value<string>;
          readonly parameters?: Value<string>;
        };
      };
  /** Spark's configuration, logs: as EMR Serverless takes it. @default the application's */
  readonly configurationOverrides?: Readonly<Record<string, unknown>>;
  readonly name?: Value<string>;
  /** @default {} */
  readonly tags?: Readonly<Record<string, Value<string>>>;
  /** EMR Serverless' own limit, whole minutes. @default a minute below the task's timeout */
  readonly executionTimeoutMinutes?: number;
  /** What this task does in a local run: `simulate(…)`, `command([…])` or `real`. @default none: it is refused here */
  readonly local?: StandIn<JobRunOutput>;
}

export interface JobRunOutput {
  readonly applicationId: string;
  readonly jobRunId: string;
  readonly state: string;
}

/**
 * Runs a Spark or Hive job on EMR Serverless and waits for its end. The application starts by itself.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html
 */
export function startJobRun({ local, ...args }: StartJobRunArgs): Call<JobRunOutput> {
  return {
    engine: emrServerlessStartJobRun.name,
    args: args as JsonObject,
    ...(local === undefined ? {} : { local }),
  };
}

/** Their members are the author's names. */
const NAMED = new Set(['tags', 'Tags', 'properties', 'Properties', 'logTypes', 'LogTypes']);

/** The job run, alone or in an envelope: AWS's documentation shows no answer. */
const RUN = '($exists($states.result.JobRun) ? $states.result.JobRun : $states.result)';

const job: SyncJob = {
  resource: 'arn:aws:states:::emr-serverless:startJobRun.sync',
  request: (args, timeoutSec) => ({
    ExecutionTimeoutMinutes: minutesBelow(timeoutSec),
    ...objectOf(pascal(args, NAMED)),
  }),
  tokenAt: ['ClientToken'],
  fields: {
    applicationId: `${RUN}.ApplicationId`,
    jobRunId: `${RUN}.JobRunId`,
    state: `${RUN}.State`,
  },
  holds: {
    condition: `$exists(${RUN}.State) ? ${RUN}.State = "SUCCESS" : true`,
    otherwise: `"the job run is " & ${RUN}.State & ": " & ${RUN}.StateDetails`,
  },
  busy: ['EMRServerless', 'EmrServerless'].flatMap((service) => [
    `${service}.ThrottlingException`,
    `${service}.ServiceQuotaExceededException`,
    `${service}.InternalServerException`,
    `${service}.${service}Exception`,
    `${service}.SdkClientException`,
  ]),
  refused: [
    ...['EMRServerless', 'EmrServerless'].flatMap((service) => [
      `${service}.ResourceNotFoundException`,
      `${service}.ValidationException`,
    ]),
    ...REFUSED_BY_STATES,
  ],
  argsOf: ({ ClientToken: _token, ...request }) => objectOf(camel(request, NAMED)),
  answer: (output) => ({ State: 'SUCCESS', ...objectOf(pascal(output, NAMED)) }),
};

export const emrServerlessStartJobRun: Engine = {
  name: 'emrServerless.startJobRun',
  // EMR Serverless' own default is 12 hours; its own limit, below this one, is always sent.
  timeoutSeconds: 43_260,
  local: 'stand-in',
  pattern: 'sync',
  sync: job,
  permissions,
};

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-emr-serverless.html#emr-serverless-iam */
function permissions({ applicationId, executionRoleArn, tags }: JsonObject): readonly Permission[] {
  const runs = named('the application', applicationId, (id) =>
    arnIn('emr-serverless', `/applications/${id}/jobruns/*`),
  );
  return [
    {
      actions: ['emr-serverless:StartJobRun'],
      ...named('the application', applicationId, (id) => arnIn('emr-serverless', `/applications/${id}`)),
    },
    {
      actions: [
        'emr-serverless:GetJobRun',
        'emr-serverless:CancelJobRun',
        ...(tags === undefined ? [] : ['emr-serverless:TagResource']),
      ],
      reason: 'the id of a job run is known only once it runs',
      ...runs,
    },
    passRole(
      'emr-serverless.amazonaws.com',
      executionRoleArn === undefined ? [] : [executionRoleArn],
      'the role is known only during a run',
    ),
    managedRule('StepFunctionsGetEventsForEMRServerlessJobRule'),
  ];
}
