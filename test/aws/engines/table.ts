/** A table of its own on DynamoDB Local, for the ledger of jobs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { TABLE } from '../../../lib/deployment/table.ts';
import { freePort, start } from '../../emulator/children.ts';
import { install } from '../../emulator/install.ts';

export interface LocalTable {
  readonly name: string;
  /** A client of its own, as another process has. */
  readonly client: () => DynamoDBClient;
  readonly stop: () => Promise<void>;
}

export async function localTable(): Promise<LocalTable> {
  const { javaHome, dynamodbJars } = await install();
  const folder = mkdtempSync(join(tmpdir(), 'tutti-jobs-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = await start({
    name: 'DynamoDB Local',
    file: join(javaHome, 'bin', 'java'),
    args: [
      `-Djava.library.path=${dynamodbJars}`,
      ...['-cp', `${dynamodbJars}/*`, 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner'],
      ...['-inMemory', '-sharedDb', '-port', `${port}`],
    ],
    env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' },
    log: join(folder, 'dynamodb.log'),
    url,
  });
  const name = 'tutti-test';
  const client = () => new DynamoDBClient({ endpoint: url, region: 'eu-central-1', credentials: NOBODY });
  const keys = [TABLE.partitionKey, TABLE.sortKey];
  await client().send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((key) => ({ AttributeName: key, AttributeType: 'S' })),
      KeySchema: keys.map((key, index) => ({
        AttributeName: key,
        KeyType: index === 0 ? 'HASH' : 'RANGE',
      })),
    }),
  );
  const stop = async () => {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { name, client, stop };
}

export const NOBODY = { accessKeyId: 'test', secretAccessKey: 'test' };
