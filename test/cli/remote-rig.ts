/** A deployment on this machine: Function URLs that check signatures, and the parameter that names them. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type ApiOptions, apiHandler } from '../../lib/api/handle.ts';
import { answerEvent } from '../../lib/aws/http-event.ts';
import { RefusedError } from '../../lib/base/errors.ts';
import { EXIT, errorDocument, exitCodeOf } from '../../lib/cli/exit.ts';
import { Code } from '../../lib/cli/ledger/code.ts';
import { buildProgram } from '../../lib/cli/program.ts';
import type { Terminal } from '../../lib/cli/terminal.ts';
import { type LocalWorld, openLocalWorld } from '../../lib/local/world.ts';
import type { World } from '../../lib/orchestrator/ports.ts';
import { registerDags } from '../../lib/orchestrator/register.ts';
import { loadPipelines } from '../../lib/project/load.ts';
import { eventOf, responseOf } from '../aws/http-call.ts';
import { checkedSignature, type Principal } from './signature.ts';

const REGION = 'eu-central-1';

export interface Deployment {
  /** Of SSM; it names the other two. */
  readonly endpoint: string;
  readonly readUrl: string;
  readonly writeUrl: string;
  /** Requests that were answered: `GET /api/v1/dags 200 …`. */
  readonly asked: string[];
  close(): Promise<void>;
}

export interface Deployed {
  readonly world: World;
  readonly principals: readonly Principal[];
  /** Who may call which URL. @default everybody both */
  readonly mayCall?: (principal: Principal, url: 'read' | 'write') => boolean;
  /** @default this machine's */
  readonly nowMs?: () => number;
  readonly options?: ApiOptions;
  /** @default 'lambda' */
  readonly service?: string;
}

/** Serves a world as an environment `prod` that was deployed. */
export async function deployed(place: Deployed): Promise<Deployment> {
  const asked: string[] = [];
  const common = { environment: 'prod', streams: false, ...place.options };
  const read = apiHandler(place.world, { ...common, readOnly: true });
  const write = apiHandler(place.world, common);
  const url = (kind: 'read' | 'write', handle: typeof read) =>
    listening(async (request) => {
      const body = new Uint8Array(await request.clone().arrayBuffer());
      const checked = check(place, request, { body, service: place.service ?? 'lambda' });
      if ('refused' in checked) return json(403, { message: checked.refused });
      if (place.mayCall?.(checked.principal, kind) === false) return json(403, { Message: 'Forbidden' });
      const event = await eventOf(request, checked.principal.userArn);
      const response = responseOf(await answerEvent(event, handle));
      asked.push(`${request.method} ${new URL(request.url).pathname} ${response.status}`);
      return response;
    });
  const [reading, writing] = [await url('read', read), await url('write', write)];
  const ssm = await listening(async (request) => {
    const body = new Uint8Array(await request.clone().arrayBuffer());
    const checked = check(place, request, { body, service: 'ssm' });
    if ('refused' in checked)
      return json(400, { __type: 'UnrecognizedClientException', message: checked.refused });
    const { Name } = JSON.parse(Buffer.from(body).toString()) as { readonly Name: string };
    if (Name !== '/tutti/prod/api') return json(400, { __type: 'ParameterNotFound' });
    return json(200, {
      Parameter: {
        Name,
        ARN: `arn:aws:ssm:eu-central-1:${checked.principal.userArn.split(':')[4]}:parameter${Name}`,
        Value: JSON.stringify({ readUrl: `${reading.url}/`, writeUrl: `${writing.url}/` }),
      },
    });
  });
  return {
    endpoint: ssm.url,
    readUrl: reading.url,
    writeUrl: writing.url,
    asked,
    close: async () => {
      await Promise.all([reading, writing, ssm].map((each) => each.close()));
    },
  };
}

function check(
  { principals, nowMs = Date.now }: Deployed,
  request: Request,
  { body, service }: { readonly body: Uint8Array; readonly service: string },
) {
  return checkedSignature(request, body, { principals, region: REGION, service, nowMs: nowMs() });
}

function json(status: number, value: unknown): Response {
  return new Response(JSON.stringify(value), { status, headers: { 'content-type': 'application/json' } });
}

interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

/** A server of requests as they came: the path and query are not tidied. */
export function listening(answer: (request: Request) => Promise<Response>): Promise<Listening> {
  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', async () => {
      const { method = 'GET', url = '/', headers } = incoming;
      const request = new Request(`http://${headers.host}${url}`, {
        method,
        headers: Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]),
        ...(method === 'GET' ? {} : { body: Buffer.concat(chunks) }),
      });
      const response = await answer(request);
      outgoing.writeHead(response.status, Object.fromEntries(response.headers));
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    });
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      resolve({
        url: `http://127.0.0.1:${port}`,
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            server.closeAllConnections();
          }),
      });
    });
  });
}

/**
 * Whose credentials this process has from now on; what this machine knows of others counts for nothing. `services`:
 * addresses by the names that AWS gives them in variables: `{ SSM: 'http://…' }`.
 */
export function signIn(
  { accessKeyId, secretAccessKey, sessionToken }: Omit<Principal, 'userArn'>,
  services: Readonly<Record<string, string>> = {},
): void {
  const nowhere = join(tmpdir(), 'tutti-no-such-file');
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: nowhere,
    AWS_SHARED_CREDENTIALS_FILE: nowhere,
  });
  delete process.env['AWS_SESSION_TOKEN'];
  if (sessionToken !== undefined) process.env['AWS_SESSION_TOKEN'] = sessionToken;
  for (const [service, url] of Object.entries(services)) process.env[`AWS_ENDPOINT_URL_${service}`] = url;
}

/** A folder with these files. */
export function folder(files: Readonly<Record<string, string>>): { readonly root: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), 'tutti-remote-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

/** A world that runs the pipelines of a folder, which are registered in it. */
export async function worldOf(root: string): Promise<LocalWorld> {
  const code = new Code();
  const { dags, problems } = await loadPipelines({ root });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  const world = await openLocalWorld({ root, codeOf: code.of });
  const versions = await code.versions(
    dags.map(({ dag }) => dag),
    (_, error) => {
      throw error;
    },
  );
  await registerDags(world, versions);
  return world;
}

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs one command line in this process. */
export async function said(root: string, ...argv: readonly string[]): Promise<Said> {
  const isJson = argv.includes('--json');
  let [out, err] = ['', ''];
  const terminal: Terminal = {
    live: false,
    columns: 120,
    rows: 40,
    color: false,
    paint: (_, text) => text,
    print: (text) => {
      if (!isJson) out += `${text}\n`;
    },
    json: (value) => {
      if (isJson) out += JSON.stringify(value, null, 2);
    },
    warn: (text) => {
      err += `${text}\n`;
    },
    write: (text) => {
      out += text;
    },
    flush: async () => undefined,
    intercept: () => () => undefined,
  };
  let code: number = EXIT.ok;
  const program = buildProgram(terminal, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(['-C', root, ...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    terminal.json(errorDocument(error));
    terminal.warn(error.message);
    code = exitCodeOf(error);
  }
  return { code, out, err };
}
