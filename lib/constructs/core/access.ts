/** Two managed policies for people and programs that look, and that work, from outside. */
import { look, read, readLogs } from '../../deployment/core-rights.ts';
import {
  type AwsPlace,
  arnOf,
  type CoreFunction,
  coreFunctionName,
  prefixOf,
} from '../../deployment/names.ts';
import { allow, machinesArn } from '../../deployment/rights.ts';
import type { Permission } from '../../engines/permission.ts';
import { acknowledge } from '../acknowledge.ts';
import { CfnManagedPolicy, type Stack } from '../cdk.ts';
import type { Setting } from '../environment.ts';
import { documentOf, statementsOf } from '../policy.ts';

export function accessPolicies(stack: Stack, { place }: Setting): void {
  policy(stack, place, { id: 'Reader', says: 'Asks what ran', rights: readerRights(place) });
  policy(stack, place, {
    id: 'Operator',
    says: 'Asks what ran, and runs',
    rights: [...readerRights(place), ...operatorRights(place)],
  });
}

function readerRights(place: AwsPlace): readonly Permission[] {
  // Where the command line reads the addresses.
  const addresses = arnOf(place, 'ssm', `parameter/tutti/${place.environment}/api`);
  return [
    allow(['ssm:GetParameter'], [addresses]),
    ...address(place, 'api-read'),
    look(place),
    readLogs(place),
  ];
}

function operatorRights(place: AwsPlace): readonly Permission[] {
  const { environment, account, partition } = place;
  const functions = arnOf(place, 'lambda', `function:${prefixOf(environment)}*`);
  // A DAG's are a folder deeper than Core's, which nobody removes.
  const [roles = '', policies = ''] = ['role', 'policy'].map(
    (kind) => `arn:${partition}:iam::${account}:${kind}/tutti/${environment}/*/*`,
  );
  const backfill = arnOf(place, 'lambda', `function:${coreFunctionName(environment, 'backfill')}`);
  const old = 'versions and roles of this environment that no run needs any more';
  return [
    ...address(place, 'api-write'),
    allow(['lambda:InvokeFunction'], [backfill]),
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
      [roles],
      { reason: old },
    ),
    allow(['iam:DeletePolicy'], [policies], { reason: old }),
    allow(['iam:ListRoles', 'lambda:ListFunctions', 'states:ListStateMachines'], ['*'], {
      reason: 'what an account has is listed as a whole',
    }),
  ];
}

/** An address is called by both of these. @see https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html */
function address(place: AwsPlace, name: CoreFunction): readonly Permission[] {
  const arn = arnOf(place, 'lambda', `function:${coreFunctionName(place.environment, name)}`);
  return [
    allow(['lambda:InvokeFunctionUrl'], [arn], {
      conditions: { StringEquals: { 'lambda:FunctionUrlAuthType': 'AWS_IAM' } },
    }),
    allow(['lambda:InvokeFunction'], [arn], {
      conditions: { Bool: { 'lambda:InvokedViaFunctionUrl': 'true' } },
    }),
  ];
}

interface Named {
  readonly id: 'Reader' | 'Operator';
  readonly says: string;
  readonly rights: readonly Permission[];
}

function policy(stack: Stack, { environment }: AwsPlace, { id, says, rights }: Named): void {
  const made = new CfnManagedPolicy(stack, id, {
    managedPolicyName: `${prefixOf(environment)}${id.toLowerCase()}`,
    description: `${says} in ${environment}.`,
    policyDocument: documentOf(statementsOf(rights)),
  });
  acknowledge(made, rights);
}
