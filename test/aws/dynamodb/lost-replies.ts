/** A client to which the reply of each first write is lost: it is repeated, as one that timed out would be. */
import type { AwsClient } from '../../../lib/aws/signed/command.ts';

export interface Losing {
  readonly client: AwsClient;
  /** Writes so far that were done and not answered. */
  readonly lost: () => number;
}

/** Each write is done twice: its first reply is lost. */
export function losingReplies(client: AwsClient): Losing {
  let lost = 0;
  return {
    lost: () => lost,
    client: {
      async send(command) {
        const reply = await client.send(command);
        if (/^(Get|BatchGet|Query)/.test(command.name)) return reply;
        lost += 1;
        return client.send(command);
      },
    },
  };
}
