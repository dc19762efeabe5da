/** In the place of all services: answers as it is told, and keeps what it was sent. For one file of tests. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { AwsAccess } from '../../../lib/aws/signed/call.ts';
import { CREDENTIALS, isSigned } from '../task/signature.ts';

interface Got {
  readonly line: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly signedFor: readonly string[];
}

export type Reply = (response: ServerResponse) => void;

export const got: Got[] = [];
/** Answers in turn; none: 200 with `{}`. */
export const answers: Reply[] = [];
const SERVICES = ['athena', 'dynamodb', 'events', 'lambda', 's3', 'secretsmanager', 'states'];

const server = createServer(async (request, response) => {
  const body = await buffer(request);
  const { method, url, headers } = request;
  const signedFor = SERVICES.filter((service) => isSigned(service, request, body));
  got.push({ line: `${method} ${url}`, headers, body: body.toString(), signedFor });
  const answer = answers.shift();
  if (answer === undefined) response.end('{}');
  else answer(response);
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.close();
  server.closeAllConnections();
});
beforeEach(() => {
  got.length = 0;
  answers.length = 0;
});

export const access: AwsAccess = {
  region: 'eu-central-1',
  credentials: () => CREDENTIALS,
  endpoint: () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
};

export function reply(status: number, body = '', headers: Readonly<Record<string, string>> = {}): Reply {
  return (response) => void response.writeHead(status, headers).end(body);
}

/** The connection ends. */
export const dropped: Reply = (response) => void response.destroy();
