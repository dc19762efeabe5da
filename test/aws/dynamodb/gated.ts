import { openDynamoStore } from '../../../lib/aws/dynamodb/store.ts';
import type { AwsClient, Command } from '../../../lib/aws/signed/command.ts';
import type { Stores } from '../../orchestrator/ledger/story.ts';

/** `each`: before a request is sent, and before a write is answered. `writes`: only that, which leaves all that there is to be left. */
export type Gates = 'each' | 'writes';

/** A table for processes that die at any of their requests. */
export function gatedStores(client: AwsClient, table: string, gates: Gates = 'each'): Stores {
  const gated = (gate: () => Promise<void>) => {
    // A process passes one gate at a time, also where it asks for two things at once.
    let before: Promise<unknown> = Promise.resolve();
    const pass = async <Output>(command: Command<Output>): Promise<Output> => {
      if (gates === 'each') await gate();
      const answer = await client.send(command);
      if (!/^(Get|BatchGet|Query)/.test(command.name)) await gate();
      return answer;
    };
    const send = async <Output>(command: Command<Output>): Promise<Output> => {
      const mine = before.then(async () => pass(command));
      before = mine.catch(() => undefined);
      return mine;
    };
    return openDynamoStore({ client: { send }, table });
  };
  return { store: openDynamoStore({ client, table }), gated };
}
