import { describe, expect, test } from 'vitest';
import { bodyStates, branch, type Does, manifestOf, mapState, played, taskState, told } from './machines.ts';

const done = { Done: { Type: 'Succeed' as const } };

/** `a` then `b`; the instance is what `b` is, or failed with `a`. */
const body = branch({
  'g.a': {
    ...taskState('g.a', { Next: 'g.b' }),
    Catch: [{ ErrorEquals: ['States.ALL'], Output: { 'g.a': 'f', s: 'f' }, Next: 'Done' }],
  },
  'g.b': {
    ...taskState('g.b', { End: true }),
    Catch: [{ ErrorEquals: ['States.ALL'], Output: { 'g.b': 'f', s: 'f' }, Next: 'Done' }],
  },
});

/** The calls of these numbers fail, by task. */
function failingCalls(calls: Readonly<Record<string, readonly number[]>>): Does {
  const made = new Map<string, number>();
  return (_, task) => {
    const call = (made.get(task) ?? 0) + 1;
    made.set(task, call);
    return calls[task]?.includes(call) ? { error: 'Boom' } : {};
  };
}

function group(kind: 'retry' | 'loop') {
  return manifestOf(
    [
      { id: 'g.a', module: 'g' },
      { id: 'g.b', module: 'g', upstream: [{ task: 'g.a' }] },
      { id: 'after', upstream: [{ task: 'g' }] },
    ],
    [{ id: 'g', kind }],
  );
}

describe('a group with retries', () => {
  const manifest = group('retry');
  const states = {
    ...bodyStates('g', body, { again: '$states.input.s = "f" and $n < 3', Next: 'gate' }),
    gate: {
      Type: 'Choice' as const,
      Choices: [{ Condition: '{% $exists($states.input.g) %}', Next: 'Done' }],
      Default: 'after',
    },
    after: taskState('after', { End: true }),
    ...done,
  };

  test('is its last try, earlier ones stay', async () => {
    const { projection } = await played(manifest, states, { does: failingCalls({ 'g.a': [1], 'g.b': [1] }) });
    expect(told(projection)).toStrictEqual({
      'g.a': ['success 23-24', '1 failed 0-1', '2 success 11-12', '3 success 23-24'],
      'g.b': ['success 24-25', '1 upstream_failed -1', '2 failed 12-13', '3 success 24-25'],
      after: 'success 25-26',
      'module g': ['success 0-25', '1 failed 0-1', '2 failed 11-13', '3 success 23-25'],
    });
    expect(projection.tasks[1]?.instances?.[2]).toMatchObject({ instance: '3', groupTry: 3 });
    expect(projection.tasks[1]?.tries).toHaveLength(1);
  });

  test('fails with its last try', async () => {
    const does = failingCalls({ 'g.a': [1, 2, 3] });
    const { projection } = await played(manifest, states, { does });
    expect(told(projection)).toStrictEqual({
      'g.a': ['failed 22-23', '1 failed 0-1', '2 failed 11-12', '3 failed 22-23'],
      'g.b': [
        'upstream_failed -23',
        '1 upstream_failed -1',
        '2 upstream_failed -12',
        '3 upstream_failed -23',
      ],
      after: 'upstream_failed -23',
      'module g': ['failed 0-23', '1 failed 0-1', '2 failed 11-12', '3 failed 22-23'],
    });
  });

  test('waits between its tries', async () => {
    const { seen } = await played(manifest, states, { does: failingCalls({ 'g.b': [1] }), watch: true });
    const live = seen.map(({ modules: [g] }) => g?.state);
    expect(live.filter((state, index) => state !== live[index - 1])).toStrictEqual([
      'none',
      'running',
      'failed',
      'up_for_retry',
      'running',
      'success',
    ]);
  });

  test('that is stopped is cancelled in the try it is in', async () => {
    const stop = new AbortController();
    const does: Does = (_, task) => {
      if (task === 'g.b') queueMicrotask(() => stop.abort());
      return { seconds: 1 };
    };
    const { projection } = await played(manifest, states, { does, signal: stop.signal });
    expect(projection.state).toBe('cancelled');
    expect(told(projection)).toMatchObject({
      'g.b': ['cancelled 1-1', '1 cancelled 1-1'],
      'module g': ['cancelled 0-1', '1 cancelled 0-1'],
    });
  });
});

describe('a loop', () => {
  const manifest = group('loop');
  const states = (rounds: number, limit: string) => ({
    ...bodyStates('g', body, { again: `$n < ${rounds}`, limit, Next: 'after' }),
    after: taskState('after', { End: true }),
    ...done,
  });

  test('counts its iterations', async () => {
    const { projection } = await played(manifest, states(2, 'f'));
    expect(told(projection)).toMatchObject({
      'g.a': ['success 12-13', '1 success 0-1', '2 success 12-13'],
      'module g': ['success 0-14', '1 success 0-2', '2 success 12-14'],
    });
    expect(projection.modules[0]?.instances[1]).toMatchObject({ instance: '2', iteration: 2 });
  });

  test('may fail though its last iteration did not', async () => {
    const ended = {
      ...states(1, 'f'),
      'g · verdict': { Type: 'Pass' as const, Output: { g: 'f' }, End: true as const },
    };
    const { projection } = await played(manifest, ended);
    expect(told(projection)).toMatchObject({
      'g.b': ['success 1-2', '1 success 1-2'],
      after: 'upstream_failed -2',
      'module g': ['failed 0-2', '1 success 0-2'],
    });
  });
});

test('a group with retries in a map has both counters, and each item its tries', async () => {
  const manifest = manifestOf(
    [
      { id: 'm.g.a', module: 'm.g' },
      { id: 'm.g.b', module: 'm.g', upstream: [{ task: 'm.g.a' }] },
    ],
    [
      { id: 'm', kind: 'map' },
      { id: 'm.g', kind: 'retry', module: 'm' },
    ],
  );
  const inner = branch({
    'm.g.a': {
      ...taskState('m.g.a', { Next: 'm.g.b' }),
      Catch: [{ ErrorEquals: ['States.ALL'], Output: { 'm.g.a': 'f', s: 'f' }, Next: 'Done' }],
    },
    'm.g.b': taskState('m.g.b', { End: true }),
  });
  const item = branch({
    begin: { Type: 'Pass', Output: {}, Next: 'm.g · enter' },
    ...bodyStates('m.g', inner, { again: '$states.input.s = "f" and $n < 2', Next: 'Done' }),
  });
  const states = { 'm · map': mapState('m', ['x', 'y'], item, { End: true }) };
  const { projection } = await played(manifest, states, { does: failingCalls({ 'm.g.a': [2] }) });
  expect(told(projection)).toStrictEqual({
    'm.g.a': ['success 0-12', '0.1 success 0-1', '1.1 failed 0-1', '1.2 success 11-12'],
    'm.g.b': ['success 1-13', '0.1 success 1-2', '1.1 upstream_failed -1', '1.2 success 12-13'],
    'module m': ['success 0-13', '0 success 0-2', '1 success 0-13'],
    'module m.g': ['success 0-13', '0.1 success 0-2', '1.1 failed 0-1', '1.2 success 11-13'],
  });
  expect(projection.tasks[0]?.instances?.[2]).toMatchObject({ mapIndex: 1, groupTry: 2 });
});

describe('a run that is tried again', () => {
  const manifest = manifestOf([{ id: 'a' }, { id: 'b', upstream: [{ task: 'a' }] }], [], {
    ' · body': { module: '', role: 'body' },
    ' · wait': { module: '', role: 'wait' },
  });
  const whole = branch({
    a: {
      ...taskState('a', { Next: 'b' }),
      Catch: [{ ErrorEquals: ['States.ALL'], Output: { a: 'f', s: 'f' }, Next: 'Done' }],
    },
    b: taskState('b', { End: true }),
  });
  const states = {
    ...bodyStates('', whole, { again: '$states.input.s = "f" and $n < 2', Next: 'Done' }),
    ...done,
  };

  test('is its last try, earlier ones are instances of its tasks', async () => {
    const { projection } = await played(manifest, states, { does: failingCalls({ a: [1] }) });
    expect(told(projection)).toStrictEqual({
      a: ['success 11-12', '1 failed 0-1', '2 success 11-12'],
      b: ['success 12-13', '1 upstream_failed -1', '2 success 12-13'],
      'module ': ['success 0-13', '1 failed 0-1', '2 success 11-13'],
    });
    expect(projection.tasks[0]?.instances?.[0]).toMatchObject({ instance: '1', groupTry: 1 });
  });
});

test('a map in a group that is tried again has the items of the last try', async () => {
  const manifest = manifestOf(
    [{ id: 'g.load', module: 'g.load' }],
    [
      { id: 'g', kind: 'retry' },
      { id: 'g.load', kind: 'map', module: 'g' },
    ],
  );
  const load = branch({ 'g.load': taskState('g.load', { End: true }, { key: 's' }) });
  const failed = '{% "f" in $states.result.s ? {"g.load": "f", "s": "f"} : {} %}';
  const mapped = branch({
    'g.load · map': mapState('g.load', ['x', 'y'], load, { Output: failed, End: true }),
  });
  const states = { ...bodyStates('g', mapped, { again: '$states.input.s = "f"', Next: 'Done' }), ...done };
  const { projection } = await played(manifest, states, { does: failingCalls({ 'g.load': [1] }) });
  expect(projection.tasks[0]).toMatchObject({ state: 'success', items: 2 });
  expect(told(projection)['g.load']).toStrictEqual([
    'success 11-12',
    '1.0 failed 0-1',
    '1.1 success 0-1',
    '2.0 success 11-12',
    '2.1 success 11-12',
  ]);
});
