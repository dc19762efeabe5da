import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { figure, medianOf, note } from './measure.ts';

const TUTTI = join(import.meta.dirname, '../../dist/tutti.js');
const EXECUTIONS = 1_000;
const CONCURRENT = 10;

/** `tutti sfn` as a process of its own, asked by the official client. */
export async function sfnBench(): Promise<void> {
  if (!existsSync(TUTTI)) return note('no dist/tutti.js: run `npm run build` first');
  await figure('sfn.ready_s', 's', async () =>
    medianOf([await readySec(), await readySec(), await readySec()]),
  );
  await figure('sfn.executions_per_s', '1/s', executionsPerSec);
}

interface Running {
  readonly endpoint: string;
  readonly child: ChildProcess;
}

/** From the start of the process to the first answer. */
async function readySec(): Promise<number> {
  const begin = process.hrtime.bigint();
  const { endpoint, child } = await serve();
  await fetch(endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSStepFunctions.ListStateMachines' },
    body: '{}',
  });
  const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
  child.kill();
  return seconds;
}

/** Executions of five states with an expression each, started and seen to succeed. */
async function executionsPerSec(): Promise<number> {
  const { endpoint, child } = await serve();
  const credentials = { accessKeyId: 'bench', secretAccessKey: 'bench' };
  const client = new SFNClient({ endpoint, region: 'us-east-1', credentials });
  try {
    const { stateMachineArn } = await client.send(
      new CreateStateMachineCommand({
        name: 'five',
        definition: JSON.stringify(fiveStates()),
        roleArn: 'arn:aws:iam::000000000000:role/bench',
      }),
    );
    await runAll(client, stateMachineArn, 100);
    const begin = process.hrtime.bigint();
    await runAll(client, stateMachineArn, EXECUTIONS);
    return EXECUTIONS / (Number(process.hrtime.bigint() - begin) / 1e9);
  } finally {
    client.destroy();
    child.kill();
  }
}

async function runAll(client: SFNClient, stateMachineArn: string | undefined, count: number): Promise<void> {
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      const start = new StartExecutionCommand({ stateMachineArn, input: '{"n":1}' });
      await succeeded(client, (await client.send(start)).executionArn);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, work));
}

/** @throws {Error} when it did not succeed: its time would mean nothing */
async function succeeded(client: SFNClient, executionArn: string | undefined): Promise<void> {
  for (;;) {
    const { status, cause } = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (status === 'SUCCEEDED') return;
    if (status !== 'RUNNING') throw new Error(`${status}: ${cause}`);
  }
}

function fiveStates(): object {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const states = names.map((name, index) => {
    const Next = names[index + 1];
    const Assign = { n: index === 0 ? '{% $states.input.n %}' : '{% $n + 1 %}' };
    return [name, { Type: 'Pass', Assign, ...(Next === undefined ? { End: true } : { Next }) }];
  });
  return { QueryLanguage: 'JSONata', StartAt: 'a', States: Object.fromEntries(states) };
}

/** Starts the server; resolves when it says where it answers. */
function serve(): Promise<Running> {
  const child = spawn(process.execPath, [TUTTI, 'sfn', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve({ endpoint: JSON.parse(text).endpoint, child });
    });
    child.on('exit', (code) => reject(new Error(`tutti sfn ended with ${code}`)));
  });
}
