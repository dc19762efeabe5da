/** What only tests ask of DynamoDB: they make tables, and read whole ones. */
import type {
  CreateTableCommandInput,
  CreateTableCommandOutput,
  ScanCommandInput,
  ScanCommandOutput,
} from '@aws-sdk/client-dynamodb';
import { type AwsClient, commandOf } from '../../../lib/aws/signed/command.ts';
import { DYNAMODB, jsonClient } from '../../../lib/aws/signed/json-client.ts';

export const CreateTableCommand = commandOf<CreateTableCommandInput, CreateTableCommandOutput>('CreateTable');
export const ScanCommand = commandOf<ScanCommandInput, ScanCommandOutput>('Scan');

/** Of Amazon's own DynamoDB on this machine. */
export function clientAt(endpoint: string): AwsClient {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return jsonClient(
    { region: 'us-east-1', credentials: () => credentials, endpoint: () => endpoint },
    DYNAMODB,
  );
}
