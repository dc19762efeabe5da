/** Clients of the services that engines use. */
import type { AwsAccess } from './call.ts';
import type { AwsClient } from './command.ts';
import { ATHENA, DYNAMODB, jsonClient, STATES } from './json-client.ts';
import { lambdaClient } from './lambda.ts';
import { s3Client } from './s3.ts';

export interface Clients {
  readonly athena: () => Promise<AwsClient>;
  readonly dynamodb: () => Promise<AwsClient>;
  readonly lambda: () => Promise<AwsClient>;
  readonly s3: () => Promise<AwsClient>;
  readonly sfn: () => Promise<AwsClient>;
}

export function awsClients(access: AwsAccess): Clients {
  return {
    athena: async () => jsonClient(access, ATHENA),
    dynamodb: async () => jsonClient(access, DYNAMODB),
    lambda: async () => lambdaClient(access),
    s3: async () => s3Client(access),
    sfn: async () => jsonClient(access, STATES),
  };
}
