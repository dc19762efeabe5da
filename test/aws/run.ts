/**
 * The deployment end to end: the real `cdk` command and the real bundles on LocalStack, beside `tutti dev` and the interpreter.
 * The last line is `N passed, N failed`.
 *
 * Skips with one line where LocalStack cannot be installed; with TUTTI_REQUIRE_EMULATOR=1 that fails.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { type Installed, install, NotInstallable } from '../emulator/install.ts';
import { cdkOf } from './cdk.ts';
import { CREDENTIALS, REGION } from './credentials.ts';
import { MENDED, NOT_COVERED } from './deviations.ts';
import { startEmulator } from './emulator.ts';
import { startOutside } from './outside.ts';
import { writeProject } from './project.ts';
import { everyRoute, unsigned } from './scenarios/api.ts';
import { cancelled, firstVersion, versions } from './scenarios/changes.ts';
import { countedRun } from './scenarios/counted.ts';
import { addDags, deployAgain, deploySamples, removeDag } from './scenarios/deployment.ts';
import { latches } from './scenarios/latches.ts';
import { sales } from './scenarios/sales.ts';
import { storm } from './scenarios/storm.ts';
import { deployedSide, localSide, urlsOf } from './sides.ts';
import type { Clients, Stage } from './stage.ts';
import { say, score } from './suite.ts';

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  const installed = await install();
  say('LocalStack is installed');
  await main(installed);
  say(`mended in the emulator: ${MENDED.length} things; not covered: ${NOT_COVERED.join('; ')}`);
  const { passed, failed } = score();
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  process.exit(failed === 0 ? 0 : 1);
} catch (thrown) {
  const { passed, failed } = score();
  if (!(thrown instanceof NotInstallable)) {
    process.stdout.write(`${thrown instanceof Error ? thrown.stack : String(thrown)}\n`);
    process.stdout.write(`${passed} passed, ${failed + 1} failed\n`);
    process.exit(1);
  }
  const isRequired = process.env['TUTTI_REQUIRE_EMULATOR'] === '1';
  process.stdout.write(`skipped: LocalStack cannot be installed here, ${thrown.message}\n`);
  process.stdout.write(isRequired ? '0 passed, 1 failed\n' : '0 passed, 0 failed\n');
  process.exit(isRequired ? 1 : 0);
}

async function main(installed: Installed): Promise<void> {
  const outside = await startOutside();
  const emulator = await startEmulator(installed);
  say(`the emulator answers at ${emulator.gateway.url}`);
  try {
    const folders = ['deployed', 'local'].map((name) => join(emulator.folder, name));
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    const [deployedFolder = '', localFolder = ''] = folders;
    const project = writeProject(deployedFolder, outside.url);
    writeProject(localFolder, outside.url);
    const clients = clientsOf(emulator.gateway.url);
    const cdk = cdkOf(project.folder, emulator.gateway.url, clients.cloudFormation);
    const [local] = await Promise.all([localSide(localFolder), deploySamples({ cdk, emulator })]);
    try {
      const urls = await urlsOf(clients.lambda);
      const stage = { emulator, clients, project, outside, cdk, urls, deployed: deployedSide(urls) };
      await play(stage, () => sales(stage, local));
    } finally {
      await local.stop();
    }
  } finally {
    outside.close();
    await emulator.stop();
  }
}

/** What does not need one another at the same time; every route at the end, when there is something to tell. */
async function play(stage: Stage, playSales: () => Promise<void>): Promise<void> {
  const selling = playSales();
  await unsigned(stage);
  await deployAgain(stage);
  await addDags(stage);
  const first = firstVersion(stage);
  await Promise.all([
    selling,
    latches(stage).then(() => storm(stage)),
    cancelled(stage),
    first.then(() => removeDag(stage)),
  ]);
  await Promise.all([versions(stage, await first), countedRun(stage)]);
  await everyRoute(stage);
}

function clientsOf(endpoint: string): Clients {
  const options = { endpoint, region: REGION, credentials: CREDENTIALS, maxAttempts: 3 };
  return {
    cloudFormation: new CloudFormationClient(options),
    dynamodb: new DynamoDBClient(options),
    lambda: new LambdaClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    sfn: new SFNClient(options),
  };
}
