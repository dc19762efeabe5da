/** The real `cdk` command, against the emulator. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { ACCOUNT, awsVariables, REGION } from './credentials.ts';
import { REPOSITORY } from './project.ts';

export interface Deployed {
  readonly exitCode: number;
  readonly output: string;
  /** What CloudFormation did to resources of DAG and core stacks meanwhile, oldest first. */
  readonly events: readonly StackEvent[];
}

export interface Cdk {
  readonly bootstrap: () => Promise<void>;
  /** Deploys all of `dev` of what was synthesized: `cdk.out`; or of the project as it is, where nothing is said. */
  readonly deploy: (app?: string) => Promise<Deployed>;
}

const APP = `${process.execPath} ${REPOSITORY}/bin/app.ts`;

/** Synthesizes the project in a folder, asking AWS nothing. @throws {Error} with what it said */
export async function synthesize(folder: string): Promise<void> {
  const { exitCode, output } = await runCdk(folder, 'http://127.0.0.1:9', ['synth', '--quiet', '--app', APP]);
  if (exitCode !== 0) throw new Error(`cdk synth ended with ${exitCode}:\n${output}`);
}

/** `folder`: the project's; `endpoint`: of the emulator. */
export function cdkOf(folder: string, endpoint: string, cloudFormation: CloudFormationClient): Cdk {
  const run = (args: readonly string[]) => runCdk(folder, endpoint, args);
  return {
    async bootstrap() {
      const { exitCode, output } = await run(['bootstrap', `aws://${ACCOUNT}/${REGION}`, '--app', '']);
      if (exitCode !== 0) throw new Error(`cdk bootstrap ended with ${exitCode}:\n${output}`);
    },
    async deploy(app = APP) {
      const since = Date.now();
      const args = ['deploy', 'dev/*', '--app', app, '--require-approval', 'never'];
      const { exitCode, output } = await run(args);
      const events = await eventsSince(cloudFormation, since);
      return { exitCode, output, events };
    },
  };
}

async function runCdk(folder: string, endpoint: string, args: readonly string[]) {
  const child = spawn(
    process.execPath,
    [`${REPOSITORY}/node_modules/aws-cdk/bin/cdk`, ...args, '--ci', '--no-color'],
    {
      cwd: folder,
      env: {
        ...awsVariables(endpoint),
        CDK_DISABLE_CLI_TELEMETRY: '1',
        CDK_DISABLE_VERSION_CHECK: '1',
        // What it knows of accounts by access key is of another emulator's.
        HOME: folder,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const [said, warned, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1))),
  ]);
  return { exitCode, output: said + warned };
}

async function eventsSince(client: CloudFormationClient, since: number): Promise<readonly StackEvent[]> {
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({}));
  const names = Stacks.map(({ StackName = '' }) => StackName).filter((name) => name.startsWith('tutti-'));
  const lists = names.map(async (StackName) => {
    const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
    return StackEvents;
  });
  const events = (await Promise.all(lists)).flat();
  return events
    .filter(({ Timestamp }) => (Timestamp?.getTime() ?? 0) >= since)
    .sort((a, b) => Number(a.Timestamp) - Number(b.Timestamp));
}
