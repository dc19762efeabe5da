/** Tables of the DynamoDB Local that all files of tests share, for tests of Core. */
import type { Table } from '../../lib/aws/table.ts';
import { type DynamoDBLocal, dynamoDBLocal } from './dynamodb-local.ts';

const local = await dynamoDBLocal();

/** Whether there are any: else tests skip themselves. */
export const hasTables = local !== undefined;

/** Where they answer. */
export function tablesUrl(): string {
  return installed().url;
}

/** A new table, empty; by a name of its own where none is given. */
export async function newTable(name?: string): Promise<Table> {
  const { client, newTable: make } = installed();
  return { client: client(), name: await make(name) };
}

function installed(): DynamoDBLocal {
  if (local === undefined) throw new Error('DynamoDB Local is not installed here');
  return local;
}
