/** DynamoDB's API as one function, over the client of the SDK. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { JsonObject } from '../../base/json.ts';
import { busyOr } from './busy.ts';
import type { TableCall } from './ledger.ts';

/** Faults of the table are not the task's: they are `Engine.Busy`, and the call is made again. */
export function tableCall(client: () => Promise<DynamoDBClient>): TableCall {
  return async (operation, input) => {
    const sdk = await import('@aws-sdk/client-dynamodb');
    const commands = {
      BatchGetItem: sdk.BatchGetItemCommand,
      PutItem: sdk.PutItemCommand,
      Query: sdk.QueryCommand,
      UpdateItem: sdk.UpdateItemCommand,
    };
    const dynamodb = await client();
    const Command = commands[operation] as unknown as new (
      given: JsonObject,
    ) => InstanceType<typeof sdk.QueryCommand>;
    try {
      return (await dynamodb.send(new Command(input))) as unknown as JsonObject;
    } catch (thrown) {
      throw busyOr(thrown, (error) => error);
    }
  };
}
