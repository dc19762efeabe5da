/** LocalStack's Step Functions and DynamoDB Local as child processes, without Docker. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start } from './children.ts';
import type { Installed } from './install.ts';

export interface LocalStack {
  /** Where Step Functions answers. */
  readonly endpoint: string;
  /** Ends the processes; what they wrote goes with this one. */
  readonly stop: () => Promise<void>;
}

/** Starts both on free ports of 127.0.0.1. @throws {Error} with the end of a log */
export async function startLocalStack(installed: Installed, lambdaEndpoint: string): Promise<LocalStack> {
  const folder = mkdtempSync(join(tmpdir(), 'tutti-localstack-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [sfnPort, tablePort] = await Promise.all([freePort(), freePort()]);
  const endpoint = `http://127.0.0.1:${sfnPort}`;
  const tables = `http://127.0.0.1:${tablePort}`;
  const children = await Promise.all([
    start({ ...dynamodb(installed, tablePort), log: join(folder, 'dynamodb.log'), url: tables }),
    start({
      name: 'LocalStack',
      file: installed.python,
      args: [
        join(import.meta.dirname, 'localstack', 'launch.py'),
        installed.jsonataJars,
        lambdaEndpoint,
        tables,
      ],
      env: environment(installed, folder, sfnPort),
      log: join(folder, 'localstack.log'),
      url: `${endpoint}/_localstack/health`,
    }),
  ]);
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
  };
  return { endpoint, stop };
}

/**
 * For Java in LocalStack, which evaluates JSONata, and beside it: they live for minutes, in which compiling well costs two cores
 * more than it gives.
 */
export const JAVA_TOOL_OPTIONS = '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC';

/** The command that starts DynamoDB Local. */
export function dynamodb({ javaHome, dynamodbJars }: Installed, port: number) {
  const runner = 'com.amazonaws.services.dynamodbv2.local.main.ServerRunner';
  return {
    name: 'DynamoDB Local',
    file: join(javaHome, 'bin', 'java'),
    args: [
      `-Djava.library.path=${dynamodbJars}`,
      '-cp',
      `${dynamodbJars}/*`,
      runner,
      '-inMemory',
      '-sharedDb',
      '-port',
      `${port}`,
    ],
    env: { ...process.env, JAVA_TOOL_OPTIONS, DDB_LOCAL_TELEMETRY: '0' },
  };
}

function environment({ javaHome }: Installed, folder: string, port: number): NodeJS.ProcessEnv {
  const { AWS_ENDPOINT_URL: _elsewhere, ...inherited } = process.env;
  return {
    ...inherited,
    JAVA_HOME: javaHome,
    JAVA_TOOL_OPTIONS,
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    LOCALSTACK_VOLUME_DIR: join(folder, 'volume'),
    FILESYSTEM_ROOT: join(folder, 'root'),
    OVERRIDE_IN_DOCKER: '0',
    // It reports and downloads nothing, and leaves names to the system.
    DISABLE_EVENTS: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DNS_ADDRESS: '0',
    LS_LOG: 'warning',
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
}
