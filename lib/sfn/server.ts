/** The AWS JSON 1.0 protocol over HTTP. @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { isObject, type Json, type JsonObject } from '../base/json.ts';
import { SfnError } from './errors.ts';
import type { Calls } from './world.ts';

const TARGET = 'AWSStepFunctions.';
const CONTENT_TYPE = 'application/x-amz-json-1.0';

/** Longest request, in bytes: a definition of 1 MiB, every character of it escaped. */
const MAX_BODY_BYTES = 8 * 1_048_576;

/** Serves calls; every request is answered, in error too. */
export function serve(calls: Calls): Server {
  // A client's connection outlives a pause between its calls.
  return createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    handle(calls, request)
      .then((output) => send(response, 200, output))
      .catch((thrown: unknown) => sendError(response, thrown));
  });
}

async function handle(calls: Calls, request: IncomingMessage): Promise<JsonObject> {
  const target = request.headers['x-amz-target'];
  if (request.headers.origin !== undefined)
    throw new SfnError('AccessDeniedException', 'tutti sfn answers SDKs and the AWS CLI, no web pages');
  const body = await read(request);
  if (request.method !== 'POST' || typeof target !== 'string' || !target.startsWith(TARGET))
    throw new SfnError(
      'UnknownOperationException',
      `This is tutti sfn, Step Functions' API: POST / with the header X-Amz-Target: ${TARGET}<Operation>, got ${request.method} ${request.url} with ${target ?? 'none'}`,
    );
  const operation = target.slice(TARGET.length);
  const call = Object.hasOwn(calls, operation) ? calls[operation] : undefined;
  if (call === undefined)
    throw new SfnError('UnknownOperationException', `tutti sfn has no operation ${operation}`);
  return call(parse(body));
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES)
      throw new SfnError('RequestEntityTooLargeException', `A request has at most ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function parse(body: string): JsonObject {
  let input: Json = null;
  try {
    input = JSON.parse(body === '' ? '{}' : body) as Json;
  } catch (cause) {
    throw noJson(cause);
  }
  if (isObject(input)) return input;
  throw new SfnError('SerializationException', 'The body must be a JSON object');
}

function noJson(cause: unknown): SfnError {
  return new SfnError('SerializationException', `The body is no JSON: ${String(cause)}`, { cause });
}

function sendError(response: ServerResponse, thrown: unknown): void {
  if (thrown instanceof SfnError) {
    send(response, 400, { __type: thrown.code, message: thrown.message }, thrown.code);
    return;
  }
  const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  send(
    response,
    500,
    { __type: 'InternalFailure', message: `A mistake of tutti sfn: ${text}` },
    'InternalFailure',
  );
}

function send(response: ServerResponse, status: number, output: JsonObject, error?: string): void {
  const body = JSON.stringify(output);
  response.writeHead(status, {
    'content-type': CONTENT_TYPE,
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
    ...(error === undefined ? {} : { 'x-amzn-errortype': error }),
  });
  response.end(body);
}
