import { describe, expect, test } from 'vitest';
import type { StateMachine } from '../../lib/asl/states.ts';
import { project } from '../../lib/history/project.ts';
import { branch, byExecution, type Does, manifestOf, mapState, played, taskState, told } from './machines.ts';

const done = { Done: { Type: 'Succeed' as const } };
const ARN = 'arn:aws:states:eu-central-1:1:stateMachine:part';

function startPart(Next: string) {
  return {
    Type: 'Task' as const,
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Arguments: { StateMachineArn: ARN, Input: {} },
    Output: '{% $states.result.Output %}',
    Next,
  };
}

function part(states: Parameters<typeof branch>[0]): Readonly<Record<string, StateMachine>> {
  return { [ARN]: { QueryLanguage: 'JSONata', ...branch(states) } };
}

describe('a DAG that is divided', () => {
  const manifest = manifestOf(
    [
      { id: 'a' },
      { id: 'b', upstream: [{ task: 'a' }] },
      { id: 'c', upstream: [{ task: 'b' }] },
      { id: 'd', upstream: [{ task: 'c' }], triggerRule: 'all_done' },
    ],
    [],
    { part: { role: 'nested' } },
  );
  const states = {
    a: taskState('a', { Next: 'part' }),
    part: startPart('d'),
    d: taskState('d', { End: true }),
    ...done,
  };
  const b = {
    ...taskState('b', { Next: 'c' }),
    Catch: [{ ErrorEquals: ['States.ALL'], Output: { b: 'f' }, Next: 'Done' }],
  };
  const parts = part({ b, c: taskState('c', { End: true }) });

  test('is one run: what its machines do is in one scope', async () => {
    const does: Does = (_, task) => (task === 'b' ? { error: 'Boom' } : {});
    const { projection, events } = await played(manifest, states, { does, parts });
    expect(told(projection)).toStrictEqual({
      a: 'success 0-1',
      b: 'failed 1-2',
      c: 'upstream_failed -2',
      d: 'success 2-3',
    });
    expect(new Set(events.map(({ execution }) => execution)).size).toBe(2);
  });

  test('ends in all its machines when it is stopped', async () => {
    const stop = new AbortController();
    const does: Does = (_, task) => {
      if (task === 'c') queueMicrotask(() => stop.abort());
      return {};
    };
    const { projection } = await played(manifest, states, { does, parts, signal: stop.signal });
    expect(told(projection)).toStrictEqual({
      a: 'success 0-1',
      b: 'success 1-2',
      c: 'cancelled 2-2',
      d: 'none -',
    });
  });

  test('fails in all its machines when its time is over', async () => {
    const does: Does = (_, task) => (task === 'c' ? { seconds: 60 } : {});
    const machine = { TimeoutSeconds: 10 };
    const { projection } = await played(manifest, states, { does, parts, machine });
    expect(projection.tasks[2]).toMatchObject({
      state: 'failed',
      endMs: 10_000,
      tries: [{ state: 'failed', error: 'States.Timeout' }],
    });
  });

  test('keeps its instances where a machine of it has a map', async () => {
    const mapped = manifestOf([{ id: 'm', module: 'm' }], [{ id: 'm', kind: 'map' }]);
    const item = branch({ m: taskState('m', { End: true }, { key: 's' }) });
    const { projection } = await played(
      mapped,
      { part: startPart('Done'), ...done },
      { parts: part({ 'm · map': mapState('m', ['x', 'y'], item, { apart: true, End: true }) }) },
    );
    expect(told(projection)).toMatchObject({ m: ['success 0-1', '0 success 0-1', '1 success 0-1'] });
  });
});

test('events of executions that are no part of the run are left out', async () => {
  const manifest = manifestOf([{ id: 'a' }]);
  const { events } = await played(manifest, { a: taskState('a', { End: true }), ...done });
  const foreign = events.map((event) => ({
    ...event,
    timestampMs: 99_000,
    execution: 'other',
    ...(event.id === 1 ? { parent: { execution: 'nobody', eventId: 900 } } : {}),
  }));
  expect(project(manifest, [...events, ...foreign])).toStrictEqual(project(manifest, events));
});

describe('a rerun of some tasks', () => {
  const manifest = manifestOf(
    [
      { id: 'a' },
      { id: 'b', upstream: [{ task: 'a' }] },
      { id: 'g.c', module: 'g' },
      { id: 'd', upstream: [{ task: 'b' }, { task: 'g' }] },
    ],
    [{ id: 'g', kind: 'map', upstream: [{ task: 'a' }] }],
  );
  const rerun = (data: Readonly<Record<string, string>>) => ({
    input: { run: {}, params: {}, rerun: { tasks: ['b', 'd'], data, outputs: {} } },
  });

  test('has the recorded states of the others', async () => {
    const states = { b: taskState('b', { Next: 'd' }), d: taskState('d', { End: true }), ...done };
    const { projection } = await played(manifest, states, rerun({ g: 'k' }));
    expect(told(projection)).toStrictEqual({
      a: 'success -',
      b: 'success 0-1',
      'g.c': ['skipped -'],
      d: 'success 1-2',
      'module g': ['skipped -'],
    });
    expect(projection.tasks.map(({ masked }) => masked)).toStrictEqual([true, undefined, true, undefined]);
  });

  test('decides what runs again, not what ran before', async () => {
    const { projection } = await played(
      manifest,
      { nothing: { Type: 'Pass', Output: { d: 'u' }, End: true } },
      rerun({ a: 'f' }),
    );
    expect(told(projection)).toMatchObject({
      a: 'failed -',
      b: 'upstream_failed -0',
      d: 'upstream_failed -0',
    });
  });
});

describe('a sensor', () => {
  const manifest = manifestOf([{ id: 'wait' }]);
  const Retry = [
    { ErrorEquals: ['Sensor.NotReady'], IntervalSeconds: 60, MaxAttempts: 2, BackoffRate: 1 },
    { ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 1, BackoffRate: 1 },
  ];
  const states = { wait: taskState('wait', { End: true }, { Retry }), ...done };
  const errors = (...left: readonly (string | undefined)[]): Does => {
    const queue = [...left];
    return () => {
      const error = queue.shift();
      return error === undefined ? {} : { error };
    };
  };

  test('looks many times in one try', async () => {
    const { projection } = await played(manifest, states, {
      does: errors('Sensor.NotReady', 'Sensor.NotReady'),
    });
    expect(projection.tasks[0]).toMatchObject({
      state: 'success',
      tries: [{ startMs: 0, endMs: 123_000, state: 'success' }],
    });
  });

  test('has another try after another error', async () => {
    const { projection } = await played(manifest, states, { does: errors('Sensor.NotReady', 'Boom') });
    expect(projection.tasks[0]?.tries).toMatchObject([
      { startMs: 0, endMs: 62_000, state: 'failed', error: 'Boom' },
      { startMs: 63_000, endMs: 64_000, state: 'success' },
    ]);
  });

  test('that is given up says why', async () => {
    const does: Does = () => ({ error: 'Sensor.NotReady' });
    const { projection } = await played(manifest, states, { does });
    expect(projection.tasks[0]).toMatchObject({
      state: 'failed',
      tries: [{ startMs: 0, endMs: 123_000, state: 'failed', error: 'Sensor.NotReady', cause: 'because' }],
    });
  });
});

describe('executions that are read one after the other', () => {
  const manifest = manifestOf(
    [{ id: 'a' }, { id: 'm.load', module: 'm.load' }, { id: 'b', upstream: [{ task: 'm' }] }],
    [
      { id: 'm', kind: 'map' },
      { id: 'm.load', kind: 'map', module: 'm' },
    ],
    { part: { role: 'nested' } },
  );
  const inner = branch({ 'm.load': taskState('m.load', { End: true }, { key: 's' }) });
  const outer = branch({
    begin: { Type: 'Pass', Output: {}, Next: 'm.load · map' },
    'm.load · map': mapState('m.load', ['p', 'q'], inner, { apart: true, End: true }),
  });
  const parts = part({ 'm · map': mapState('m', ['x', 'y'], outer, { apart: true, End: true }) });
  const states = {
    a: taskState('a', { Next: 'part' }),
    part: startPart('b'),
    b: taskState('b', { End: true }),
    ...done,
  };

  test('tell the same as when they are heard together', async () => {
    const { events, projection } = await played(manifest, states, { parts });
    expect(new Set(events.map(({ execution }) => execution)).size).toBe(1 + 1 + 2 + 4);
    expect(project(manifest, byExecution(events))).toStrictEqual(projection);
  });

  test.each([
    ['stopped', {}],
    ['timed out', { TimeoutSeconds: 10 }],
  ])('tell the same of a run that was %s', async (_, machine) => {
    const stop = new AbortController();
    let calls = 0;
    const does: Does = (_call, task) => {
      calls += 1;
      if (calls === 4 && !('TimeoutSeconds' in machine)) queueMicrotask(() => stop.abort());
      return { seconds: task === 'm.load' ? 60 : 1 };
    };
    const { events, projection } = await played(manifest, states, {
      does,
      parts,
      machine,
      signal: stop.signal,
    });
    const cut = 'TimeoutSeconds' in machine ? 'failed' : 'cancelled';
    expect(projection.tasks.slice(0, 2).map(({ state }) => state)).toStrictEqual(['success', cut]);
    expect(project(manifest, byExecution(events))).toStrictEqual(projection);
  });
});
