/** AWS on this machine: LocalStack with its functions, DynamoDB Local, and the gateway before them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, start } from '../emulator/children.ts';
import type { Installed } from '../emulator/install.ts';
import { dynamodb, JAVA_TOOL_OPTIONS } from '../emulator/localstack.ts';
import { type Gateway, startGateway } from './gateway.ts';

export interface Emulator {
  readonly gateway: Gateway;
  /** Types of resources that LocalStack passed over without a word. */
  readonly passedOver: () => readonly string[];
  /** What LocalStack said. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
}

/** Ports of 127.0.0.1. */
export interface Ports {
  readonly localstack: number;
  readonly dynamodb: number;
  /** Of the gateway: its own, then those that function URLs are given. */
  readonly gateway: readonly number[];
}

/** Starts all of it on free ports of 127.0.0.1; `folder` is for what it writes. @throws {Error} with the end of a log */
export async function startEmulator(installed: Installed, folder: string): Promise<Emulator> {
  const [localstack = 0, table = 0, ...others] = await Promise.all(Array.from({ length: 7 }, freePort));
  const ports = { localstack, dynamodb: table, gateway: others };
  const gateway = await startGateway(ports, ports.gateway);
  const stop = await startServers(installed, folder, ports);
  const log = () => readFileSync(join(folder, LOG), 'utf8');
  return {
    gateway,
    passedOver: () => passedOver(log()),
    log,
    async stop() {
      await stop();
      gateway.stop();
    },
  };
}

const LOG = 'localstack.log';

/** LocalStack and DynamoDB Local; gives what ends them. */
export async function startServers(
  installed: Installed,
  folder: string,
  { localstack, dynamodb: table, gateway }: Ports,
): Promise<() => Promise<void>> {
  const [own, ...urls] = gateway;
  const children = await Promise.all([
    start({
      ...dynamodb(installed, table),
      log: join(folder, 'dynamodb.log'),
      url: `http://127.0.0.1:${table}`,
    }),
    start({
      name: 'LocalStack',
      file: installed.python,
      args: [
        join(import.meta.dirname, 'localstack', 'launch.py'),
        installed.jsonataJars,
        `${table}`,
        `http://127.0.0.1:${own}`,
        urls.join(','),
        join(folder, 'functions'),
      ],
      env: environment(installed, folder, localstack),
      log: join(folder, LOG),
      url: `http://127.0.0.1:${localstack}/_localstack/health`,
    }),
  ]);
  return async () => {
    await Promise.all(children.map((child) => child.kill()));
  };
}

function passedOver(log: string): readonly string[] {
  const types = log.matchAll(/No resource provider found for "([^"]+)"/g);
  return [...new Set([...types].map(([, type = '']) => type))];
}

function environment({ javaHome }: Installed, folder: string, port: number): NodeJS.ProcessEnv {
  const { AWS_ENDPOINT_URL: _elsewhere, NODE_OPTIONS: _ours, ...inherited } = process.env;
  return {
    ...inherited,
    JAVA_HOME: javaHome,
    JAVA_TOOL_OPTIONS,
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    LOCALSTACK_VOLUME_DIR: join(folder, 'volume'),
    FILESYSTEM_ROOT: join(folder, 'root'),
    TMPDIR: folder,
    OVERRIDE_IN_DOCKER: '0',
    TUTTI_NODE: process.execPath,
    // It reports and downloads nothing, and leaves names to the system.
    DISABLE_EVENTS: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DNS_ADDRESS: '0',
    LS_LOG: 'warning',
    PYTHONUNBUFFERED: '1',
    // A type that it lacks is passed over, and seen in the log: what it says of each type is wrong outside of Docker.
    CFN_IGNORE_UNSUPPORTED_RESOURCE_TYPES: '1',
    CFN_PER_RESOURCE_TIMEOUT: '120',
    CFN_NO_WAIT_ITERATIONS: '40',
    LAMBDA_SYNCHRONOUS_CREATE: '1',
    // A failed asynchronous invocation is tried again after 1 and 2 seconds, on AWS after 1 and 2 minutes.
    LAMBDA_RETRY_BASE_DELAY: '1',
    LAMBDA_RUNTIME_ENVIRONMENT_TIMEOUT: '60',
    BUCKET_MARKER_LOCAL: 'hot-reload',
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
}
