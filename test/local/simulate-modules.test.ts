/** What a script says of instances, looks, people, pools, parts and reruns, in virtual time. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import type { Script } from '../../lib/local/script.ts';
import { simulate } from '../../lib/local/simulate.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { CallNode } from '../../lib/model/task.ts';
import { testDag } from './dag.ts';

const fn: CallNode = { kind: 'fn', inputs: null };

function mapped(
  items: readonly string[],
  more: Partial<DagNode> = {},
  pool?: { name: string; slots: number },
) {
  return testDag({ load: { call: fn, map: { items }, ...(pool === undefined ? {} : { pool }) } }, more);
}

test('a script tells instances apart', async () => {
  const script: Script = {
    load: [{ durationSec: 2 }],
    'load@1': [{ durationSec: 5, outcome: 'failed' }],
  };
  const { tasks, modules } = await simulate(compile(mapped(['a', 'b', 'c'])), script);
  expect(tasks['load']?.instances).toEqual({
    0: { state: 'success', startSec: 0, endSec: 2, tries: 1 },
    1: { state: 'failed', startSec: 0, endSec: 5, tries: 1 },
    2: { state: 'success', startSec: 0, endSec: 2, tries: 1 },
  });
  expect(modules['load']).toMatchObject({ state: 'failed', startSec: 0, endSec: 5 });
});

describe('a pool', () => {
  const order = async (slots: number, each = 1) => {
    const started: string[] = [];
    const dag = mapped(['a', 'b', 'c'], { pools: [{ name: 'db', slots }] }, { name: 'db', slots: each });
    const { endSec } = await simulate(
      compile(dag),
      {},
      { onTry: ({ instance = '' }) => started.push(instance) },
    );
    return { endSec, started };
  };

  test('lends its places first come, first served', async () => {
    expect(await order(1)).toEqual({ endSec: 3, started: ['0', '1', '2'] });
    expect(await order(2)).toEqual({ endSec: 2, started: ['0', '1', '2'] });
    expect(await order(3)).toEqual({ endSec: 1, started: ['0', '1', '2'] });
  });

  test('lends several at once', async () => {
    expect(await order(3, 2)).toEqual({ endSec: 3, started: ['0', '1', '2'] });
  });

  test('gets places back from what failed', async () => {
    const dag = mapped(['a', 'b'], { pools: [{ name: 'db', slots: 1 }] }, { name: 'db', slots: 1 });
    const { endSec, tasks } = await simulate(compile(dag), { load: [{ outcome: 'failed' }] });
    expect({ endSec, state: tasks['load']?.state }).toEqual({ endSec: 2, state: 'failed' });
  });
});

describe('a sensor', () => {
  const sensing = (softFail = false) => {
    const poke = { pokeEvery: '1m', backoff: 1, timeout: '3m', softFail } as const;
    return compile(testDag({ wait: { call: { kind: 'sensor', sensor: 'fn', args: null, poke } } }));
  };

  test('looks as often as its script finds nothing', async () => {
    const looks = [{ outcome: 'notReady' as const }, { outcome: 'notReady' as const }, { durationSec: 7 }];
    const { tasks } = await simulate(sensing(), { wait: looks });
    expect(tasks['wait']).toEqual({ state: 'success', startSec: 0, endSec: 129, tries: 1 });
  });

  test.each([
    [false, 'failed'],
    [true, 'skipped'],
  ])('ends at the first look after its time, soft: %s', async (soft, state) => {
    const { tasks } = await simulate(sensing(soft), { wait: [{ outcome: 'notReady', durationSec: 0 }] });
    expect(tasks['wait']).toEqual({ state, startSec: 0, endSec: 180, tries: 1 });
  });
});

describe('an approval', () => {
  const call: CallNode = {
    kind: 'approve',
    message: 'Go?',
    choices: ['approve', 'reject'],
    rejects: ['reject'],
  };
  const dag = testDag({ ask: { call }, go: { call: fn, after: ['ask'] } });

  test('is answered when the script says', async () => {
    const { tasks } = await simulate(compile(dag), { ask: [{ durationSec: 3600 }] });
    expect(tasks).toMatchObject({
      ask: { state: 'success', endSec: 3600 },
      go: { state: 'success', endSec: 3601 },
    });
  });

  test('may be refused', async () => {
    const { tasks } = await simulate(compile(dag), { ask: [{ outcome: 'failed' }] });
    expect(tasks).toMatchObject({ ask: { state: 'failed', tries: 1 }, go: { state: 'upstream_failed' } });
  });
});

test('a divided DAG runs in its machines, which count for one run', async () => {
  const ids = Array.from({ length: 12 }, (_, index) => `t${index}`);
  const dag = testDag(
    Object.fromEntries(ids.map((id, at) => [id, { call: fn, after: at < 3 ? [] : [`t${at - 3}`] }])),
  );
  const whole = await simulate(compile(dag), {});
  const compiled = compile(dag, { limits: { tasks: 3 } });
  const divided = await simulate(compiled, {});
  expect(Object.keys(compiled.parts ?? {}).length).toBeGreaterThan(0);
  expect(divided.tasks).toEqual(whole.tasks);
  expect(divided.transitions).toBeGreaterThan(whole.transitions);
  expect(divided.events.some(({ execution }) => execution !== undefined)).toBe(true);
});

test('a rerun runs what it names, with the recorded states of the rest', async () => {
  const dag = testDag({
    a: { call: fn },
    b: { call: fn, after: ['a'] },
    c: { call: fn, after: ['b'] },
  });
  const ran: string[] = [];
  const { tasks } = await simulate(
    compile(dag, { rerun: true }),
    {},
    { rerun: { tasks: ['c'], data: {}, outputs: {} }, onTry: ({ task }) => ran.push(task) },
  );
  expect(ran).toEqual(['c']);
  expect(tasks).toEqual({
    a: { state: 'success', tries: 0 },
    b: { state: 'success', tries: 0 },
    c: { state: 'success', startSec: 0, endSec: 1, tries: 1 },
  });
});
