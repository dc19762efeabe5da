/** Words that policies of deployed parts are written in. Every `*` has its reason: it is shown, and tested. */
import { compareTexts } from '../base/compare.ts';
import type { Permission } from '../engines/permission.ts';
import { type AwsPlace, arnOf, bucketName, logGroupName, prefixOf, tableName } from './names.ts';
import { TABLE } from './table.ts';

type Conditions = Permission['conditions'];

export function allow(
  actions: readonly string[],
  resources: readonly string[],
  more: { readonly conditions?: Conditions; readonly reason?: string } = {},
): Permission {
  const { conditions, reason } = more;
  return {
    actions,
    resources,
    ...(conditions === undefined ? {} : { conditions }),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A function, all its versions too. */
export function functionArns(place: AwsPlace, name: string): readonly string[] {
  const arn = arnOf(place, 'lambda', `function:${name}`);
  return [arn, `${arn}:*`];
}

export function tableArn(place: AwsPlace): string {
  return arnOf(place, 'dynamodb', `table/${tableName(place.environment)}`);
}

export function indexArn(place: AwsPlace): string {
  return `${tableArn(place)}/index/${TABLE.index.name}`;
}

/** Every machine of the environment. */
export function machinesArn(place: AwsPlace): string {
  return arnOf(place, 'states', `stateMachine:${prefixOf(place.environment)}*`);
}

export function executionsArn(place: AwsPlace): string {
  return arnOf(place, 'states', `execution:${prefixOf(place.environment)}*`);
}

export function bucketArn(place: AwsPlace): string {
  return `arn:${place.partition}:s3:::${bucketName(place)}`;
}

export function writeLogs(place: AwsPlace): Permission {
  const group = arnOf(place, 'logs', `log-group:${logGroupName(place.environment)}`);
  return allow(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${group}:*`], {
    reason: 'streams of the one log group of the environment',
  });
}

/**
 * Items whose partition key is one of these; `*` in them stands for any text.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export function leadingKeys(keys: readonly string[]): Conditions {
  return { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } };
}

/** Values of secrets by name or ARN; Secrets Manager ends an ARN by six characters of its own. */
export function readSecrets(place: AwsPlace, secrets: readonly string[]): readonly Permission[] {
  if (secrets.length === 0) return [];
  const arns = [...new Set(secrets)]
    .sort(compareTexts)
    .map((secret) =>
      secret.startsWith('arn:')
        ? secret
        : arnOf(place, 'secretsmanager', `secret:${secret}${secret.endsWith('*') ? '' : '-??????'}`),
    );
  const reason = arns.some((arn) => arn.endsWith('*'))
    ? { reason: 'secrets that the DAG names by how they begin' }
    : {};
  return [allow(['secretsmanager:GetSecretValue'], arns, reason)];
}

/** Use of the key that everything is encrypted with. */
export function useKey(key: string | undefined): readonly Permission[] {
  return key === undefined ? [] : [allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key])];
}

/** What a function in a VPC, or with X-Ray, is allowed besides. */
export function surroundings(options: {
  readonly vpc: boolean;
  readonly tracing: boolean;
  /** Execution logs of machines. @default false */
  readonly logs?: boolean;
}): readonly Permission[] {
  return [
    ...(options.vpc
      ? [
          allow(
            [
              'ec2:CreateNetworkInterface',
              'ec2:DeleteNetworkInterface',
              'ec2:DescribeNetworkInterfaces',
              'ec2:DescribeSubnets',
              'ec2:AssignPrivateIpAddresses',
              'ec2:UnassignPrivateIpAddresses',
            ],
            ['*'],
            {
              reason: 'Lambda makes the network interfaces of functions in a VPC: it asks for every resource',
            },
          ),
        ]
      : []),
    ...(options.logs === true
      ? [
          allow(
            [
              'logs:CreateLogDelivery',
              'logs:DeleteLogDelivery',
              'logs:DescribeLogGroups',
              'logs:DescribeResourcePolicies',
              'logs:GetLogDelivery',
              'logs:ListLogDeliveries',
              'logs:PutResourcePolicy',
              'logs:UpdateLogDelivery',
            ],
            ['*'],
            { reason: 'deliveries of logs have no resource types' },
          ),
        ]
      : []),
    ...(options.tracing
      ? [
          allow(
            [
              'xray:PutTraceSegments',
              'xray:PutTelemetryRecords',
              'xray:GetSamplingRules',
              'xray:GetSamplingTargets',
            ],
            ['*'],
            { reason: 'X-Ray has no resource types for writing' },
          ),
        ]
      : []),
  ];
}
