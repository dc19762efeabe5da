/** DAGs deployed to `tutti sfn`: their machines published there, their tasks run by functions of this process. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  PublishStateMachineVersionCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { onTestFinished } from 'vitest';
import type { StateMachine } from '../../lib/asl/states.ts';
import type { AwsClient } from '../../lib/aws/signed/command.ts';
import { jsonClient, STATES } from '../../lib/aws/signed/json-client.ts';
import { isObject, type Json } from '../../lib/base/json.ts';
import { manifestOfBoth } from '../../lib/compiler/both-machines.ts';
import { compile } from '../../lib/compiler/compile.ts';
import type { ResourceCall } from '../../lib/interpreter/resource.ts';
import { TaskTokens } from '../../lib/interpreter/tokens.ts';
import { systemClock } from '../../lib/local/clock.ts';
import { memoryValues } from '../../lib/local/large-values.ts';
import { latchTable } from '../../lib/local/latch-table.ts';
import { taskRunner } from '../../lib/local/run-task.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import { callBody } from '../../lib/runtime/body.ts';
import { startSfn } from '../../lib/sfn/index.ts';
import { lambdaEndpoint } from '../emulator/lambda.ts';

export const CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'test' };
const ROLE = 'arn:aws:iam::000000000000:role/nobody';

export interface Account {
  /** Where Step Functions is. */
  readonly endpoint: string;
  readonly sfn: SFNClient;
  /** The same, as Core asks it. */
  readonly states: AwsClient;
  /** Creates the machines of a DAG, and publishes them. */
  readonly deploy: (dag: DagNode, more?: Deploying) => Promise<DagVersion>;
  /** Waits for an execution's end. */
  readonly ended: (executionArn: string) => Promise<string>;
  /** Answers invocations of functions that are of no DAG: `pool`. */
  readonly functions: Map<string, (payload: Json) => Promise<Json>>;
}

export interface Deploying {
  readonly stack?: string;
  /** Of its machine. @default of an environment `test` */
  readonly name?: string;
  /** As in `compile`. */
  readonly options?: Parameters<typeof compile>[1];
}

/** One account for one test. `tables`: where DynamoDB answers; absent, machines have a table in the server. */
export async function account({ tables }: { readonly tables?: string } = {}): Promise<Account> {
  const functions: Account['functions'] = new Map();
  const lambda = await lambdaEndpoint(async (name, payload) => {
    const handler = functions.get(name.replace(/^.*:function:/, '').replace(/:\d+$/, ''));
    if (handler === undefined) throw new Error(`no function ${name}`);
    return handler(payload);
  });
  const server = await startSfn({ lambdaEndpoint: lambda.url, endpointUrl: tables });
  const sfn = new SFNClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: CREDENTIALS });
  onTestFinished(async () => {
    sfn.destroy();
    await server.close();
    lambda.stop();
  });
  const access = { region: 'us-east-1', credentials: () => CREDENTIALS, endpoint: () => server.endpoint };
  return {
    endpoint: server.endpoint,
    sfn,
    states: jsonClient(access, STATES),
    functions,
    deploy: (dag, more) => deploy({ sfn, functions }, dag, more),
    async ended(executionArn) {
      for (;;) {
        const { status = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
        if (status !== 'RUNNING') return status;
        await sleep(10);
      }
    },
  };
}

async function deploy(
  { sfn, functions }: Pick<Account, 'sfn' | 'functions'>,
  dag: DagNode,
  { stack = '0', options, name = `tutti-test-${dag.id}-${stack}` }: Deploying = {},
): Promise<DagVersion> {
  const compiled = compile(dag, options);
  const rerun = compile(dag, { ...options, rerun: true });
  functions.set(name, functionOf(dag));
  const published = async (suffix: string, machine: StateMachine) => {
    const created = await sfn.send(
      new CreateStateMachineCommand({
        name: `${name}${suffix}`,
        definition: JSON.stringify(machine),
        roleArn: ROLE,
      }),
    );
    const { stateMachineArn } = created;
    const version = await sfn.send(new PublishStateMachineVersionCommand({ stateMachineArn }));
    return version.stateMachineVersionArn ?? '';
  };
  const partsOf = async (suffix: string, parts: Readonly<Record<string, StateMachine>> = {}) => {
    const arns = new Map<string, string>();
    for (const [part, machine] of Object.entries(parts))
      arns.set(part, await published(`${suffix}-${part}`, machine));
    return arns.size === 0 ? undefined : Object.fromEntries(arns);
  };
  const parts = await partsOf('', compiled.parts);
  const rerunParts = await partsOf('-rerun', rerun.parts);
  return {
    dag,
    manifest: manifestOfBoth(compiled.manifest, rerun.manifest),
    deployment: {
      machine: await published('', compiled.definition),
      rerun: await published('-rerun', rerun.definition),
      fns: { main: `arn:aws:lambda:us-east-1:000000000000:function:${name}:1` },
      ...(parts === undefined ? {} : { parts }),
      ...(rerunParts === undefined ? {} : { rerunParts }),
    },
  };
}

/** Runs the DAG's tasks as they are run here. */
export function functionOf(dag: DagNode): (payload: Json) => Promise<Json> {
  const root = mkdtempSync(join(tmpdir(), 'tutti-deployed-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const nothing = () => undefined;
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const run = taskRunner({
    dag,
    place: {
      root,
      filesFolder: join(root, 'data'),
      environment: { name: 'test', connections: {} },
      secret: nothing,
      variables: () => ({}),
    },
    clock: systemClock,
    table: latchTable(new TaskTokens()),
    runBody: callBody,
    openLog: () => ({ log, close: nothing }),
    approvals: { ask: () => Promise.reject(new Error('no test asks')) },
    values: memoryValues(),
  });
  return async (Payload) => {
    const call: ResourceCall = {
      resource: 'arn:aws:states:::lambda:invoke',
      pattern: 'request',
      arguments: { Payload },
      stateName: '',
      eventId: 0,
      context: {},
      signal: new AbortController().signal,
    };
    const answer = await run(call, nothing);
    return isObject(answer) ? (answer['Payload'] ?? null) : null;
  };
}
