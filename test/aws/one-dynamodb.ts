/**
 * One DynamoDB Local for all files of a run of tests: most of what one costs is its start and its first minute. Starts when the
 * first file asks at the door, and ends with the run.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { type Child, freePort, start } from '../emulator/children.ts';
import { install } from '../emulator/install.ts';
import { dynamodb } from '../emulator/localstack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Tells where DynamoDB Local answers; 503 with the reason where it cannot be had. */
    readonly dynamodbDoor: string;
  }
}

interface Started {
  readonly url: string;
  readonly child: Child;
}

export async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-dynamodb-'));
  let asked: Promise<Started> | undefined;
  const door = createServer((_request, response) => {
    asked ??= startDynamoDBLocal(folder);
    asked.then(
      ({ url }) => reply(response, 200, url),
      (error) => reply(response, 503, String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(door, 'listening');
  const address = door.address();
  if (address === null || typeof address === 'string') throw new Error('the door has no port');
  provide('dynamodbDoor', `http://127.0.0.1:${address.port}`);
  return async () => {
    door.close();
    const started = await asked?.catch(() => undefined);
    await started?.child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
}

async function startDynamoDBLocal(folder: string): Promise<Started> {
  const installed = await install();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const log = join(folder, 'dynamodb.log');
  return { url, child: await start({ ...dynamodb(installed, port), log, url }) };
}

function reply(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { connection: 'close' }).end(text);
}
