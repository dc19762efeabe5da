/** Everything that scenarios play on. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SFNClient } from '@aws-sdk/client-sfn';
import { arnOf, type CoreFunction, coreFunctionName, dagName } from '../../lib/deployment/names.ts';
import type { Cdk } from './cdk.ts';
import { ACCOUNT, REGION } from './credentials.ts';
import type { Emulator } from './emulator.ts';
import { type Json, parseObject } from './json.ts';
import type { Outside } from './outside.ts';
import type { Project } from './project.ts';
import type { Side, Urls } from './sides.ts';

export interface Clients {
  readonly cloudFormation: CloudFormationClient;
  readonly dynamodb: DynamoDBClient;
  readonly lambda: LambdaClient;
  readonly s3: S3Client;
  readonly sfn: SFNClient;
}

export interface Stage {
  readonly emulator: Emulator;
  readonly clients: Clients;
  readonly project: Project;
  readonly outside: Outside;
  readonly cdk: Cdk;
  /** Of the status API. */
  readonly urls: Urls;
  readonly deployed: Side;
}

/** What has names in the account that is deployed to. */
export const PLACE = { environment: 'dev', account: ACCOUNT, region: REGION, partition: 'aws' };

export function machineArn(dagId: string): string {
  return arnOf(PLACE, 'states', `stateMachine:${dagName('dev', dagId, '0')}`);
}

/** `name`: of an execution of a DAG's machine, as its run keeps it. */
export function executionArn(dagId: string, name: string): string {
  return arnOf(PLACE, 'states', `execution:${dagName('dev', dagId, '0')}:${name}`);
}

/** Invokes a function of Core and waits for its answer. @throws {Error} what the function threw */
export async function invoke(lambda: LambdaClient, name: CoreFunction, event: Json): Promise<Json> {
  const FunctionName = coreFunctionName('dev', name);
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName, Payload: Buffer.from(JSON.stringify(event)) }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) {
    const { errorType, errorMessage } = parseObject(text);
    throw new Error(`${FunctionName}: ${String(errorType)}: ${String(errorMessage)}`);
  }
  return text === '' ? null : JSON.parse(text);
}
