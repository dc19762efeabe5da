/** Lambda's Invoke, as far as a state machine uses it: each call is held until the driver answers it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Json } from '../../lib/base/json.ts';
import { TaskError } from '../../lib/interpreter/resource.ts';

/** Answers one invocation: with the function's result, or by throwing what the function throws. */
export type Handler = (functionName: string, payload: Json) => Promise<Json>;

export interface LambdaEndpoint {
  readonly url: string;
  readonly stop: () => void;
}

/** Listens on a free port of 127.0.0.1. @see https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
export async function lambdaEndpoint(handler: Handler): Promise<LambdaEndpoint> {
  const server = createServer((request, response) => void answer(handler, request, response));
  // Calls are held for as long as the driver likes.
  server.requestTimeout = 0;
  // A connection that ends here while a call is on its way is a failed task there.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(handler: Handler, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, name = ''] = /\/functions\/([^/]+)\/invocations/.exec(request.url ?? '') ?? [];
  const headers = { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' };
  try {
    const reply = await handler(decodeURIComponent(name), JSON.parse(await text(request)));
    response.writeHead(200, headers).end(JSON.stringify(reply));
  } catch (thrown) {
    response
      .writeHead(200, { ...headers, 'x-amz-function-error': 'Unhandled' })
      .end(JSON.stringify(errorOf(thrown)));
  }
}

/** How the Node.js runtime reports what a handler threw. */
function errorOf(thrown: unknown): Json {
  if (thrown instanceof TaskError)
    return { errorType: thrown.error, errorMessage: thrown.causeText, trace: [] };
  return { errorType: 'Error', errorMessage: String(thrown), trace: [] };
}
