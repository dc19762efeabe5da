/** Clients of what operators look at, with the credentials of whoever types. Loaded only by their commands. */
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { IAMClient } from '@aws-sdk/client-iam';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { STSClient } from '@aws-sdk/client-sts';
import type { CheckClients } from './checks.ts';
import type { OperatorClients } from './inventory.ts';

export function operatorClients(region: string): OperatorClients & CheckClients {
  return {
    sfn: new SFNClient({ region }),
    lambda: new LambdaClient({ region }),
    iam: new IAMClient({ region }),
    sts: new STSClient({ region }),
    cloudformation: new CloudFormationClient({ region }),
    sqs: new SQSClient({ region }),
  };
}

/** One of the interpreter here, or of Step Functions at an address. @see StateTesting */
export function statesClient(region: string, endpoint?: string): SFNClient {
  if (endpoint === undefined) return new SFNClient({ region });
  const credentials = { accessKeyId: 'here', secretAccessKey: 'here' };
  // TestState would go to a host of another name.
  return new SFNClient({ region, endpoint, credentials, disableHostPrefix: true });
}
