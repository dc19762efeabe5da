/** Two places that answer the same API: the deployment, and `tutti dev` with the same pipelines, its measure. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { GetFunctionUrlConfigCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { AwsClient } from 'aws4fetch';
import { coreFunctionName } from '../../lib/deployment/names.ts';
import { CREDENTIALS, REGION } from './credentials.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { REPOSITORY } from './project.ts';
import { until } from './suite.ts';

export interface Reply {
  readonly status: number;
  readonly body: JsonObject;
}

export interface Side {
  readonly name: string;
  /** `path`: below `/api/v1`. A body makes it a POST. */
  readonly ask: (path: string, body?: Json) => Promise<Reply>;
}

export interface Urls {
  readonly read: string;
  readonly write: string;
}

export async function urlsOf(lambda: LambdaClient): Promise<Urls> {
  const urlOf = async (name: 'api-read' | 'api-write') => {
    const FunctionName = coreFunctionName('dev', name);
    const { FunctionUrl = '' } = await lambda.send(new GetFunctionUrlConfigCommand({ FunctionName }));
    return FunctionUrl.replace(/\/$/, '');
  };
  const [read, write] = await Promise.all([urlOf('api-read'), urlOf('api-write')]);
  return { read, write };
}

/** Signs as a person's command does. */
export function signedBy(credentials: typeof CREDENTIALS): AwsClient {
  return new AwsClient({ ...credentials, region: REGION, service: 'lambda', retries: 0 });
}

export function deployedSide(urls: Urls): Side {
  const client = signedBy(CREDENTIALS);
  return {
    name: 'deployed',
    ask: (path, body) => {
      const url = `${body === undefined ? urls.read : urls.write}/api/v1${path}`;
      return replyOf(client.fetch(url, requestOf(body)));
    },
  };
}

export interface LocalSide extends Side {
  readonly folder: string;
  readonly stop: () => Promise<void>;
}

/** Starts `tutti dev` in a project, its schedules held back. @throws {Error} with what it said */
export async function localSide(folder: string): Promise<LocalSide> {
  const args = [`${REPOSITORY}/bin/tutti.ts`, 'dev', '--paused', '--no-sample', '--port', '0', '--json'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let warned = '';
  child.stderr.on('data', (chunk) => {
    warned += chunk;
  });
  const url = await listening(createInterface({ input: child.stdout }), () => warned);
  const ask: Side['ask'] = (path, body) => replyOf(fetch(`${url}/api/v1${path}`, requestOf(body)));
  await until('tutti dev knows the DAGs', async () => {
    if (child.exitCode !== null) throw new Error(`tutti dev ended:\n${warned}`);
    const { status } = await ask('/dags/daily_sales');
    return status === 200 ? true : undefined;
  });
  return {
    name: 'local',
    folder,
    ask,
    async stop() {
      if (child.exitCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
      process.removeListener('exit', kill);
    },
  };
}

async function listening(lines: AsyncIterable<string>, warned: () => string): Promise<string> {
  for await (const line of lines) {
    const told: Json = JSON.parse(line);
    if (!isObject(told) || typeof told['url'] !== 'string') continue;
    // What it says later is read as well, or it would wait for a reader.
    void drain(lines);
    return told['url'];
  }
  throw new Error(`tutti dev ended:\n${warned()}`);
}

async function drain(lines: AsyncIterable<string>): Promise<void> {
  for await (const _line of lines);
}

function requestOf(body: Json | undefined): RequestInit {
  if (body === undefined) return {};
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

async function replyOf(asked: Promise<Response>): Promise<Reply> {
  const response = await asked;
  const text = await response.text();
  const body: Json = text === '' ? {} : JSON.parse(text);
  return { status: response.status, body: isObject(body) ? body : { body } };
}
