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
  /** Synthesizes the project as it is and deploys all of `dev`. `context`: `tutti:cancel=held`. */
  readonly deploy: (context?: readonly string[]) => Promise<Deployed>;
}

/** `folder`: the project's; `endpoint`: of the emulator. */
export function cdkOf(folder: string, endpoint: string, cloudFormation: CloudFormationClient): Cdk {
  const run = (args: readonly string[]) => runCdk(folder, endpoint, args);
  return {
    async bootstrap() {
      const { exitCode, output } = await run(['bootstrap', `aws://${ACCOUNT}/${REGION}`, '--app', '']);
      if (exitCode !== 0) throw new Error(`cdk bootstrap ended with ${exitCode}:\n${output}`);
    },
    async deploy(context = []) {
      const since = Date.now();
      const flags = context.flatMap((setting) => ['-c', setting]);
      const app = `${process.execPath} ${REPOSITORY}/bin/app.ts`;
      const args = ['deploy', 'dev/*', '--app', app, '--require-approval', 'never', ...flags];
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
