/** Calls of an engine as a DAG's function makes them: the real ledger on DynamoDB Local, time by hand. */
import { callWith } from '../../../lib/aws/engines/call.ts';
import { cancelWith } from '../../../lib/aws/engines/cancel-jobs.ts';
import type { EngineHere } from '../../../lib/aws/engines/place.ts';
import { awsClients, type Clients } from '../../../lib/aws/signed/clients.ts';
import type { AwsClient } from '../../../lib/aws/signed/command.ts';
import { QueryCommand } from '../../../lib/aws/signed/commands.ts';
import type { EngineContext } from '../../../lib/aws/task/engine-call.ts';
import type { JsonObject } from '../../../lib/base/json.ts';
import type { FnContext, Log } from '../../../lib/model/context.ts';
import type { ConnectionConfig } from '../../../lib/model/environment.ts';
import type { RetryRule } from '../../../lib/model/task.ts';
import { httpClient } from '../../../lib/runtime/http-client.ts';
import type { DynamoDBLocal } from '../dynamodb-local.ts';
import { NOBODY } from './job-service.ts';

/** The table of an environment. */
export interface RigTable {
  readonly local: DynamoDBLocal;
  readonly name: string;
}

export interface RigOptions {
  readonly engine: EngineHere;
  readonly call: EngineContext['call'];
  readonly args: JsonObject;
  readonly want?: readonly string[];
  readonly connections?: Readonly<Record<string, ConnectionConfig>>;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly clients?: Partial<Clients>;
}

export interface CallOptions {
  /** The machine's count of calls. @default 1 */
  readonly asked?: number;
  /** Number of the run's execution. @default '1' */
  readonly attempt?: string;
  readonly retries?: readonly RetryRule[];
  /** The call dies before this many-th write to the table, and all after it. */
  readonly diesAtWrite?: number;
  readonly want?: readonly string[];
  readonly args?: JsonObject;
  /** Of a sensor's look. */
  readonly poke?: { readonly timeout: number; readonly softFail: boolean };
  readonly instance?: string;
  /** By which the task is answered. */
  readonly token?: string;
  /** Of the call. @default 600,000 */
  readonly remainingMs?: number;
}

const TASK = 'load';
const STARTED_MS = Date.UTC(2026, 0, 5, 2);

export class Rig {
  nowMs = STARTED_MS;
  readonly lines: string[] = [];
  readonly #table: RigTable;
  readonly #options: RigOptions;
  readonly #runId: string;
  readonly #client: AwsClient;

  constructor(table: RigTable, runId: string, options: RigOptions) {
    this.#table = table;
    this.#options = options;
    this.#runId = runId;
    this.#client = table.local.client();
  }

  call(options: CallOptions = {}) {
    const context = this.#context(options);
    return callWith(this.#options.engine, context, async (ms) => {
      this.nowMs += ms;
    });
  }

  /** The name of the error that the call ends with, or its output. */
  async outcome(options: CallOptions = {}): Promise<unknown> {
    return this.call(options).catch((error: Error) => error.name);
  }

  cancel(attempt = 1) {
    const { file, clients, nowMs, log } = this.#context({});
    const event = {
      kind: 'cancel',
      dagId: 'sales',
      runId: this.#runId,
      attempt,
      cause: 'cancelled by ann',
    } as const;
    return cancelWith(async () => this.#options.engine, event, {
      file,
      clients,
      nowMs,
      log,
      table: this.#table.name,
    });
  }

  /** Items of the run as they are in the table. */
  async items(): Promise<readonly Readonly<Record<string, { readonly S?: string; readonly N?: string }>>[]> {
    const { Items = [] } = await this.#client.send(
      new QueryCommand({
        TableName: this.#table.name,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: `RUN#sales#${this.#runId}` } },
        ConsistentRead: true,
      }),
    );
    return Items as readonly Readonly<Record<string, { readonly S?: string; readonly N?: string }>>[];
  }

  async job(sk = `X#1#${TASK}`) {
    const item = (await this.items()).find(({ sk: key }) => key?.S === sk);
    return { try: item?.['try']?.N, state: item?.['state']?.S, ttl: item?.['ttl']?.N };
  }

  #context({
    asked = 1,
    attempt = '1',
    retries = [],
    want,
    args,
    poke,
    instance,
    token,
    ...rest
  }: CallOptions): EngineContext {
    const { call, connections = {}, clients = {} } = this.#options;
    const event = {
      task: TASK,
      execution: { run: { ...RUN, id: this.#runId, attempt, table: this.#table.name }, params: {} },
      try: asked,
      ...(instance === undefined ? {} : { instance }),
      ...(token === undefined ? {} : { token }),
      ...(poke === undefined ? {} : { poke, since: new Date(STARTED_MS).toISOString() }),
    };
    const { signal } = new AbortController();
    // One for the whole call: it counts its writes.
    const dynamodb = this.#mortal(rest.diesAtWrite);
    return {
      event,
      task: {
        id: TASK,
        call: { kind: 'engine', args: {}, ...call },
        upstream: [],
        triggerRule: 'all_success',
        retries,
        timeout: '10m',
      },
      call,
      args: args ?? this.#options.args,
      want: want ?? this.#options.want ?? [],
      file: {
        environment: 'test',
        bucket: 'tutti-test',
        connections,
        asks: { connections: Object.keys(connections), secrets: [] },
      },
      clients: { ...NO_CLIENTS, ...clients, dynamodb: () => dynamodb },
      context: this.#fnContext(signal),
      log: logInto(this.lines),
      signal,
      nowMs: () => this.nowMs,
      remainingMs: () => rest.remainingMs ?? 600_000,
    };
  }

  #fnContext(signal: AbortSignal): FnContext {
    const { connections = {}, secrets = {} } = this.#options;
    return {
      http: ({ name }: { readonly name: string }) => {
        const config = connections[name];
        if (config?.kind !== 'http') throw new Error(`no connection ${name}`);
        const token = secrets[config.secret ?? ''];
        return httpClient({ config, signal, ...(token === undefined ? {} : { token }) });
      },
      secret: async (name: string) => secrets[name] ?? '',
    } as unknown as FnContext;
  }

  /** A client whose process dies before a write. */
  async #mortal(diesAtWrite = Number.POSITIVE_INFINITY): Promise<AwsClient> {
    const { url } = this.#table.local;
    const access = { region: 'eu-central-1', credentials: () => NOBODY, endpoint: () => url };
    const client = await awsClients(access).dynamodb();
    let writes = 0;
    return {
      async send(command) {
        if (/^(Put|Update)/.test(command.name)) writes += 1;
        if (writes >= diesAtWrite) throw new Error('the process died');
        return client.send(command);
      },
    };
  }
}

const RUN = {
  dagId: 'sales',
  logicalDate: '2026-01-05T01:00:00Z',
  interval: { start: '2026-01-04T01:00:00Z', end: '2026-01-05T01:00:00Z', date: '2026-01-04' },
  expires: '0',
  fns: { main: 'main' },
};

const none = () => Promise.reject(new Error('no such client here'));
export const NO_CLIENTS: Clients = { athena: none, dynamodb: none, lambda: none, s3: none, sfn: none };

function logInto(lines: string[]): Log {
  const write = (message: string, fields?: object) => {
    lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  };
  return { debug: write, info: write, warn: write, error: write };
}
