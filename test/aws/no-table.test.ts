/** A table that is not there: every deployed part says so, in the same words, and what to do. */
import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../lib/base/json.ts';
import type { CoreFunction } from '../../lib/deployment/names.ts';
import { handlers } from './handlers.ts';
import { eventOf, responseOf } from './http-call.ts';
import { hasTables, tablesUrl } from './tables.ts';

const MISSING = {
  name: 'no-table',
  message:
    'table "tutti-gone": must exist in this account and region, got none; run cdk deploy for its environment',
};

const DAG = `
  import { dag, fn, lambda } from './runtime.mjs';
  const own = dag('own', {}, ({ task }) => {
    task('read', fn(() => 1));
    task('score', lambda.invoke({ functionName: 'score' }));
  });`;

const RUN = { dagId: 'own', runId: '2026-01-05T00:00:00Z', attempt: 1 };
const RECORDED = { $output: { task: 'other', field: 'n' } };
const ARN = 'arn:aws:states:us-east-1:000000000000';

const CORE: readonly (readonly [what: string, name: CoreFunction, event: object])[] = [
  ['a firing', 'tick', { dag: 'own' }],
  [
    'a wait for a run',
    'tick',
    {
      wait: {
        dagId: 'other',
        logicalDate: '2026-01-05',
        states: ['success'],
        failOn: [],
        error: 'Sensor.Failed',
        token: 't',
        consumer: { ...RUN, task: 'wait' },
      },
    },
  ],
  [
    'what takes a place',
    'pool',
    { acquire: { pool: 'db', holder: 'own#1', slots: 1, limit: 2, leaseSec: 60, token: 't' } },
  ],
  ['what gives it back', 'pool', { release: { pool: 'db', holder: 'own#1' } }],
  [
    'the end of an execution',
    'record',
    {
      detail: {
        executionArn: `${ARN}:execution:tutti-gone-own:one`,
        stateMachineArn: `${ARN}:stateMachine:tutti-gone-own`,
        name: 'one',
        status: 'SUCCEEDED',
        input: JSON.stringify({ run: { id: RUN.runId, dagId: 'own', attempt: '1' } }),
      },
    },
  ],
  ['a backfill', 'backfill', { dag: 'own', from: '2026-01-01', to: '2026-01-02', dryRun: true }],
  ['what goes on with one', 'backfill', { continue: { dag: 'own', id: '01A' } }],
  ['what ends jobs', 'cancel', { ...RUN, cause: 'cancelled' }],
  ['the sweep', 'sweep', {}],
];

describe.runIf(hasTables)('a table that is not there', () => {
  const endpoint = hasTables ? tablesUrl() : '';
  const made = handlers('gone', endpoint, DAG);

  test.each(CORE)('is told by %s (%s)', async (_, name, event) => {
    await expect(made.core(name, event)).rejects.toMatchObject(MISSING);
  });

  test('is told by the API', async () => {
    const event = await eventOf(new Request('https://x.lambda-url.us-east-1.on.aws/api/v1/dags'), 'arn:a');
    const response = responseOf((await made.core('api-read', event)) as Parameters<typeof responseOf>[0]);
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: 'no-table', detail: MISSING.message },
    ]);
  });

  const execution = {
    run: {
      id: RUN.runId,
      dagId: 'own',
      attempt: '1',
      logicalDate: RUN.runId,
      interval: { start: RUN.runId, end: '2026-01-06T00:00:00Z', date: '2026-01-05' },
      table: 'tutti-gone',
      expires: '1800000000',
      fns: { main: 'main' },
    },
    params: {},
  };
  const inTry = (more: JsonObject) => ({ execution, try: 1, ...more });

  test.each([
    ['a task whose value another one recorded', inTry({ task: 'read', args: { n: RECORDED } })],
    ['a task that records what it gives', inTry({ task: 'read', want: [''], record: true })],
    [
      'a task of an engine',
      inTry({ task: 'score', engine: 'lambda.invoke', args: { functionName: 'score' } }),
    ],
    ['what ends its jobs', { kind: 'cancel', ...RUN, cause: 'cancelled' }],
  ])('is told by the function of a DAG: %s', async (_, event) => {
    await expect(made.dag(event)).rejects.toMatchObject(MISSING);
  });
});
