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

/** Of the interpreter here: it takes any credentials. @see StateTesting */
export function clientHere(endpoint: string): SFNClient {
  const credentials = { accessKeyId: 'here', secretAccessKey: 'here' };
  return new SFNClient({ region: 'us-east-1', endpoint, credentials, disableHostPrefix: true });
}

/** Of Step Functions; `isEmulated`: of a host that does not answer by another name to TestState, as AWS's does. */
export function clientThere(region: string, isEmulated: boolean): SFNClient {
  return new SFNClient({ region, disableHostPrefix: isEmulated });
}
