import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { RefusedError } from '../../base/errors.ts';
import { startSfn } from '../../sfn/index.ts';
import { EXIT, type ExitCode } from '../exit.ts';
import type { Context } from '../program.ts';

export interface SfnCommandOptions {
  readonly port: string;
  readonly region: string;
  readonly account: string;
  readonly keep: string;
  readonly lambdaEndpoint?: string;
  readonly endpointUrl?: string;
  readonly mocks?: string;
  readonly json?: boolean;
}

/** Serves Step Functions' API until SIGINT or SIGTERM. */
export async function sfn({ terminal }: Context, options: SfnCommandOptions): Promise<ExitCode> {
  const ended = stopped();
  const { region, account, mocks } = options;
  if (!/^\d{12}$/.test(account)) throw usage('account', 'must have 12 digits', account);
  if (!/^[a-z]{2}(-[a-z]+)+-\d$/.test(region)) throw usage('region', 'must be like eu-central-1', region);
  const server = await startSfn({
    port: whole('port', options.port, 65_535),
    region,
    account,
    keep: whole('keep', options.keep, 10_000_000),
    lambdaEndpoint: options.lambdaEndpoint,
    endpointUrl: options.endpointUrl ?? otherEndpoint(process.env['AWS_ENDPOINT_URL'], options.port),
    mocks: mocks === undefined ? undefined : { text: await textOf(mocks), file: mocks },
  });
  if (options.json === true)
    terminal.write(`${JSON.stringify({ endpoint: server.endpoint, region, account })}\n`);
  terminal.print(
    `Step Functions answers at ${server.endpoint} (${region}, ${account}) until Ctrl-C\n` +
      `  aws stepfunctions list-state-machines --endpoint-url ${server.endpoint}\n` +
      '  what it knows is in memory and ends with it',
  );
  await ended;
  await server.close();
  return EXIT.ok;
}

/** Resolves with the first SIGINT or SIGTERM; a second one ends the process at once. */
function stopped(): Promise<unknown> {
  return Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

/** `AWS_ENDPOINT_URL`, unless it already says where this very server will be. */
function otherEndpoint(url: string | undefined, port: string): string | undefined {
  const isOwn = /^https?:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):(\d+)\/?$/.exec(url ?? '')?.[1] === port;
  return isOwn || url === '' ? undefined : url;
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unreadable(file, cause);
  }
}

function unreadable(file: string, cause: unknown): RefusedError {
  const message = `tutti sfn › --mocks: must be a file that can be read, got "${file}": ${String(cause)}`;
  return new RefusedError('mocks-not-found', message, { cause });
}

function whole(option: string, value: string, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= max) return number;
  throw usage(option, `must be a whole number from 0 to ${max}`, value);
}

function usage(option: string, rule: string, value: string): RefusedError {
  return new RefusedError('usage', `tutti sfn › --${option}: ${rule}, got "${value}"`);
}
