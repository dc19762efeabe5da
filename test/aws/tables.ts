/** Amazon's own DynamoDB, on this machine, for one file of tests; each test has a table of its own. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { AwsClient } from '../../lib/aws/signed/command.ts';
import type { Table } from '../../lib/aws/table.ts';
import { tableName } from '../../lib/deployment/names.ts';
import { TABLE } from '../../lib/deployment/table.ts';
import { freePort, start } from '../emulator/children.ts';
import { install } from '../emulator/install.ts';
import { CreateTableCommand, clientAt } from './dynamodb/commands.ts';

/** Whether it is installed: `npm run test:asl` does so once. */
export const hasTables = existsSync('.tutti/emulator');

export interface Tables {
  readonly endpoint: string;
  readonly client: AwsClient;
  /** A new table, empty; by a name of its own where none is given. */
  readonly table: (name?: string) => Promise<Table>;
}

/** Starts it, until the tests of this file are over. */
export async function startTables(): Promise<Tables> {
  const { javaHome, dynamodbJars } = await install();
  const folder = mkdtempSync(join(tmpdir(), 'tutti-tables-'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const child = await start({
    name: 'DynamoDB Local',
    file: join(javaHome, 'bin', 'java'),
    args: [
      `-Djava.library.path=${dynamodbJars}`,
      '-Xmx256m',
      '-cp',
      `${dynamodbJars}/*`,
      'com.amazonaws.services.dynamodbv2.local.main.ServerRunner',
      '-inMemory',
      '-sharedDb',
      '-port',
      `${port}`,
    ],
    env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' },
    log: join(folder, 'log'),
    url: endpoint,
  });
  const client = clientAt(endpoint);
  afterAll(async () => {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return { endpoint, client, table: (name) => created(client, name) };
}

/** Named, where nobody says how, as that of an environment of its own. */
async function created(client: AwsClient, name = tableName(newEnvironment())): Promise<Table> {
  const { partitionKey, sortKey, index } = TABLE;
  const attributes = [partitionKey, sortKey, index.partitionKey, index.sortKey];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: attributes.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: keys(partitionKey, sortKey),
      GlobalSecondaryIndexes: [
        {
          IndexName: index.name,
          KeySchema: keys(index.partitionKey, index.sortKey),
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  return { client, name };
}

function keys(partition: string, sort: string) {
  return [
    { AttributeName: partition, KeyType: 'HASH' as const },
    { AttributeName: sort, KeyType: 'RANGE' as const },
  ];
}

function newEnvironment(): string {
  return `t${crypto.randomUUID().replaceAll('-', '').slice(0, 11)}`;
}
