/**
 * The deployment end to end: the real `cdk` command and the real bundles on LocalStack, beside `tutti dev` and the interpreter.
 * The last line is `N passed, N failed`. With `cost` only what a run costs is counted.
 *
 * Skips with one line where LocalStack cannot be installed; with TUTTI_REQUIRE_EMULATOR=1 that fails.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { type Installed, install, NotInstallable } from '../emulator/install.ts';
import { cdkOf, synthesize } from './cdk.ts';
import { CREDENTIALS, REGION } from './credentials.ts';
import { MENDED, NOT_COVERED } from './deviations.ts';
import { startEmulator } from './emulator.ts';
import { startOutside } from './outside.ts';
import { writeProject } from './project.ts';
import { everyRoute, unsigned } from './scenarios/api.ts';
import { cancelled, firstVersion, versions } from './scenarios/changes.ts';
import { countedRun } from './scenarios/counted.ts';
import { addDags, deployAgain, deploySamples, pauseOthers, removeDag } from './scenarios/deployment.ts';
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
  await main(installed, process.argv[2] === 'cost');
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

/** `onlyCost`: deploys one DAG more, and counts a run of it. */
async function main(installed: Installed, onlyCost: boolean): Promise<void> {
  const outside = await startOutside();
  const folder = mkdtempSync(join(tmpdir(), 'tutti-aws-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const project = writeProject(join(folder, 'deployed'), outside.url);
  if (onlyCost) project.add(['twenty.ts']);
  // It asks AWS nothing.
  const [emulator] = await Promise.all([startEmulator(installed, folder), synthesize(project.folder)]);
  say(`the emulator answers at ${emulator.gateway.url}`);
  try {
    const clients = clientsOf(emulator.gateway.url);
    const cdk = cdkOf(project.folder, emulator.gateway.url, clients.cloudFormation);
    await deploySamples({ cdk, emulator });
    const urls = await urlsOf(clients.lambda);
    const stage = { emulator, clients, project, outside, cdk, urls, deployed: deployedSide(urls) };
    await (onlyCost ? countedRun(stage) : play(stage, join(folder, 'local')));
    if (score().failed > 0) say(`what LocalStack said of errors:\n${errorsIn(emulator.log())}`);
  } finally {
    outside.close();
    await emulator.stop();
  }
}

/** The newest lines of a log that tell of its own failures: what a check says does not show them. */
function errorsIn(log: string): string {
  const lines = log
    .split('\n')
    .filter((line) => /InternalError|unhandled exception|exception during/.test(line));
  return lines
    .slice(-20)
    .map((line) => line.slice(0, 400))
    .join('\n');
}

/** `daily_sales`, beside a `tutti dev` of its own in `folder`. */
async function playSales(stage: Stage, folder: string): Promise<void> {
  writeProject(folder, stage.outside.url);
  const local = await localSide(folder);
  try {
    await sales(stage, local);
  } finally {
    await local.stop();
  }
}

/** What does not need one another at the same time; every route at the end, when there is something to tell. */
async function play(stage: Stage, folder: string): Promise<void> {
  const selling = playSales(stage, folder);
  await unsigned(stage);
  await pauseOthers(stage);
  await deployAgain(stage);
  await addDags(stage);
  const first = firstVersion(stage);
  await Promise.all([
    selling,
    latches(stage).then(() => storm(stage)),
    cancelled(stage),
    first.then(() => removeDag(stage)),
  ]);
  await versions(stage, await first);
  await countedRun(stage);
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
