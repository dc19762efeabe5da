import { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testStates } from '../../../lib/aws/operate/state-tests.ts';
import { compile } from '../../../lib/compiler/compile.ts';
import { startSfn } from '../../../lib/sfn/index.ts';
import { branching, parallel, retries } from '../../features.ts';

let server: Awaited<ReturnType<typeof startSfn>>;
let client: SFNClient;

beforeAll(async () => {
  server = await startSfn({});
  client = new SFNClient({
    endpoint: server.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    disableHostPrefix: true,
  });
});

afterAll(async () => {
  client.destroy();
  await server.close();
});

test('every state of every feature is tested, and a place that differs is found', async () => {
  const input = { run: { fns: { main: 'f' }, table: 't', attempt: '1' }, params: {} };
  for (const dag of [parallel, branching, retries]) {
    const { definition } = compile(dag);
    const tests = await testStates(definition, { here: client, there: client, input });
    expect(tests.length).toBeGreaterThanOrEqual(Object.keys(definition.States).length);
    expect(tests.filter(({ isSame }) => !isSame)).toEqual([]);
    expect(tests.filter(({ here }) => here.status === 'refused')).toEqual([]);
  }
});

test('an answer of another kind is a difference', async () => {
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'a',
    States: { a: { Type: 'Pass', Output: '{% 1 + 1 %}', End: true } },
  } as const;
  const nowhere = new SFNClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: { handle: () => Promise.reject(new Error('not there')) },
    maxAttempts: 1,
  });
  const [first] = await testStates(definition, { here: client, there: nowhere, input: {} });
  expect(first).toMatchObject({
    state: 'a',
    here: { status: 'SUCCEEDED', output: 2 },
    there: { status: 'refused' },
    isSame: false,
  });
});
