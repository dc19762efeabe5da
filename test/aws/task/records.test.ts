/** What tries of a DAG's function keep in the table, on DynamoDB Local. */
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { FnContext } from '../../../lib/model/context.ts';
import type { DagNode } from '../../../lib/model/dag.ts';
import { testDag } from '../../local/dag.ts';
import { onDynamoDB } from '../dynamodb-local.ts';
import { Cloud } from './cloud.ts';
import { eventOf, type Rig, type RigOptions, type RunOptions, rig, runInput, type TestTable } from './rig.ts';

const cloud = new Cloud();
let table: TestTable = { name: '', url: '' };

beforeAll(() => cloud.start());
afterAll(() => cloud.stop());

await onDynamoDB('what tries keep in the table', (local) => {
  beforeAll(async () => {
    table = { name: await local.newTable(), url: local.url };
  });

  test('what tasks record is read by others across a latch, one item or a list of them', async () => {
    const got: unknown[] = [];
    const dag = testDag({
      rows: { body: () => ({ rows: 3 }) },
      read: { inputs: { all: 1 }, body: (args) => void got.push(args) },
    });
    const { call, table: items } = made(dag);
    const execution = input(dag);
    await call(eventOf('rows', execution, { want: ['rows'], record: true }));
    for (const instance of ['0', '2'])
      await call(eventOf('rows', execution, { want: ['rows'], record: true, instance }));
    const $output = { task: 'rows', field: 'rows' };
    const args = {
      one: { $output },
      second: { $output: { ...$output, instance: '2' } },
      all: { $output: { ...$output, items: 130 } },
      never: { $output: { task: 'never', field: '' } },
    };
    await call(eventOf('read', execution, { args }));
    expect(got).toEqual([{ one: 3, second: 3, all: [3, null, 3, ...Array(127).fill(null)] }]);
    const pk = `RUN#test#${execution.run.id}`;
    expect(await items.get([{ pk, sk: 'O#rows#2' }])).toEqual([
      { pk, sk: 'O#rows#2', out: '{"rows":3}', attempt: 1, ttl: 1_800_000_000 },
    ]);
  });

  test('what an earlier attempt recorded counts where their task does not run again', async () => {
    const got: unknown[] = [];
    const dag = testDag({
      a: { body: () => ({ rows: 1 }) },
      'g.b': { body: () => ({ rows: 2 }) },
      c: { inputs: { a: 1 }, body: (args) => void got.push(args) },
    });
    const { call } = made(dag);
    const first = input(dag, { id: 'again' });
    for (const task of ['a', 'g.b']) await call(eventOf(task, first, { want: ['rows'], record: true }));
    const args = {
      a: { $output: { task: 'a', field: 'rows' } },
      b: { $output: { task: 'g.b', field: 'rows' } },
    };
    const rerun = (tasks: readonly string[]) =>
      input(dag, { id: 'again', attempt: '2', rerun: { tasks, data: {}, outputs: {} } });
    await call(eventOf('c', rerun(['c']), { args }));
    await call(eventOf('c', rerun(['g', 'c']), { args }));
    await call(eventOf('c', input(dag, { id: 'again', attempt: '2' }), { args }));
    expect(got).toEqual([{ a: 1, b: 2 }, { a: 1 }, {}]);
    await call(eventOf('g.b', rerun(['g', 'c']), { want: ['rows'], record: true }));
    await call(eventOf('c', rerun(['g', 'c']), { args }));
    expect(got.at(-1)).toEqual({ a: 1, b: 2 });
  });

  test('what an attempt records that was given up comes too late', async () => {
    const dag = testDag({ a: { body: () => ({ rows: 1 }) } });
    const { call } = made(dag);
    await call(eventOf('a', input(dag, { id: 'late', attempt: '10' }), { want: ['rows'], record: true }));
    const late = eventOf('a', input(dag, { id: 'late', attempt: '9' }), { want: ['rows'], record: true });
    await expect(call(late)).rejects.toMatchObject({ name: 'Dag.Superseded' });
  });

  test('what sensors see is known by name, and their looks are numbered by the author’s tries', async () => {
    const tries: number[] = [];
    let found: unknown = null;
    const dag = testDag({
      ready: {
        call: {
          kind: 'sensor',
          sensor: 'fn',
          args: null,
          poke: { pokeEvery: '1m', backoff: 1, timeout: '1h', softFail: false },
        },
        body: ({ run }: FnContext) => {
          tries.push(run.try);
          if (found instanceof Error) throw found;
          return found;
        },
      },
    });
    const { call, lines } = made(dag);
    const execution = input(dag);
    const poke = { timeout: 3600, softFail: false };
    const look = (count: number, since = new Date().toISOString()) =>
      call(eventOf('ready', execution, { try: count, since, poke, want: [''] }));
    await expect(look(1)).rejects.toMatchObject({ name: 'Sensor.NotReady' });
    await expect(look(2)).rejects.toMatchObject({ name: 'Sensor.NotReady' });
    found = new RangeError('no rows');
    await expect(look(3)).rejects.toMatchObject({ name: 'RangeError', message: 'no rows' });
    found = { rows: 3 };
    expect(await look(4)).toEqual({ out: { '': { rows: 3 } } });
    expect(tries).toEqual([1, 1, 1, 2]);
    found = [];
    await expect(look(5, '2026-01-01T00:00:00Z')).rejects.toMatchObject({ name: 'Dag.SensorTimeout' });
    const soft = { timeout: 3600, softFail: true };
    const skipped = eventOf('ready', execution, { since: '2026-01-01T00:00:00Z', poke: soft });
    await expect(call(skipped)).rejects.toMatchObject({ name: 'SkipTask' });
    // A look that found nothing is no line; one that failed is of the try that it was.
    expect(lines().map((line) => [line.level, line.try, line.message])).toEqual([
      ['error', 1, 'RangeError: no rows'],
      [
        'error',
        2,
        expect.stringMatching(/^Dag.SensorTimeout: task "ready" › timeout: must be there within 3600 s/),
      ],
      ['info', 1, expect.stringMatching(/^skipped: /)],
    ]);
  });

  test('an approval is answered later: the question waits with its token', async () => {
    const dag = testDag({
      gate: { call: { kind: 'approve', message: 'Go?', choices: ['yes', 'no'], rejects: ['no'] } },
    });
    const nowMs = () => Date.UTC(2026, 0, 2);
    const { call, table: items, lines } = made(dag, { nowMs });
    const execution = input(dag);
    const args = { message: 'Load 3 rows?', choices: ['yes', 'no'], rejects: ['no'] };
    const more = { args, token: 'token-1', instance: '2.0', label: 'eu' };
    expect(await call(eventOf('gate', execution, more))).toEqual({});
    await call(eventOf('gate', execution, { ...more, try: 2, token: 'token-2' }));
    const [item] = await items.get([{ pk: `RUN#test#${execution.run.id}`, sk: 'Q#1#gate#2#0' }]);
    expect(item).toMatchObject({ token: 'token-2', ttl: 1_800_000_000 });
    expect(JSON.parse(String(item?.['question']))).toEqual({
      task: 'gate',
      instance: '2.0',
      label: 'eu',
      message: 'Load 3 rows?',
      choices: ['yes', 'no'],
      rejects: ['no'],
      askedAt: '2026-01-02T00:00:00.000Z',
    });
    expect(lines()[0]).toMatchObject({ message: 'asks: Load 3 rows?', fields: { choices: ['yes', 'no'] } });
  });

  test('state is kept from run to run, by task and key', async () => {
    const dag = testDag({
      count: {
        body: async ({ state }: FnContext) => {
          const before = (await state.get<{ n: number }>('seen'))?.n ?? 0;
          await state.set('seen', { n: before + 1 });
          if (before === 1) await state.delete('seen');
          return before;
        },
      },
      other: { body: ({ state }: FnContext) => state.get('seen') },
      large: { body: ({ state }: FnContext) => state.set('seen', 'x'.repeat(400_000)) },
    });
    const { call } = made(dag);
    const counted = () => call(eventOf('count', input(dag), { want: [''] }));
    expect(await counted()).toEqual({ out: { '': 0 } });
    expect(await call(eventOf('other', input(dag), { want: [''] }))).toEqual({ out: { '': null } });
    expect(await counted()).toEqual({ out: { '': 1 } });
    expect(await counted()).toEqual({ out: { '': 0 } });
    await expect(call(eventOf('large', input(dag)))).rejects.toMatchObject({ name: 'State.TooLarge' });
  });

  test('a table that throttles is asked again', async () => {
    const dag = testDag({ other: { body: ({ state }: FnContext) => state.get('seen') } });
    const { call } = made(dag);
    const real = globalThis.fetch;
    let left = 2;
    const throttling = vi.spyOn(globalThis, 'fetch').mockImplementation((...args) => {
      const isTable = String(args[0]).startsWith(table.url);
      if (!isTable || left-- <= 0) return real(...args);
      const body = '{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow"}';
      return Promise.resolve(new Response(body, { status: 400 }));
    });
    onTestFinished(() => throttling.mockRestore());
    expect(await call(eventOf('other', input(dag), { want: [''] }))).toEqual({ out: { '': null } });
    expect(left).toBeLessThan(0);
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
