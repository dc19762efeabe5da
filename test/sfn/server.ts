/** A server for one test, and the official client before it. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  type DescribeExecutionCommandOutput,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { onTestFinished } from 'vitest';
import type { State } from '../../lib/asl/states.ts';
import type { Json } from '../../lib/base/json.ts';
import { type SfnOptions, startSfn } from '../../lib/sfn/index.ts';
import { machine } from '../interpreter/machine.ts';

export const ROLE = 'arn:aws:iam::000000000000:role/test';
export const LAMBDA = 'arn:aws:states:::lambda:invoke';

export interface TestServer {
  readonly client: SFNClient;
  readonly endpoint: string;
  /** Creates a machine of these states; gives its ARN. */
  readonly create: (states: Readonly<Record<string, State>>, name?: string) => Promise<string>;
  /** Starts an execution and waits for its end. */
  readonly run: (stateMachineArn: string, input?: Json) => Promise<DescribeExecutionCommandOutput>;
  /** Waits for an execution's end. */
  readonly ended: (executionArn: string | undefined) => Promise<DescribeExecutionCommandOutput>;
  /** All events of an execution. */
  readonly events: (executionArn: string | undefined) => Promise<readonly HistoryEvent[]>;
}

export async function sfn(options: SfnOptions = {}): Promise<TestServer> {
  const server = await startSfn(options);
  const client = new SFNClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    // Otherwise TestState and StartSyncExecution go to `sync-127.0.0.1`.
    disableHostPrefix: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  onTestFinished(async () => {
    client.destroy();
    await server.close();
  });
  const ended = async (executionArn: string | undefined): Promise<DescribeExecutionCommandOutput> => {
    for (;;) {
      const description = await client.send(new DescribeExecutionCommand({ executionArn }));
      if (description.status !== 'RUNNING') return description;
      await sleep(5);
    }
  };
  return {
    client,
    endpoint: server.endpoint,
    create: async (states, name = 'machine') => {
      const definition = JSON.stringify(machine(states));
      const { stateMachineArn = '' } = await client.send(
        new CreateStateMachineCommand({ name, definition, roleArn: ROLE }),
      );
      return stateMachineArn;
    },
    run: async (stateMachineArn, input = {}) => {
      const start = new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) });
      return ended((await client.send(start)).executionArn);
    },
    ended,
    events: async (executionArn) =>
      (await client.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }))).events ?? [],
  };
}

/** The error a call is refused with. */
export async function refusal(call: Promise<unknown>): Promise<{ name: string; message: string }> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return { name: error.name, message: error.message };
    throw error;
  }
  throw new Error('the call was not refused');
}

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server that answers by a script; gives its URL, and what it was asked. */
export async function fakeServer(
  answer: (asked: Asked, response: ServerResponse) => unknown,
): Promise<{ readonly url: string; readonly asked: readonly Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = '', url = '', headers } = request;
    const question = { method, url, headers, body: Buffer.concat(chunks).toString() };
    asked.push(question);
    await answer(question, response);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}`, asked };
}
