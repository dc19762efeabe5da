/** The bundles that are deployed, sent what nobody means: refused with place, rule, value and remedy, and AWS is asked nothing. */
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bundleDags } from '../../lib/constructs/code/bundle.ts';
import type { CoreFile, DagFile } from '../../lib/deployment/files.ts';
import { lateFile } from '../../pipelines/late-file.ts';
import { type Bundles, bundles } from './bundles.ts';

type Handler = (event: unknown, context: object) => Promise<unknown>;

const CONTEXT = {
  invokedFunctionArn: 'arn:aws:lambda:eu-central-1:111122223333:function:tutti-dev-any',
  getRemainingTimeInMillis: () => 60_000,
};
const CORE: CoreFile = { environment: 'dev', bucket: 'bucket', notifiers: {}, retention: {} };
const DAG: DagFile = {
  environment: 'dev',
  bucket: 'bucket',
  connections: {},
  asks: { connections: [], secrets: [] },
};

let made: Bundles;
const asked: string[] = [];
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers['x-amz-target'] ?? request.url}`);
    response.end('{}');
  });
  await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
  const { port } = server.address() as AddressInfo;
  Object.assign(process.env, {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
  });
  const source = { dag: lateFile, file: resolve('pipelines/late-file.ts') };
  const scratch = mkdtempSync(join(tmpdir(), 'tutti-malformed-'));
  const code = bundleDags([source], scratch).get(lateFile.id)?.code ?? '';
  made = bundles({ core: CORE, dag: { file: DAG, code } });
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});

afterAll(async () => {
  vi.restoreAllMocks();
  await new Promise((closed) => server.close(closed));
  made.remove();
});

const HUGE = 'x'.repeat(5_000_000);
const EVENTS: readonly unknown[] = [
  null,
  undefined,
  [],
  Array(10_000).fill(1),
  'text',
  42,
  true,
  {},
  { dag: null },
  { dag: { $ne: 1 }, from: 1, to: [] },
  { [HUGE]: 1, dag: HUGE, kind: HUGE, rawPath: HUGE, detail: HUGE, ResponseURL: HUGE },
  { kind: 'task', task: 42, run: [] },
  { kind: 'cancel', dagId: 1, runId: {}, attempt: 'one' },
  { detail: { executionArn: 42, status: 'NOPE' } },
  { acquire: null, release: 7, trigger: [], wait: 1, continue: 'x' },
  { RequestType: 'Create', ResponseURL: 'file:///etc/passwd' },
  { version: '2.0', rawPath: 42, headers: [], requestContext: null },
];

describe.each([
  ['core', 'tick'],
  ['core', 'record'],
  ['core', 'backfill'],
  ['core', 'cancel'],
  ['core', 'pool'],
  ['core', 'register'],
  ['core', 'api-read'],
  ['core', 'api-write'],
  ['dag', 'index'],
] as const)('%s/%s', (part, file) => {
  test('refuses it, with all that a person has to know', async () => {
    const { handler }: { readonly handler: Handler } = await import(join(made[part], `${file}.mjs`));
    for (const event of EVENTS) {
      const error: unknown = await handler(event, CONTEXT).then(
        (answer) => `answered ${JSON.stringify(answer)}`,
        (thrown: unknown) => thrown,
      );
      const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
      expect({ name, message }).toEqual({
        name: expect.stringMatching(/^(invalid-event|Dag\.UnknownCall)$/),
        message: expect.stringMatching(
          /^(\w+|dag "late_file") › event[^:]*: must [\s\S]+, got [\s\S]+; \S[\s\S]+$/,
        ),
      });
      expect(message.length).toBeLessThan(4_000);
    }
    expect(asked).toEqual([]);
  });
});
