/** Clients of what Core's functions use. */
import type { SNSClient } from '@aws-sdk/client-sns';
import type { AwsAccess } from './signed/call.ts';
import type { AwsClient } from './signed/command.ts';
import { DYNAMODB, EVENTS, jsonClient, SECRETS, STATES } from './signed/json-client.ts';
import { lambdaClient } from './signed/lambda.ts';
import { s3Client } from './signed/s3.ts';

/** By signed requests; only topics are told by the SDK, which is loaded as the first one is. */
export interface CoreClients {
  readonly dynamodb: AwsClient;
  readonly events: AwsClient;
  readonly lambda: AwsClient;
  readonly s3: AwsClient;
  readonly secrets: AwsClient;
  readonly sfn: AwsClient;
  readonly sns: () => Promise<Pick<SNSClient, 'send'>>;
}

/** What is throttled is asked for again, ever more slowly: an account has 20 histories a second for all its runs. */
const TRIES = 10;

export function coreClients(of: AwsAccess): CoreClients {
  const access = { ...of, tries: TRIES };
  let sns: Promise<SNSClient> | undefined;
  return {
    dynamodb: jsonClient(access, DYNAMODB),
    events: jsonClient(access, EVENTS),
    lambda: lambdaClient(access),
    s3: s3Client(access),
    secrets: jsonClient(access, SECRETS),
    sfn: jsonClient(access, STATES),
    sns: () => {
      sns ??= loadSns();
      return sns;
    },
  };
}

async function loadSns(): Promise<SNSClient> {
  const { SNSClient } = await import('@aws-sdk/client-sns');
  return new SNSClient({ retryMode: 'adaptive', maxAttempts: TRIES });
}
