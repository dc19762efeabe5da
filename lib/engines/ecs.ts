import type { Json, JsonObject } from '../base/json.ts';
import type { Value } from '../model/ref.ts';
import type { Call, Engine } from './engine.ts';
import type { StandIn } from './local.ts';
import { arnIn, listOf, managedRule, named, type Permission, passRole } from './permission.ts';
import { camel, objectOf, pascal, REFUSED_BY_STATES, type SyncJob } from './sync.ts';

export interface RunTaskArgs {
  /** Family, `family:revision`, or ARN. */
  readonly taskDefinition: Value<string>;
  /** Name or ARN. @default 'default' */
  readonly cluster?: Value<string>;
  /** @default the cluster's capacity providers */
  readonly launchType?: Value<'FARGATE' | 'EC2' | 'EXTERNAL'>;
  readonly capacityProviderStrategy?: readonly {
    readonly capacityProvider: Value<string>;
    readonly weight?: Value<number>;
    readonly base?: Value<number>;
  }[];
  /** Fargate needs one. @default none */
  readonly networkConfiguration?: {
    readonly awsvpcConfiguration: {
      readonly subnets: readonly Value<string>[];
      readonly securityGroups?: readonly Value<string>[];
      /** @default 'DISABLED' */
      readonly assignPublicIp?: Value<'ENABLED' | 'DISABLED'>;
    };
  };
  /** Over the task definition: what containers run, with which variables. @default nothing */
  readonly overrides?: {
    readonly containerOverrides?: readonly {
      readonly name: Value<string>;
      readonly command?: readonly Value<string>[];
      readonly environment?: readonly { readonly name: string; readonly value: Value<string> }[];
      readonly cpu?: Value<number>;
      /** MiB */
      readonly memory?: Value<number>;
    }[];
    /** CPU units, as text. */
    readonly cpu?: Value<string>;
    /** MiB, as text. */
    readonly memory?: Value<string>;
    readonly taskRoleArn?: Value<string>;
    readonly executionRoleArn?: Value<string>;
  };
  readonly platformVersion?: Value<string>;
  readonly propagateTags?: Value<'TASK_DEFINITION' | 'SERVICE'>;
  readonly tags?: readonly { readonly key: string; readonly value: Value<string> }[];
  /** ARNs of the roles that the task definition names: the machine may hand on no others. Not sent. @default any of the account */
  readonly passRoles?: readonly string[];
  /** What this task does in a local run: `simulate(…)`, `command([…])` or `real`. @default none: it is refused here */
  readonly local?: StandIn<TaskOutput>;
}

export interface TaskOutput {
  readonly taskArn: string;
  /** Of the first container: 0. */
  readonly exitCode: number;
  readonly containers: readonly { readonly name: string; readonly exitCode: number }[];
  readonly stoppedReason: string;
}

/**
 * Runs a container as an ECS task, on Fargate or the cluster's own machines, and waits for its end. It fails where an
 * essential container ends with another code than 0, or with none: it never started. The task's `timeout` stops it.
 *
 * @example task('train', ecs.runTask({ taskDefinition: 'train', cluster: 'jobs', launchType: 'FARGATE', … }), { timeout: '4h' })
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
 */
export function runTask({ local, ...args }: RunTaskArgs): Call<TaskOutput> {
  return { engine: ecsRunTask.name, args: args as JsonObject, ...(local === undefined ? {} : { local }) };
}

const NOTHING_NAMED: ReadonlySet<string> = new Set();
const RESULT = '$states.result';

const job: SyncJob = {
  resource: 'arn:aws:states:::ecs:runTask.sync',
  request: ({ passRoles: _roles, ...args }) => objectOf(pascal(args, NOTHING_NAMED)),
  tokenAt: ['ClientToken'],
  fields: {
    taskArn: `${RESULT}.TaskArn`,
    exitCode: `${RESULT}.Containers[0].ExitCode`,
    containers: `[${RESULT}.Containers.{"name": Name, "exitCode": ExitCode}]`,
    stoppedReason: `${RESULT}.StoppedReason`,
  },
  holds: {
    condition: `$count(${RESULT}.Containers) > 0 and $count(${RESULT}.Containers[$not($exists(ExitCode))]) = 0`,
    otherwise: `"a container has no exit code, it never started: " & ${RESULT}.StopCode & ": " & ${RESULT}.StoppedReason`,
  },
  busy: [
    'ECS.AmazonECSException',
    'ECS.ServerException',
    'ECS.ThrottlingException',
    'ECS.LimitExceededException',
    'ECS.SdkClientException',
  ],
  refused: [
    'ECS.ClientException',
    'ECS.InvalidParameterException',
    'ECS.ClusterNotFoundException',
    'ECS.AccessDeniedException',
    'ECS.UnsupportedFeatureException',
    'ECS.PlatformUnknownException',
    'ECS.PlatformTaskDefinitionIncompatibilityException',
    ...REFUSED_BY_STATES,
  ],
  argsOf: ({ ClientToken: _token, ...request }) => objectOf(camel(request, NOTHING_NAMED)),
  answer: ({ taskArn, exitCode = 0, containers, stoppedReason }) => ({
    TaskArn: taskArn,
    Containers: Array.isArray(containers)
      ? containers.map((each: Json) => pascal(each, NOTHING_NAMED))
      : [{ Name: 'local', ExitCode: exitCode }],
    StoppedReason: stoppedReason,
  }),
};

export const ecsRunTask: Engine = {
  name: 'ecs.runTask',
  // ECS knows no limit: a day, so that nothing runs for ever.
  timeoutSeconds: 86_400,
  local: 'stand-in',
  pattern: 'sync',
  sync: job,
  permissions,
};

/** @see https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html#ecs-iam */
function permissions({ taskDefinition, cluster, overrides, passRoles, tags }: JsonObject): Permission[] {
  const { taskRoleArn, executionRoleArn } = objectOf(overrides);
  const roles = [...listOf(passRoles), ...[taskRoleArn, executionRoleArn].flatMap((role) => role ?? [])];
  const isIn = inCluster(cluster);
  return [
    {
      actions: ['ecs:RunTask'],
      ...named('the task definition', familyOf(taskDefinition), (family) =>
        arnIn('ecs', `task-definition/${family}:*`),
      ),
      ...isIn,
    },
    {
      actions: ['ecs:StopTask', 'ecs:DescribeTasks'],
      resources: ['*'],
      reason: 'the ARN of a task is known only once it runs',
      ...isIn,
    },
    passRole(
      'ecs-tasks.amazonaws.com',
      listOf(passRoles).length === 0 ? [] : roles,
      'which roles a task definition names is known to ECS alone; say passRoles',
    ),
    ...(tags === undefined ? [] : [tagging]),
    managedRule('StepFunctionsGetEventsForECSTaskRule'),
  ];
}

const tagging: Permission = {
  actions: ['ecs:TagResource'],
  resources: [arnIn('ecs', 'task/*')],
  conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
  reason: 'the ARN of a task is known only once it runs',
};

/** `family:3` and an ARN of a revision are of a family: any revision of it. */
function familyOf(taskDefinition: Json | undefined): Json | undefined {
  if (typeof taskDefinition !== 'string') return taskDefinition;
  const [family = ''] = taskDefinition.replace(/^arn:.*task-definition\//, '').split(':');
  return family;
}

function inCluster(cluster: Json | undefined): Pick<Permission, 'conditions'> {
  if (cluster !== undefined && typeof cluster !== 'string') return {};
  const name = cluster ?? 'default';
  const arn = name.startsWith('arn:') ? name : arnIn('ecs', `cluster/${name}`);
  return { conditions: { ArnEquals: { 'ecs:cluster': arn } } };
}
