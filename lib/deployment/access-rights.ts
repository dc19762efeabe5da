/** What people and programs outside of an environment may do with it, by what they do. */
import type { Permission } from '../engines/permission.ts';
import { look, read, readLogs } from './core-rights.ts';
import {
  type AwsPlace,
  arnOf,
  CORE_FUNCTIONS,
  type CoreFunction,
  coreFunctionName,
  deadLetterQueueName,
  prefixOf,
} from './names.ts';
import { allow, machinesArn } from './rights.ts';

/** Who asks what ran, and whether everything is there (`tutti doctor`). */
export function readerRights(place: AwsPlace): readonly Permission[] {
  const { environment } = place;
  // Where the command line reads the addresses.
  const addresses = arnOf(place, 'ssm', `parameter/tutti/${environment}/api`);
  const core = CORE_FUNCTIONS.map((name) => functionArn(place, name));
  return [
    allow(['ssm:GetParameter'], [addresses]),
    ...address(place, 'api-read'),
    look(place),
    readLogs(place),
    allow(['cloudformation:DescribeStacks'], [stackArn(place, 'CDKToolkit'), ownStacks(place)], {
      reason: STACK_IDS,
    }),
    allow(['lambda:GetFunctionConfiguration'], core),
    allow(
      ['sqs:GetQueueAttributes', 'sqs:GetQueueUrl'],
      [arnOf(place, 'sqs', deadLetterQueueName(environment))],
    ),
  ];
}

/** Who runs, and removes what no run needs any more (`tutti gc`), besides what readers may. */
export function operatorRights(place: AwsPlace): readonly Permission[] {
  const { environment, account, partition } = place;
  const functions = arnOf(place, 'lambda', `function:${prefixOf(environment)}*`);
  const policies = `arn:${partition}:iam::${account}:policy/tutti/${environment}/*/*`;
  const old = 'versions and roles of this environment that no run needs any more';
  return [
    ...address(place, 'api-write'),
    allow(['lambda:InvokeFunction'], [functionArn(place, 'backfill')]),
    read(place),
    allow(
      ['states:DeleteStateMachineVersion', 'states:DescribeStateMachine', 'states:ListStateMachineVersions'],
      [machinesArn(place)],
      { reason: old },
    ),
    // With a version only: the functions themselves are CloudFormation's.
    allow(['lambda:DeleteFunction'], [`${functions}:*`], { reason: old }),
    allow(['lambda:ListVersionsByFunction'], [functions], { reason: old }),
    allow(
      [
        'iam:DeleteRole',
        'iam:DeleteRolePolicy',
        'iam:DetachRolePolicy',
        'iam:GetRole',
        'iam:ListAttachedRolePolicies',
        'iam:ListRolePolicies',
      ],
      [rolesOfDags(place)],
      { reason: old },
    ),
    allow(['iam:DeletePolicy'], [policies], { reason: old }),
    allow(['iam:ListRoles', 'lambda:ListFunctions', 'states:ListStateMachines'], ['*'], {
      reason: 'what an account has is listed as a whole',
    }),
  ];
}

/**
 * Who tries a deployment (`tutti smoke`), besides what readers may, and with runs of canaries operators. To pass roles is
 * to do what DAGs may: it is for those who deploy. `encryptionKey`: ARN, of the environment.
 */
export function smokeRights(place: AwsPlace, encryptionKey?: string): readonly Permission[] {
  const roles = [rolesOfDags(place)];
  return [
    allow(['cloudformation:DescribeStackEvents'], [ownStacks(place)], { reason: STACK_IDS }),
    allow(['states:DescribeStateMachine'], [machinesArn(place)], { reason: 'DAGs come and go' }),
    // Definitions are encrypted by it.
    ...(encryptionKey === undefined ? [] : [allow(['kms:Decrypt'], [encryptionKey])]),
    allow(['states:TestState', 'states:ValidateStateMachineDefinition'], ['*'], {
      reason: 'a definition that is only looked at is no resource',
    }),
    allow(['iam:GetRole'], roles, { reason: 'DAGs come and go' }),
    allow(['iam:PassRole'], roles, {
      conditions: { StringEquals: { 'iam:PassedToService': 'states.amazonaws.com' } },
      reason: 'DAGs come and go',
    }),
  ];
}

const STACK_IDS = 'CloudFormation gives stacks ids, and DAGs are divided among stacks by configuration';

/** A DAG's are a folder deeper than Core's. */
function rolesOfDags({ partition, account, environment }: AwsPlace): string {
  return `arn:${partition}:iam::${account}:role/tutti/${environment}/*/*`;
}

function ownStacks(place: AwsPlace): string {
  return stackArn(place, `${prefixOf(place.environment)}*`);
}

function stackArn(place: AwsPlace, name: string): string {
  return arnOf(place, 'cloudformation', `stack/${name}/*`);
}

function functionArn(place: AwsPlace, name: CoreFunction): string {
  return arnOf(place, 'lambda', `function:${coreFunctionName(place.environment, name)}`);
}

/** An address is called by both of these. @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
function address(place: AwsPlace, name: CoreFunction): readonly Permission[] {
  const arn = functionArn(place, name);
  return [
    allow(['lambda:InvokeFunctionUrl'], [arn], {
      conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    }),
    allow(['lambda:InvokeFunction'], [arn], {
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    }),
  ];
}
