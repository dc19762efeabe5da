/** Core on AWS for one test: DynamoDB Local, `tutti sfn`, and in the place of other services what they were sent. */
import type { PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import type { CoreClients } from '../../lib/aws/core-clients.ts';
import { openDynamoStore } from '../../lib/aws/dynamodb/store.ts';
import { executionArnOf } from '../../lib/aws/executions.ts';
import { machineOf } from '../../lib/aws/launcher.ts';
import { type EndedExecution, recordExecution } from '../../lib/aws/record-execution.ts';
import type { Table } from '../../lib/aws/table.ts';
import { type AwsWorld, openAwsWorld } from '../../lib/aws/world.ts';
import type { Clock } from '../../lib/base/clock.ts';
import type { CoreFile } from '../../lib/deployment/files.ts';
import type { DagVersion } from '../../lib/model/dag-version.ts';
import type { Run, RunKey } from '../../lib/model/run.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import type { Store } from '../../lib/store/store.ts';
import type { Account } from './deployed.ts';

export interface CoreRig {
  readonly environment: string;
  readonly world: AwsWorld;
  /** Another function of the same environment: nothing in memory of this one. `around`: what stands before its parts. */
  readonly other: (around?: Around) => AwsWorld;
  readonly bus: PutEventsRequestEntry[];
  readonly published: Readonly<Record<string, unknown>>[];
  readonly invoked: { readonly name: string; readonly payload: unknown }[];
  readonly written: string[];
  readonly setNow: (text: string) => void;
  readonly run: (key: RunKey) => Promise<Run>;
  /** What EventBridge says once the execution of a run has ended. */
  readonly ended: (run: Run) => Promise<EndedExecution>;
  /** Waits for the executions of all open runs, and records each; until none is open. */
  readonly settle: (world?: AwsWorld) => Promise<void>;
  /** Names of the executions that a version's machines ever had. */
  readonly executions: (version: DagVersion) => Promise<readonly string[]>;
}

export interface Around {
  readonly store?: (store: Store) => Store;
  readonly clients?: (clients: CoreClients) => CoreClients;
}

const FILE: CoreFile = { environment: 'test', bucket: 'bucket', notifiers: {}, retention: {} };

export interface RigOptions {
  readonly account: Account;
  readonly table: Table;
  readonly now: string;
  readonly file?: Partial<CoreFile>;
}

export function coreRig({ account, table, now, file }: RigOptions): CoreRig {
  const environment = table.name.slice('tutti-'.length);
  let nowMs = Date.parse(now);
  const clock: Clock = {
    now: () => nowMs,
    // Nobody waits for long: time stands still.
    until: (_instantMs, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, 5);
        signal?.addEventListener('abort', () => clearTimeout(timer), { once: true });
      }),
  };
  const sent = outside();
  const clients: CoreClients = {
    dynamodb: table.client,
    sfn: account.states,
    ...sent.clients,
  };
  const open = ({ store = same, clients: around = same }: Around = {}) => {
    const own = around(clients);
    return openAwsWorld({
      place: { environment, account: '000000000000', region: 'us-east-1', partition: 'aws' },
      file: { ...FILE, environment, ...file },
      clients: own,
      store: store(openDynamoStore({ client: own.dynamodb, table: table.name })),
      clock,
      random: Math.random,
      write: (line) => void sent.written.push(line),
    });
  };
  const world = open();
  const run = async (key: RunKey) => {
    const found = await world.store.runs.get(key);
    if (found === undefined) throw new Error(`no run ${key.runId}`);
    return found;
  };
  const ended = async (of: Run) => {
    const version = await world.versionOf(of.dagId, of.version);
    const stateMachineArn = version?.deployment === undefined ? '' : machineOf(of, version.deployment);
    const executionArn = executionArnOf(stateMachineArn, of.execution ?? '');
    await account.ended(executionArn);
    return { executionArn, stateMachineArn, name: of.execution ?? '' };
  };
  return {
    ...sent,
    environment,
    world,
    other: open,
    setNow: (text) => {
      nowMs = Date.parse(text);
    },
    run,
    ended,
    async settle(by = world) {
      for (;;) {
        const open = (await world.store.runs.open()).filter(({ state }) => state === 'running');
        if (open.length === 0) return;
        for (const one of open) await recordExecution(by, await ended(one));
      }
    },
    async executions({ deployment }) {
      const names: string[] = [];
      for (const arn of [deployment?.machine, deployment?.rerun]) {
        const stateMachineArn = arn?.replace(/:\d+$/, '');
        const list = await account.sfn.send(new ListExecutionsCommand({ stateMachineArn }));
        names.push(...(list.executions ?? []).map(({ name = '' }) => name));
      }
      return names;
    },
  };
}

/** Registers versions as their stack would. */
export async function registered(world: AwsWorld, versions: readonly DagVersion[]): Promise<void> {
  await registerDags(world, versions, { stack: '0' });
}

function same<T>(one: T): T {
  return one;
}

/** Services at the edge: they take everything, and keep it. */
function outside() {
  const bus: PutEventsRequestEntry[] = [];
  const published: Readonly<Record<string, unknown>>[] = [];
  const invoked: { readonly name: string; readonly payload: unknown }[] = [];
  const written: string[] = [];
  const client = (take: (input: Readonly<Record<string, unknown>>) => object) =>
    ({ send: async ({ input }: { input: Readonly<Record<string, unknown>> }) => take(input) }) as never;
  const clients: Omit<CoreClients, 'dynamodb' | 'sfn'> = {
    events: client(({ Entries }) => {
      bus.push(...(Entries as PutEventsRequestEntry[]));
      return { FailedEntryCount: 0 };
    }),
    sns: async () =>
      client((input) => {
        published.push(input);
        return {};
      }),
    lambda: client(({ FunctionName, Payload }) => {
      invoked.push({ name: String(FunctionName), payload: JSON.parse(String(Payload)) });
      return {};
    }),
    s3: client(() => {
      throw new Error('no test reads S3');
    }),
    secrets: client(() => ({ SecretString: 's3cret' })),
  };
  return { bus, published, invoked, written, clients };
}
