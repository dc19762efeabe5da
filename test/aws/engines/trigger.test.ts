/** Runs of other DAGs: what a DAG's function asks of Core, and what Core makes of it. */
import { expect, test } from 'vitest';
import { awaitRun, triggerDag } from '../../../lib/aws/engines/trigger.ts';
import { tickEventOf } from '../../../lib/aws/events.ts';
import { awsClients } from '../../../lib/aws/signed/clients.ts';
import { type WaitWorld, waitForRun } from '../../../lib/aws/waiting.ts';
import { newestIn, releaseWaits } from '../../../lib/aws/waits.ts';
import type { Json, JsonObject } from '../../../lib/base/json.ts';
import type { WaitEvent } from '../../../lib/deployment/events.ts';
import { cron, dag, fn } from '../../../lib/index.ts';
import type { Run } from '../../../lib/model/run.ts';
import { onDynamoDB } from '../dynamodb-local.ts';
import { NOBODY, serve } from './job-service.ts';
import { Rig, type RigOptions } from './rig.ts';

const RUN = { dagId: 'publish', runId: '2026-01-04T00:00:00Z~x', logicalDate: '2026-01-04T00:00:00Z' };

await onDynamoDB('runs of other DAGs', (local) => {
  /** Core's functions at the edge of the process: each call, and its answer. */
  async function withCore(
    options: Pick<RigOptions, 'engine' | 'call' | 'args'>,
    answer: (event: Json) => { readonly body: Json; readonly error?: string },
    body: (rig: Rig, asked: Json[]) => Promise<void>,
  ): Promise<void> {
    const asked: Json[] = [];
    const { url, stop } = await serve(async ({ url: path = '' }, text) => {
      expect(path).toBe('/2015-03-31/functions/tutti-test-tick/invocations');
      const event = JSON.parse(text) as Json;
      asked.push(event);
      // What Core takes, and refuses, is decided by its own check.
      tickEventOf(event);
      const { body: reply, error } = answer(event);
      const headers: Record<string, string> = error === undefined ? {} : { 'x-amz-function-error': error };
      return { status: 200, headers, body: JSON.stringify(reply) };
    });
    const access = { region: 'eu-central-1', credentials: () => NOBODY, endpoint: () => url };
    const rig = new Rig({ local, name: await local.newTable() }, 'run-1', {
      ...options,
      clients: { lambda: awsClients(access).lambda },
    });
    await body(rig, asked).finally(stop);
  }

  const triggering = {
    engine: triggerDag,
    call: { engine: 'dag.trigger' },
    args: { dagId: 'publish', wait: false, params: { day: '2026-01-04' } },
  };

  test('a run is asked for with the same id by each try, and told', () =>
    withCore(
      triggering,
      () => ({ body: { ...RUN, state: 'queued' } }),
      async (rig, asked) => {
        expect(await rig.call()).toEqual({ ...RUN, state: 'queued' });
        await rig.call({ asked: 2 });
        await rig.call({ attempt: '2' });
        for (const instance of ['0.1', '1.1']) await rig.call({ instance });
        const ids = asked.map((event) => ((event as JsonObject)['trigger'] as JsonObject)['id']);
        expect(ids[1]).toBe(ids[0]);
        // Another attempt, and each place in a map of a map or a loop, has a run of its own.
        expect(new Set(ids).size).toBe(4);
        expect(asked[0]).toMatchObject({ trigger: { dagId: 'publish', triggeredBy: 'sales' } });
      },
    ));

  test('a run that Core refuses fails the task with its words', () =>
    withCore(
      triggering,
      () => ({
        body: { errorType: 'unknown-dag', errorMessage: 'dag "publish": must be there, got none' },
        error: 'Unhandled',
      }),
      async (rig) => {
        await expect(rig.call()).rejects.toMatchObject({
          name: 'Dag.TriggerRefused',
          message: 'dag "publish": must be there, got none',
        });
      },
    ));

  test('a task that waits hands its token to Core, for that run alone', () =>
    withCore(
      { ...triggering, args: { ...triggering.args, wait: true } },
      (event) => ({ body: 'wait' in (event as object) ? null : { ...RUN, state: 'queued' } }),
      async (rig, asked) => {
        await rig.call({ token: 'token-1', instance: '3' });
        expect(asked[1]).toEqual({
          wait: {
            ...RUN,
            states: ['success'],
            failOn: ['failed', 'cancelled'],
            error: 'Dag.TriggeredRunFailed',
            token: 'token-1',
            consumer: { dagId: 'sales', runId: 'run-1', attempt: 1, task: 'load', instance: '3' },
          },
        });
      },
    ));

  const awaiting = {
    engine: awaitRun,
    call: { engine: 'dag.run' },
    args: { dagId: 'publish', logicalDate: '2026-01-04', states: ['success'], failOn: [] },
  };

  test('a sensor of a run tells its wait anew until its time is over', () =>
    withCore(
      awaiting,
      () => ({ body: null }),
      async (rig, asked) => {
        const poke = { timeout: 7200, softFail: false };
        await rig.call({ token: 'token-1', poke });
        expect(asked).toMatchObject([{ wait: { ...awaiting.args, error: 'Dag.AwaitedRunFailed' } }]);
        rig.nowMs += 7_200_000;
        expect(await rig.outcome({ token: 'token-2', poke, asked: 2 })).toBe('Dag.SensorTimeout');
        const soft = { ...poke, softFail: true };
        expect(await rig.outcome({ token: 'token-2', poke: soft, asked: 2 })).toBe('SkipTask');
        expect(asked).toHaveLength(1);
      },
    ));

  const publish = dag(
    'publish',
    { schedule: cron('0 0 * * *', { timezone: 'UTC' }), start: '2026-01-01' },
    ({ task }) => {
      task(
        'only',
        fn(() => 1),
      );
    },
  );

  /** Core's part of the world that waits need, over the real table, with one run. */
  async function core(run: { state: Run['state'] } | undefined) {
    const answers: JsonObject[] = [];
    const { url, stop } = await serve(async ({ headers }, body) => {
      const call = String(headers['x-amz-target']).replace('AWSStepFunctions.', '');
      answers.push({ call, ...(JSON.parse(body) as JsonObject) });
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: '{}' };
    });
    const access = { region: 'eu-central-1', credentials: () => NOBODY, endpoint: () => url };
    const sfn = await awsClients(access).sfn();
    const table = { client: local.client(), name: await local.newTable() };
    const now = () => (run === undefined ? undefined : ({ ...RUN, id: RUN.runId, ...run } as unknown as Run));
    const runs = {
      get: async () => now(),
      list: async () => ({ items: [now()].filter((each) => each !== undefined) }),
    };
    const waits = { table, sfn, look: newestIn(runs as unknown as Parameters<typeof newestIn>[0]) };
    const store = {
      dags: {
        head: async () => ({ dagId: 'publish', version: 'v1' }),
        version: async () => ({ dag: publish, manifest: {} }),
      },
    };
    const world = { waits, store, clock: { now: () => Date.UTC(2026, 0, 6) } } as unknown as WaitWorld;
    return { world, answers, stop };
  }

  const wait: WaitEvent = {
    dagId: 'publish',
    logicalDate: '2026-01-04',
    states: ['success'],
    failOn: ['failed'],
    error: 'Dag.AwaitedRunFailed',
    token: 'token-1',
    consumer: { dagId: 'sales', runId: 'run-1', attempt: 1, task: 'load' },
  };

  test('Core answers at once where the run of that day is there already', async () => {
    const { world, answers, stop } = await core({ state: 'success' });
    await waitForRun(world, wait).finally(stop);
    expect(answers).toMatchObject([
      { call: 'SendTaskSuccess', taskToken: 'token-1', output: JSON.stringify({ ...RUN, state: 'success' }) },
    ]);
  });

  test('Core answers later, by the last token, when the run ends', async () => {
    const run: { state: Run['state'] } = { state: 'running' };
    const { world, answers, stop } = await core(run);
    try {
      await waitForRun(world, wait);
      await waitForRun(world, { ...wait, token: 'token-2' });
      expect(answers).toEqual([]);
      run.state = 'failed';
      expect(await releaseWaits(world.waits, { ...RUN, id: RUN.runId, ...run } as unknown as Run)).toBe(1);
    } finally {
      await stop();
    }
    expect(answers).toMatchObject([
      { call: 'SendTaskFailure', taskToken: 'token-2', error: 'Dag.AwaitedRunFailed' },
    ]);
  });

  test('Core takes no wait that is not whole', () => {
    expect(tickEventOf({ wait })).toEqual({ wait });
    expect(() => tickEventOf({ wait: { ...wait, token: '' } })).toThrow('token');
    expect(() => tickEventOf({ wait: { ...wait, more: 1 } })).toThrow('more');
  });
});
