/**
 * Where functions, machines and the command ask AWS: it hands on to LocalStack or DynamoDB Local, counts what is asked and
 * what it costs, and does to chosen requests what a scenario wants done to them.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Json, type JsonObject, parseObject } from './json.ts';
import { signerOf } from './signature.ts';

/** One request to AWS, told after its answer. */
export interface Asked {
  /** `DynamoDB.UpdateItem`, `AWSStepFunctions.StartExecution`, `lambda POST`. */
  readonly action: string;
  /** Name of the function that asked; `''` for machines and the command. */
  readonly by: string;
  /** Of the process that asked, `''` likewise. */
  readonly pid: string;
  readonly body: JsonObject;
  readonly status: number;
  /** Of DynamoDB. */
  readonly units: number;
}

/** What is known of a request before it is answered. */
export type Asking = Pick<Asked, 'action' | 'by' | 'body'>;

/** Decides about a request before it is handed on: undefined hands it on. */
export type Fault = (asked: Asking) => Interference | undefined;

/** An answer instead of AWS's, or the death of the function that asks: before AWS did anything, or after. */
export type Interference =
  | { readonly answer: Json; readonly status: number; readonly when: 'before' | 'after' }
  | { readonly kill: 'before' | 'after' };

export interface Gateway {
  readonly url: string;
  /** Adds a fault; calling what it gives takes it away. */
  readonly fault: (fault: Fault) => () => void;
  /** Everything that was asked from now on, until what it gives is called. */
  readonly listen: (listener: (asked: Asked) => void) => () => void;
  readonly stop: () => void;
}

/** Where requests are handed on to: ports of 127.0.0.1. */
export interface Behind {
  readonly localstack: number;
  readonly dynamodb: number;
}

/** Listens on ports of 127.0.0.1: its own, and those of function URLs. */
export async function startGateway(behind: Behind, ports: readonly number[]): Promise<Gateway> {
  const faults = new Set<Fault>();
  const listeners = new Set<(asked: Asked) => void>();
  const [own = 0, ...others] = ports;
  const main = await listen(own, (incoming, outgoing) =>
    handOn({ behind, faults, listeners }, incoming, outgoing),
  );
  const urls = await Promise.all(
    others.map((port) => listen(port, (incoming, outgoing) => callUrl(behind, incoming, outgoing))),
  );
  return {
    url: `http://127.0.0.1:${portOf(main)}`,
    fault: (fault) => {
      faults.add(fault);
      return () => faults.delete(fault);
    },
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop() {
      for (const server of [main, ...urls]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

interface Passing {
  readonly behind: Behind;
  readonly faults: ReadonlySet<Fault>;
  readonly listeners: ReadonlySet<(asked: Asked) => void>;
}

async function handOn(
  { behind, faults, listeners }: Passing,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const sent = await buffer(incoming);
  const { 'x-amz-target': target = '', authorization = '' } = incoming.headers;
  const isTable = String(target).startsWith('DynamoDB_');
  const action = actionOf(String(target), incoming);
  const [, by = '', pid = ''] = /Credential=([\w-]+)\.(\d+)\//.exec(authorization) ?? [];
  const body = parseObject(sent);
  const fault = firstOf(faults, { action, by, body });
  if (fault !== undefined && isBefore(fault)) return interfere(fault, { outgoing, pid });
  const counted = isTable ? Buffer.from(JSON.stringify({ ...body, ReturnConsumedCapacity: 'TOTAL' })) : sent;
  const answer = await ask(isTable ? behind.dynamodb : behind.localstack, incoming, counted);
  const units = isTable ? unitsOf(parseObject(answer.body)) : 0;
  const { 'x-amz-crc32': _sum, 'content-length': _length, ...headers } = answer.headers;
  for (const listener of listeners) listener({ action, by, pid, body, status: answer.status, units });
  if (fault !== undefined) return interfere(fault, { outgoing, pid });
  if (!isTable) outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  else outgoing.writeHead(answer.status, headers).end(uncounted(answer.body, body));
}

/** What DynamoDB answers to who did not ask for units. */
function uncounted(answered: Buffer, { ReturnConsumedCapacity: asked }: JsonObject): string {
  const { ConsumedCapacity: consumed, ...reply } = parseObject(answered);
  return JSON.stringify(
    asked === undefined || consumed === undefined ? reply : { ...reply, ConsumedCapacity: consumed },
  );
}

/** `DynamoDB_20120810.UpdateItem` without the date; services with paths by service and path. */
function actionOf(target: string, { method = '', url = '', headers }: IncomingMessage): string {
  if (target !== '') return target.replace(/_\d{8}\./, '.');
  const [, service = 'unsigned'] =
    /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  return `${service} ${method} ${url.split('?')[0]}`;
}

function firstOf(faults: ReadonlySet<Fault>, asked: Asking): Interference | undefined {
  for (const fault of faults) {
    const answer = fault(asked);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function unitsOf({ ConsumedCapacity: consumed }: JsonObject): number {
  const all = Array.isArray(consumed) ? consumed : [consumed];
  return all.reduce((sum: number, one) => {
    const units =
      typeof one === 'object' && one !== null && 'CapacityUnits' in one ? one['CapacityUnits'] : 0;
    return sum + Number(units);
  }, 0);
}

function isBefore(fault: Interference): boolean {
  return ('kill' in fault ? fault.kill : fault.when) === 'before';
}

function interfere(
  fault: Interference,
  { outgoing, pid }: { readonly outgoing: ServerResponse; readonly pid: string },
): void {
  if ('kill' in fault) {
    // A child of the emulator that this suite started.
    if (pid !== '') process.kill(Number(pid), 'SIGKILL');
    outgoing.destroy();
    return;
  }
  outgoing
    .writeHead(fault.status, { 'content-type': 'application/x-amz-json-1.0' })
    .end(JSON.stringify(fault.answer));
}

/** A function URL: whose signature it is goes with the request, a wrong one is refused. */
async function callUrl(behind: Behind, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const sent = await buffer(incoming);
  const signer = signerOf(incoming, sent);
  if (signer === 'wrong') {
    outgoing.writeHead(403, { 'content-type': 'application/json' });
    outgoing.end(JSON.stringify({ message: 'The request signature we calculated does not match' }));
    return;
  }
  const { 'x-tutti-caller': _pretended, ...headers } = incoming.headers;
  incoming.headers = {
    ...headers,
    host: `port${incoming.socket.localPort}.lambda-url.us-east-1.localhost.localstack.cloud:${behind.localstack}`,
    ...(signer === undefined ? {} : { 'x-tutti-caller': signer }),
  };
  const answer = await ask(behind.localstack, incoming, sent);
  outgoing.writeHead(answer.status, answer.headers).end(answer.body);
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

function ask(port: number, { method, url, headers }: IncomingMessage, sent: Buffer): Promise<Answer> {
  const { 'transfer-encoding': _chunked, authorization, ...others } = headers;
  // Nobody behind checks signatures; DynamoDB Local takes no key with other signs than letters and digits.
  const signed =
    authorization === undefined ? {} : { authorization: authorization.replace(/=[\w-]+\.\d+\//, '=test/') };
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        port,
        host: '127.0.0.1',
        method,
        path: url,
        headers: { ...others, ...signed, 'content-length': sent.length },
      },
      (answer) => {
        const { 'transfer-encoding': _own, connection: _kept, ...answered } = answer.headers;
        buffer(answer).then(
          (body) => resolve({ status: answer.statusCode ?? 500, headers: answered, body }),
          reject,
        );
      },
    );
    asking.on('error', reject);
    asking.end(sent);
  });
}

type Handler = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;

async function listen(port: number, handler: Handler): Promise<Server> {
  const server = createServer((incoming, outgoing) => {
    // Whoever is behind has gone: so does the one who asked.
    handler(incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
