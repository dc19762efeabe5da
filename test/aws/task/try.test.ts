/** Tries of function tasks in a DAG's function: values in and out, verdicts, errors, time. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Json } from '../../../lib/base/json.ts';
import type { FnContext } from '../../../lib/model/context.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { FailTask, SkipTask } from '../../../lib/model/task-errors.ts';
import { testDag } from '../../local/dag.ts';
import { Cloud } from './cloud.ts';
import { eventOf, type Rig, type RigOptions, type RunOptions, rig, runInput } from './rig.ts';

const cloud = new Cloud();
// Nothing here reads or writes items.
const table = { name: 'none', url: 'http://127.0.0.1:9' };

beforeAll(() => cloud.start());
afterAll(() => cloud.stop());

describe('values', () => {
  test('come from args and go by the names that somebody wants', async () => {
    const dag = testDag({
      load: {
        inputs: { day: 'x' },
        body: ({ day }) => ({ day, deep: { rows: [1, 2] }, no: undefined, more: 1 }),
      },
    });
    const { call } = made(dag);
    const want = ['day', 'deep.rows.1', 'no', 'deep'];
    const reply = await call(eventOf('load', input(dag), { args: { day: '2026-01-01' }, want }));
    expect(reply).toEqual({ out: { day: '2026-01-01', 'deep.rows.1': 2, deep: { rows: [1, 2] } } });
  });

  test('that are large travel through the bucket, both ways', async () => {
    const text = 'ä'.repeat(300_000);
    const got: unknown[] = [];
    const dag = testDag({
      read: { body: () => ({ text, rows: 3 }) },
      load: { inputs: { text: 1 }, body: (args) => void got.push(args) },
    });
    const { call } = made(dag);
    const execution = input(dag, { id: 'large' });
    const want = ['text', 'rows'];
    const reply = (await call(eventOf('read', execution, { want, instance: '2.0' }))) as {
      out: { text: Json };
    };
    const key = 'values/test/large/1/read@2.0.0.json';
    expect(reply).toEqual({ out: { text: { $file: key }, rows: 3 } });
    expect(cloud.text(key)).toBe(JSON.stringify(text));
    const own = { $file: 'values/other/large/1/read.0.json' };
    await call(eventOf('load', execution, { args: { text: reply.out.text, own } }));
    expect(got).toEqual([{ text, own }]);
  });

  test('that were kept and are gone fail the task that reads them', async () => {
    const dag = testDag({ load: { inputs: { text: 1 }, body: () => 1 } });
    const args = { text: { $file: 'values/test/gone/1/read.0.json' } };
    await expect(made(dag).call(eventOf('load', input(dag), { args }))).rejects.toMatchObject({
      name: 'Dag.OutputLost',
      message:
        'output › values/test/gone/1/read.0.json: must be there as it was written, got nothing; run the task that wrote it again',
    });
  });

  test('that the machine evaluates itself must be small', async () => {
    const dag = testDag({ read: { body: () => ({ text: 'x'.repeat(300_000) }) } });
    const event = eventOf('read', input(dag), { want: ['text'], inline: ['text'] });
    await expect(made(dag).call(event)).rejects.toMatchObject({
      name: 'Dag.OutputTooLarge',
      message: expect.stringContaining('output.text: must be at most 65536 bytes, got 300011'),
    });
  });

  test('that Lambda cannot answer are refused', async () => {
    const dag = testDag({ read: { body: () => 'x'.repeat(7_000_000) } });
    await expect(made(dag).call(eventOf('read', input(dag)))).rejects.toMatchObject({
      name: 'Dag.OutputTooLarge',
    });
  });
});

test('verdicts of branches and short circuits are the reply', async () => {
  const dag = testDag({
    size: { call: { kind: 'branch', inputs: null, labels: ['big', 'small'] }, body: () => ['big'] },
    wrong: { call: { kind: 'branch', inputs: null, labels: ['big', 'small'] }, body: () => 'huge' },
    go: { call: { kind: 'shortCircuitFn', inputs: null, respectTriggerRules: false }, body: () => false },
    odd: { call: { kind: 'shortCircuitFn', inputs: null, respectTriggerRules: false }, body: () => 1 },
  });
  const { call } = made(dag);
  expect(await call(eventOf('size', input(dag)))).toEqual({ out: {}, labels: ['big'] });
  expect(await call(eventOf('go', input(dag)))).toEqual({ out: {}, pass: false });
  await expect(call(eventOf('wrong', input(dag)))).rejects.toMatchObject({ name: 'Dag.UnknownLabel' });
  await expect(call(eventOf('odd', input(dag)))).rejects.toMatchObject({ name: 'Dag.BadOutput' });
});

test('a wait for a run of another DAG is handed on, and answered by its token', async () => {
  const poke = { pokeEvery: '1h', backoff: 1, timeout: '7d', softFail: false } as const;
  const dag = testDag({ ready: { call: { kind: 'sensor', sensor: 'dag.run', args: {}, poke } } });
  const asked: unknown[] = [];
  const { call } = made(dag, {
    callEngine: async ({ call: { engine }, args, event }) => {
      asked.push([engine, args, event.token]);
      if (event.token === 'late') throw Object.assign(new Error('over'), { name: 'Dag.SensorTimeout' });
      return null;
    },
  });
  const args = { dagId: 'other', logicalDate: '2026-01-01' };
  const event = eventOf('ready', input(dag), {
    engine: 'dag.run',
    args,
    token: 't',
    want: ['state'],
    record: true,
  });
  expect(await call(event)).toEqual({});
  expect(asked).toEqual([['dag.run', args, 't']]);
  await expect(call({ ...event, token: 'late' })).rejects.toMatchObject({ name: 'Dag.SensorTimeout' });
});

describe('errors', () => {
  class Throttled extends Error {}

  test('are known by the names that retry rules use, and say what they said', async () => {
    const thrown: Record<string, unknown> = {
      skip: new SkipTask('no data'),
      fail: new FailTask('never'),
      own: new Throttled('slow down'),
      type: new TypeError('x is undefined'),
      text: 'just text',
    };
    const dag = testDag({
      work: {
        inputs: { how: 1 },
        body: async ({ how }) => {
          throw thrown[how];
        },
      },
      again: { body: () => new Map() },
    });
    const { call } = made(dag);
    const of = async (how: string) => {
      const error = await call(eventOf('work', input(dag), { args: { how } })).catch((each) => each);
      // As Lambda's runtime for Node.js reports it.
      return { errorType: error.name, errorMessage: error.message };
    };
    expect(await of('skip')).toEqual({ errorType: 'SkipTask', errorMessage: 'no data' });
    expect(await of('fail')).toEqual({ errorType: 'FailTask', errorMessage: 'never' });
    expect(await of('own')).toEqual({ errorType: 'Throttled', errorMessage: 'slow down' });
    expect(await of('type')).toEqual({ errorType: 'TypeError', errorMessage: 'x is undefined' });
    expect(await of('text')).toEqual({ errorType: 'Error', errorMessage: 'just text' });
    await expect(call(eventOf('again', input(dag)))).rejects.toMatchObject({ name: 'Dag.BadOutput' });
    await expect(call(eventOf('nobody', input(dag)))).rejects.toMatchObject({ name: 'Dag.UnknownTask' });
  });

  test('tell where, and are never so long that their cause is cut as JSON', async () => {
    const dag = testDag({
      work: {
        body: function bodyOfWork() {
          throw new Error('x'.repeat(100_000));
        },
      },
    });
    const error: Error = await made(dag)
      .call(eventOf('work', input(dag)))
      .then(
        () => new Error('it did not fail'),
        (thrown) => thrown,
      );
    const cause = JSON.stringify({
      errorType: error.name,
      errorMessage: error.message,
      trace: error.stack?.split('\n'),
    });
    expect(cause.length).toBeLessThan(32_768);
    expect(error.stack).toContain('bodyOfWork');
  });

  test('of the bucket are tried again while they pass', async () => {
    const dag = testDag({ work: { body: ({ files }: FnContext) => files.text('flaky.txt') } });
    const { call } = made(dag);
    cloud.objects.set('files/flaky.txt', Buffer.from('there'));
    cloud.faults.push({ on: /^GET .*flaky/, status: 503, body: '<Code>SlowDown</Code>', times: 2 });
    cloud.faults.push({ on: /^GET .*flaky/, status: 0, times: 1 });
    expect(await call(eventOf('work', input(dag), { want: [''] }))).toEqual({ out: { '': 'there' } });
    cloud.faults.push({
      on: /^GET .*flaky/,
      status: 403,
      body: '<Code>AccessDenied</Code><Message>no</Message>',
      times: 1,
    });
    await expect(call(eventOf('work', input(dag)))).rejects.toMatchObject({
      name: 'S3.AccessDenied',
      message: 'no',
    });
  });
});

describe('time', () => {
  test('ends before Lambda’s own, and the function is told', async () => {
    const givenUp = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    let aborted: unknown;
    const dag = testDag({
      slow: {
        body: async ({ signal, log }: FnContext) => {
          signal.addEventListener('abort', () => {
            aborted = signal.reason;
          });
          await givenUp.promise;
          log.info('too late to be told');
          over.resolve();
        },
      },
    });
    const { call, lines } = made(dag);
    await expect(call(eventOf('slow', input(dag)), 1_300)).rejects.toMatchObject({
      name: 'Dag.Timeout',
      message:
        'task "slow" › timeout: must end within 0.3 s, got no end; allow it more, 900 s at most, or do less in one task',
    });
    expect(aborted).toBeInstanceOf(Error);
    givenUp.resolve();
    await over.promise;
    expect(lines().map(({ message }) => message)).toEqual([expect.stringMatching(/^Dag.Timeout: /)]);
  });

  test('of the task is the shorter one where it is', async () => {
    const dag = testDag({ slow: { body: () => sleep(10_000, undefined, { ref: false }), timeout: '1s' } });
    await expect(made(dag).call(eventOf('slow', input(dag)))).rejects.toMatchObject({
      message: expect.stringContaining('must end within 1 s'),
    });
  });
});

function made(dag: DagNode, options: Partial<RigOptions> = {}): Rig {
  const one = rig(dag, { cloud, table, ...options });
  onTestFinished(one.close);
  return one;
}

function input(dag: DagNode, options: RunOptions = {}) {
  return runInput({ table }, dag.id, options);
}
