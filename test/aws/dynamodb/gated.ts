import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openDynamoStore } from '../../../lib/aws/dynamodb/store.ts';
import type { Stores } from '../../orchestrator/ledger/story.ts';

type Command = Parameters<DynamoDBClient['send']>[0];

/** `each`: before a request is sent, and before a write is answered. `writes`: only that, which leaves all that there is to be left. */
export type Gates = 'each' | 'writes';

/** A table for processes that die at any of their requests. */
export function gatedStores(client: DynamoDBClient, table: string, gates: Gates = 'each'): Stores {
  const gated = (gate: () => Promise<void>) => {
    // A process passes one gate at a time, also where it asks for two things at once.
    let before: Promise<unknown> = Promise.resolve();
    const pass = async (command: Command) => {
      if (gates === 'each') await gate();
      const answer = await client.send(command);
      if (!/^(Get|BatchGet|Query)/.test(command.constructor.name)) await gate();
      return answer;
    };
    const send = async (command: Command) => {
      const mine = before.then(async () => pass(command));
      before = mine.catch(() => undefined);
      return mine;
    };
    return openDynamoStore({ client: { send } as Pick<DynamoDBClient, 'send'>, table });
  };
  return { store: openDynamoStore({ client, table }), gated };
}
