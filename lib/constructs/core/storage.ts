/** What keeps something: the table, the bucket, the log group, the queue of what could not be delivered. */
import { toSeconds } from '../../base/duration.ts';
import {
  arnOf,
  bucketName,
  deadLetterQueueName,
  logGroupName,
  machineLogGroupName,
  prefixOf,
  tableName,
} from '../../deployment/names.ts';
import { TABLE } from '../../deployment/table.ts';
import { accept } from '../acknowledge.ts';
import {
  CfnBucket,
  CfnBucketPolicy,
  CfnGlobalTable,
  CfnLogGroup,
  CfnQueue,
  CfnQueuePolicy,
  type CfnResource,
  type Construct,
} from '../cdk.ts';
import type { Setting } from '../environment.ts';
import { deleteAlways, keepAlways } from '../keep.ts';

/** Days. Histories of machines are kept as long. */
const LOG_DAYS = 90;
/** For so long what was written over or removed in a bucket that keeps versions can be had back. */
const REPLACED_DAYS = 7;
/** So much longer than their runs values stay. */
const SPARE_DAYS = 30;
const DAY_SECONDS = 86_400;
const DEAD_LETTER_SECONDS = 14 * DAY_SECONDS;

export function tableOf(scope: Construct, { place, aws, keepData }: Setting): CfnResource {
  const { partitionKey, sortKey, index, timeToLive } = TABLE;
  const attributes = [partitionKey, sortKey, index.partitionKey, index.sortKey];
  const key = aws.encryptionKey;
  const table = new CfnGlobalTable(scope, 'Table', {
    tableName: tableName(place.environment),
    billingMode: 'PAY_PER_REQUEST',
    attributeDefinitions: attributes.map((attributeName) => ({ attributeName, attributeType: 'S' })),
    keySchema: keysOf(partitionKey, sortKey),
    globalSecondaryIndexes: [
      {
        indexName: index.name,
        keySchema: keysOf(index.partitionKey, index.sortKey),
        projection: { projectionType: 'ALL' },
      },
    ],
    timeToLiveSpecification: { enabled: true, attributeName: timeToLive },
    ...(key === undefined ? {} : { sseSpecification: { sseEnabled: true, sseType: 'KMS' } }),
    replicas: [
      {
        region: place.region,
        deletionProtectionEnabled: keepData,
        pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: keepData },
        ...(key === undefined ? {} : { sseSpecification: { kmsMasterKeyId: key } }),
      },
    ],
  });
  if (!keepData) accept(table, { 'AwsSolutions-DDB3': 'data of this environment can be made again' });
  return keepData ? keepAlways(table) : deleteAlways(table);
}

function keysOf(partition: string, sort: string) {
  return [
    { attributeName: partition, keyType: 'HASH' },
    { attributeName: sort, keyType: 'RANGE' },
  ];
}

/** Files of tasks, large values, DuckDB files. */
export function bucketOf(scope: Construct, { place, aws, keepData, retention }: Setting): void {
  const name = bucketName(place);
  const key = aws.encryptionKey;
  const bucket = new CfnBucket(scope, 'Bucket', {
    bucketName: name,
    bucketEncryption: {
      serverSideEncryptionConfiguration: [
        key === undefined
          ? { serverSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }
          : {
              serverSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: key },
              bucketKeyEnabled: true,
            },
      ],
    },
    ownershipControls: { rules: [{ objectOwnership: 'BucketOwnerEnforced' }] },
    publicAccessBlockConfiguration: {
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    lifecycleConfiguration: { rules: lifecycleOf(retention) },
    ...(keepData ? { versioningConfiguration: { status: 'Enabled' } } : {}),
  });
  accept(bucket, {
    'AwsSolutions-S1': 'who read what is in CloudTrail; a log of accesses needs a bucket more',
  });
  (keepData ? keepAlways : deleteAlways)(bucket);
  new CfnBucketPolicy(scope, 'BucketPolicy', {
    bucket: bucket.ref,
    policyDocument: onlySecure('s3:*', [bucket.attrArn, `${bucket.attrArn}/*`]),
  });
}

/** What nobody asks for any more goes. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html */
function lifecycleOf({ age }: Setting['retention']) {
  const seconds = toSeconds(age);
  const status = 'Enabled';
  return [
    { id: 'unfinished', status, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
    {
      id: 'replaced',
      status,
      noncurrentVersionExpiration: { noncurrentDays: REPLACED_DAYS },
      expiredObjectDeleteMarker: true,
    },
    // Runs of any age are kept: so are their values.
    ...(seconds === undefined
      ? []
      : [
          {
            id: 'values',
            status,
            prefix: 'values/',
            expirationInDays: Math.ceil(seconds / DAY_SECONDS) + SPARE_DAYS,
          },
        ]),
  ];
}

export function logGroupsOf(scope: Construct, { place, aws }: Setting): readonly CfnResource[] {
  const key = aws.encryptionKey === undefined ? {} : { kmsKeyId: aws.encryptionKey };
  const own = new CfnLogGroup(scope, 'Logs', {
    logGroupName: logGroupName(place.environment),
    retentionInDays: LOG_DAYS,
    ...key,
  });
  if ((aws.logs ?? 'OFF') === 'OFF') return [deleteAlways(own)];
  const machines = new CfnLogGroup(scope, 'MachineLogs', {
    logGroupName: machineLogGroupName(place.environment),
    retentionInDays: LOG_DAYS,
    ...key,
  });
  return [deleteAlways(own), deleteAlways(machines)];
}

/** What reached nobody: firings, events, asynchronous calls that failed for good. */
export function deadLetters(scope: Construct, { place, aws }: Setting): CfnResource {
  const name = deadLetterQueueName(place.environment);
  const arn = arnOf(place, 'sqs', name);
  const queue = new CfnQueue(scope, 'Dead', {
    queueName: name,
    messageRetentionPeriod: DEAD_LETTER_SECONDS,
    ...(aws.encryptionKey === undefined
      ? { sqsManagedSseEnabled: true }
      : { kmsMasterKeyId: aws.encryptionKey }),
  });
  accept(queue, {
    'AwsSolutions-SQS3': 'it is the dead-letter queue itself',
    'Serverless-SQSRedrivePolicy': 'it is the dead-letter queue itself',
  });
  const secure = onlySecure('sqs:*', [arn]);
  new CfnQueuePolicy(scope, 'DeadPolicy', {
    queues: [queue.ref],
    policyDocument: {
      ...secure,
      Statement: [
        ...secure.Statement,
        {
          Effect: 'Allow',
          Action: 'sqs:SendMessage',
          Resource: arn,
          Principal: { Service: 'events.amazonaws.com' },
          Condition: {
            ArnEquals: {
              'aws:SourceArn': arnOf(place, 'events', `rule/${endedRuleName(place.environment)}`),
            },
          },
        },
      ],
    },
  });
  return deleteAlways(queue);
}

/** Of the rule that tells of executions that ended. */
export function endedRuleName(environment: string): string {
  return `${prefixOf(environment)}ended`;
}

/** Refuses what does not come by TLS. */
export function onlySecure(action: string, resources: readonly string[]) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Deny',
        Action: action,
        Resource: resources,
        Principal: { AWS: '*' },
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ] as object[],
  };
}
