/** DynamoDB Local: AWS's own engine, in memory, as a child process; a table as an environment has it for each who asks. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, test } from 'vitest';
import type { AwsClient } from '../../lib/aws/signed/command.ts';
import { TABLE } from '../../lib/deployment/table.ts';
import { freePort, start } from '../emulator/children.ts';
import { type Installed, install, NotInstallable } from '../emulator/install.ts';
import { dynamodb } from '../emulator/localstack.ts';
import { CreateTableCommand, clientAt } from './dynamodb/commands.ts';

export interface DynamoDBLocal {
  /** Where it answers. */
  readonly url: string;
  /** The one that all share. */
  client(): AwsClient;
  /** Makes a table, and gives its name. */
  newTable(): Promise<string>;
}

/**
 * Tests with one DynamoDB Local for all of them, which runs while they do. Where it cannot be installed they are skipped,
 * after a line that says why; with `TUTTI_REQUIRE_EMULATOR=1` that is an error.
 */
export async function onDynamoDB(name: string, tests: (local: DynamoDBLocal) => void): Promise<void> {
  const installed = await installedOrNot();
  const port = await freePort();
  describe.skipIf(installed === undefined)(name, () => {
    if (installed === undefined) return test('needs DynamoDB Local', () => undefined);
    beforeAll(() => startDynamoDBLocal(installed, port));
    return tests(localAt(`http://127.0.0.1:${port}`));
  });
}

function localAt(url: string): DynamoDBLocal {
  const client = clientAt(url);
  let tables = 0;
  return {
    url,
    client: () => client,
    async newTable() {
      const name = `tutti-test${++tables}`;
      await client.send(new CreateTableCommand(definitionOf(name)));
      return name;
    },
  };
}

/** Starts it, and gives what ends it. */
async function startDynamoDBLocal(installed: Installed, port: number): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-dynamodb-'));
  const log = join(folder, 'dynamodb.log');
  const child = await start({ ...dynamodb(installed, port), log, url: `http://127.0.0.1:${port}` });
  return async () => {
    await child.stop();
    rmSync(folder, { recursive: true, force: true });
  };
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

async function installedOrNot(): Promise<Installed | undefined> {
  try {
    return await install();
  } catch (error) {
    if (!(error instanceof NotInstallable) || process.env['TUTTI_REQUIRE_EMULATOR'] === '1') throw error;
    process.stderr.write(`DynamoDB Local: ${error.message}; its tests are skipped\n`);
    return undefined;
  }
}
