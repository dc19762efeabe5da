/** DynamoDB's API as one function. */
import type { JsonObject } from '../../base/json.ts';
import type { AwsClient } from '../signed/command.ts';
import { busyOr } from './busy.ts';
import type { TableCall } from './ledger.ts';

/** Faults of the table are not the task's: they are `Engine.Busy`, and the call is made again. */
export function tableCall(client: () => Promise<AwsClient>): TableCall {
  return async (operation, input) => {
    const dynamodb = await client();
    try {
      return await dynamodb.send<JsonObject>({ name: operation, input });
    } catch (thrown) {
      throw busyOr(thrown, (error) => error);
    }
  };
}
