/** DynamoDB Local: AWS's own engine, in memory; a table as an environment has it for each who asks. */
import { randomUUID } from 'node:crypto';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { describe, inject, test } from 'vitest';
import type { AwsClient } from '../../lib/aws/signed/command.ts';
import { tableName } from '../../lib/deployment/names.ts';
import { TABLE } from '../../lib/deployment/table.ts';
import { CreateTableCommand, clientAt } from './dynamodb/commands.ts';

export interface DynamoDBLocal {
  /** Where it answers. */
  readonly url: string;
  /** The one that all share. */
  client(): AwsClient;
  /** Makes a table, and gives its name; one of its own where none is given. */
  newTable(name?: string): Promise<string>;
}

/**
 * Tests on the DynamoDB Local that all files share (`one-dynamodb.ts`). Where it cannot be had they are skipped, after a line that
 * says why; with `TUTTI_REQUIRE_EMULATOR=1` that is an error.
 */
export async function onDynamoDB(name: string, tests: (local: DynamoDBLocal) => void): Promise<void> {
  const local = await dynamoDBLocal();
  describe.skipIf(local === undefined)(name, () => {
    if (local === undefined) return test('needs DynamoDB Local', () => undefined);
    return tests(local);
  });
}

/** The one that all files share; undefined, after a line that says why, where it cannot be had. */
export async function dynamoDBLocal(): Promise<DynamoDBLocal | undefined> {
  const reply = await fetch(inject('dynamodbDoor'));
  const told = await reply.text();
  if (reply.ok) return localAt(told);
  if (process.env['TUTTI_REQUIRE_EMULATOR'] === '1') throw new Error(`DynamoDB Local: ${told}`);
  process.stderr.write(`DynamoDB Local: ${told}; its tests are skipped\n`);
  return undefined;
}

function localAt(url: string): DynamoDBLocal {
  const client = clientAt(url);
  return {
    url,
    client: () => client,
    async newTable(name = tableName(newEnvironment())) {
      await client.send(new CreateTableCommand(definitionOf(name)));
      return name;
    },
  };
}

function newEnvironment(): string {
  return `t${randomUUID().replaceAll('-', '').slice(0, 11)}`;
}

/** The table as its construct makes it. */
function definitionOf(name: string): CreateTableCommandInput {
  const { partitionKey, sortKey, index } = TABLE;
  const keys = [partitionKey, sortKey, index.partitionKey, index.sortKey];
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' as const })),
    KeySchema: schemaOf(partitionKey, sortKey),
    GlobalSecondaryIndexes: [
      {
        IndexName: index.name,
        KeySchema: schemaOf(index.partitionKey, index.sortKey),
        Projection: { ProjectionType: 'ALL' },
      },
    ],
  };
}

function schemaOf(partitionKey: string, sortKey: string) {
  return [
    { AttributeName: partitionKey, KeyType: 'HASH' as const },
    { AttributeName: sortKey, KeyType: 'RANGE' as const },
  ];
}
