/** Clients of what Core's functions use. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import type { SNSClient } from '@aws-sdk/client-sns';
import { dynamoClient } from './dynamodb/client.ts';

/** The table and Step Functions are in every path; the others are loaded as they are first asked for. */
export interface CoreClients {
  readonly dynamodb: DynamoDBClient;
  readonly sfn: SFNClient;
  readonly events: () => Promise<EventBridgeClient>;
  readonly lambda: () => Promise<LambdaClient>;
  readonly s3: () => Promise<S3Client>;
  readonly secrets: () => Promise<SecretsManagerClient>;
  readonly sns: () => Promise<SNSClient>;
}

/** What is throttled is asked for again, ever more slowly: an account has 20 histories a second for all its runs. */
const PATIENT = { retryMode: 'adaptive', maxAttempts: 10 } as const;

/** By the process's environment: region, credentials, endpoints. `pathStyle`: of S3 on emulators, the bucket in the path. */
export function coreClients({ pathStyle = false }: { readonly pathStyle?: boolean } = {}): CoreClients {
  return {
    dynamodb: dynamoClient(),
    sfn: new SFNClient(PATIENT),
    events: once(async () => new (await import('@aws-sdk/client-eventbridge')).EventBridgeClient(PATIENT)),
    lambda: once(async () => new (await import('@aws-sdk/client-lambda')).LambdaClient(PATIENT)),
    s3: once(
      async () =>
        new (await import('@aws-sdk/client-s3')).S3Client({ ...PATIENT, forcePathStyle: pathStyle }),
    ),
    secrets: once(
      async () => new (await import('@aws-sdk/client-secrets-manager')).SecretsManagerClient(PATIENT),
    ),
    sns: once(async () => new (await import('@aws-sdk/client-sns')).SNSClient(PATIENT)),
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
