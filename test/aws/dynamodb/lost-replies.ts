/** A client to which the reply of each first write is lost: it is repeated, as one that timed out would be. */
import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** Attempts without pauses between them. */
export const AT_ONCE: DynamoDBClientConfig = {
  retryStrategy: {
    acquireInitialRetryToken: async () => tokenOf(0),
    refreshRetryTokenForRetry: async (token, { error }) => {
      if (token.getRetryCount() >= 7) throw error;
      return tokenOf(token.getRetryCount() + 1);
    },
    recordSuccess: () => undefined,
  },
};

function tokenOf(count: number) {
  return { getRetryCount: () => count, getRetryDelay: () => 0 };
}

export interface Lost {
  /** Writes that were done and not answered. */
  count: number;
}

/** From now on each write is done twice: its first reply is lost. */
export function losingReplies(client: DynamoDBClient): Lost {
  const lost: Lost = { count: 0 };
  const repeated = new WeakSet<object>();
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        const result = await next(args);
        const isRead = /^(Get|BatchGet|Query)/.test(commandName);
        if (isRead || repeated.has(args.input)) return result;
        repeated.add(args.input);
        lost.count++;
        throw Object.assign(new Error(`the reply to ${commandName} was lost`), { name: 'TimeoutError' });
      },
    { step: 'deserialize', priority: 'high', name: 'losingReplies' },
  );
  return lost;
}
