/** A function that dies in its midst: after its n-th request, whose answer it never saw. */
import type { CoreClients } from '../../lib/aws/core-clients.ts';

export interface Death {
  /** Requests that were made. */
  made: number;
  isDead: boolean;
}

/** What it is killed with: nothing of it goes on. */
class Killed extends Error {
  override readonly name = 'Killed';
}

/** Clients of a function that dies with request `at`, counted from 1, of DynamoDB and Step Functions. */
export function dying(clients: CoreClients, at: number): CoreClients & { readonly death: Death } {
  const death: Death = { made: 0, isDead: false };
  const around = <T extends { send: (...args: never[]) => unknown }>(client: T): T => {
    const send = async (...args: never[]) => {
      if (death.isDead) throw new Killed();
      death.made += 1;
      const isLast = death.made === at;
      if (isLast) death.isDead = true;
      const answer = await client.send(...args);
      if (isLast) throw new Killed();
      return answer;
    };
    return new Proxy(client, { get: (of, name) => (name === 'send' ? send : Reflect.get(of, name)) });
  };
  return { ...clients, dynamodb: around(clients.dynamodb), sfn: around(clients.sfn), death };
}
