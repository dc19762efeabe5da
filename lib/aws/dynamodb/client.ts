import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * A client for stores. What is throttled, times out or meets an error of the service is asked again, ever more slowly: of
 * what reached the table and was not answered the store knows its own writes.
 */
export function dynamoClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    retryMode: 'adaptive',
    maxAttempts: 8,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 },
    ...config,
  });
}
