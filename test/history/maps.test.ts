import { describe, expect, test } from 'vitest';
import { branch, type Does, manifestOf, mapState, played, taskState, told } from './machines.ts';

const LABEL = { label: '{% $states.input.label %}' };

/** The item of an instance is how it goes. */
const byLabel =
  (ways: Readonly<Record<string, ReturnType<Does>>>): Does =>
  ({ arguments: sent }, task) => {
    const { label } = Object(Object(sent).Payload);
    return ways[`${task} ${label}`] ?? ways[label] ?? {};
  };

describe.each([
  ['inline', false],
  ['distributed', true],
])('%s, a mapped task', (_, apart) => {
  const manifest = manifestOf(
    [
      { id: 'load', module: 'load' },
      { id: 'after', upstream: [{ task: 'load' }] },
    ],
    [{ id: 'load', kind: 'map' }],
  );
  const own = (more = {}) =>
    branch({ load: taskState('load', { End: true }, { key: 's', payload: LABEL, ...more }) });
  const states = (items: readonly string[], more = {}) => ({
    'load · map': mapState('load', items, own(), { apart, End: true, ...more }),
  });

  test('has instances with tries, labels and times of their own', async () => {
    const does = byLabel({ b: { seconds: 3, error: 'Boom' }, c: { seconds: 2, error: 'SkipTask' } });
    const { projection } = await played(manifest, states(['a', 'b', 'c']), { does });
    expect(told(projection)).toStrictEqual({
      load: ['failed 0-3', '0 success 0-1', '1 failed 0-3', '2 skipped 0-2'],
      after: 'upstream_failed -3',
      'module load': ['failed 0-3', '0 success 0-1', '1 failed 0-3', '2 skipped 0-2'],
    });
    const [load] = projection.tasks;
    expect(load?.tries).toStrictEqual([]);
    expect(load?.instances?.[1]).toMatchObject({
      instance: '1',
      mapIndex: 1,
      label: 'b',
      tries: [{ startMs: 0, endMs: 3000, state: 'failed', error: 'Boom', cause: 'because' }],
    });
  });

  test('waits for places, in the order of the list', async () => {
    const does = byLabel({ a: { seconds: 5 } });
    const { projection } = await played(manifest, states(['a', 'b', 'c'], { MaxConcurrency: 2 }), { does });
    expect(told(projection)).toMatchObject({
      load: ['success 0-5', '0 success 0-5', '1 success 0-1', '2 success 1-2'],
    });
  });

  test('is skipped at once where the list is empty, and what is below too', async () => {
    const { projection } = await played(manifest, states([]));
    expect(told(projection)).toStrictEqual({
      load: ['skipped -0'],
      after: 'skipped -0',
      'module load': ['skipped -0'],
    });
  });

  test('counts the tries of each instance', async () => {
    const failures = new Map([['b', 2]]);
    const does: Does = ({ arguments: sent }) => {
      const { label } = Object(Object(sent).Payload);
      const left = failures.get(label) ?? 0;
      failures.set(label, left - 1);
      return left > 0 ? { error: 'Boom' } : {};
    };
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10, MaxAttempts: 3, BackoffRate: 1 }];
    const run = await played(
      manifest,
      { 'load · map': mapState('load', ['a', 'b'], own({ Retry }), { apart, End: true }) },
      { does },
    );
    const tries = run.projection.tasks[0]?.instances?.map((each) => each.tries.map(({ state }) => state));
    expect(tries).toStrictEqual([['success'], ['failed', 'failed', 'success']]);
  });

  test('is running while an instance is', async () => {
    const does = byLabel({ a: { seconds: 1 }, b: { seconds: 5 } });
    const { seen } = await played(manifest, states(['a', 'b']), { does, watch: true });
    expect(seen.at(-1)?.tasks[0]).toMatchObject({ items: 2 });
    const live = seen.map(({ tasks: [load] }) => [
      load?.state,
      ...(load?.instances ?? []).map(({ state }) => state),
    ]);
    expect(live).toContainEqual(['running', 'success', 'running']);
    expect(live.at(-1)).toStrictEqual(['success', 'success', 'success']);
  });

  test('ends with the run where that is stopped', async () => {
    const does = byLabel({ b: { seconds: 60 } });
    const machine = { TimeoutSeconds: 10 };
    const { projection } = await played(manifest, states(['a', 'b']), { does, machine });
    expect(projection.state).toBe('failed');
    expect(told(projection)).toMatchObject({
      load: ['failed 0-10', '0 success 0-1', '1 failed 0-10'],
    });
  });
});

describe('a mapped group', () => {
  const manifest = manifestOf(
    [
      { id: 'g.a', module: 'g' },
      { id: 'g.b', module: 'g', upstream: [{ task: 'g.a' }] },
      { id: 'g.c', module: 'g', upstream: [{ task: 'g.b' }], triggerRule: 'all_done' },
      { id: 'after', upstream: [{ task: 'g' }] },
    ],
    [{ id: 'g', kind: 'map' }],
  );
  const processor = branch({
    enter: { Type: 'Pass', Output: {}, Assign: { label: '{% $states.input.label %}' }, Next: 'g.a' },
    'g.a': {
      ...taskState('g.a', { Next: 'g.b' }, { payload: { label: '{% $label %}' } }),
      Catch: [
        {
          ErrorEquals: ['States.ALL'],
          Output: '{% {"g.a": $states.errorOutput.Error = "SkipTask" ? "k" : "f"} %}',
          Next: 'g.c',
        },
      ],
    },
    'g.b': taskState('g.b', { Next: 'g.c' }),
    'g.c': taskState('g.c', { Next: 'end' }),
    end: {
      Type: 'Pass',
      Output: '{% $merge([$states.input, $exists($states.input."g.c") ? {"s": $states.input."g.c"} : {}]) %}',
      End: true,
    },
  });

  test.each([
    ['inline', false],
    ['distributed', true],
  ])('%s: what did not run in an instance follows from what did', async (_, apart) => {
    const states = {
      'g · map': mapState('g', ['x', 'y'], processor, { apart, Next: 'after' }),
      after: taskState('after', { End: true }),
      Done: { Type: 'Succeed' as const },
    };
    const does = byLabel({ 'g.a y': { error: 'Boom' } });
    const { projection } = await played(manifest, states, { does });
    expect(told(projection)).toStrictEqual({
      'g.a': ['failed 0-1', '0 success 0-1', '1 failed 0-1'],
      'g.b': ['failed 1-2', '0 success 1-2', '1 upstream_failed -1'],
      'g.c': ['success 1-3', '0 success 2-3', '1 success 1-2'],
      after: 'success 3-4',
      'module g': ['success 0-3', '0 success 0-3', '1 success 0-2'],
    });
    expect(projection.modules[0]?.instances[1]?.label).toBe('y');
  });

  test('that was not entered gives its state to all inside', async () => {
    const withFirst = manifestOf(
      [{ id: 'first' }, ...manifest.tasks],
      [{ id: 'g', kind: 'map', upstream: [{ task: 'first' }] }],
    );
    const states = {
      first: taskState('first', { Next: 'Done' }),
      'g · map': mapState('g', ['x'], processor, { End: true }),
      Done: { Type: 'Succeed' as const },
    };
    const { projection } = await played(withFirst, states, { does: () => ({ error: 'Boom' }) });
    const none = ['upstream_failed -1'];
    expect(told(projection)).toStrictEqual({
      first: 'failed 0-1',
      'g.a': none,
      'g.b': none,
      'g.c': none,
      after: 'upstream_failed -1',
      'module g': none,
    });
  });
});

test('a map in a map has instances by both counters', async () => {
  const manifest = manifestOf(
    [{ id: 'g.load', module: 'g.load' }],
    [
      { id: 'g', kind: 'map' },
      { id: 'g.load', kind: 'map', module: 'g' },
    ],
  );
  const inner = branch({ 'g.load': taskState('g.load', { End: true }, { key: 's', payload: LABEL }) });
  const outer = branch({
    enter: { Type: 'Pass', Output: {}, Next: 'g.load · map' },
    'g.load · map': mapState('g.load', ['p', 'q'], inner, { apart: true, End: true }),
  });
  const { projection } = await played(manifest, {
    'g · map': mapState('g', ['x', 'y'], outer, { End: true }),
  });
  const [load] = projection.tasks;
  expect(load?.instances).toMatchObject([
    { instance: '0.0', mapIndex: 0, label: 'p' },
    { instance: '0.1', mapIndex: 1, label: 'q' },
    { instance: '1.0', mapIndex: 0, label: 'p' },
    { instance: '1.1', mapIndex: 1, label: 'q' },
  ]);
  expect(told(projection)).toMatchObject({
    'g.load': ['success 0-1', '0.0 success 0-1', '0.1 success 0-1', '1.0 success 0-1', '1.1 success 0-1'],
    'module g.load': [
      'success 0-1',
      '0.0 success 0-1',
      '0.1 success 0-1',
      '1.0 success 0-1',
      '1.1 success 0-1',
    ],
    'module g': ['success 0-1', '0 success 0-1', '1 success 0-1'],
  });
});

test('a Map that is no module is part of the scope it stands in', async () => {
  const manifest = manifestOf([{ id: 'a' }, { id: 'b' }]);
  const wake = branch({ wake: { Type: 'Pass', End: true } });
  const states = {
    a: taskState('a', { Next: 'wakes' }),
    wakes: mapState('wakes', ['t'], wake, { Output: '{% $states.input %}', Next: 'b' }),
    b: taskState('b', { End: true }),
    Done: { Type: 'Succeed' as const },
  };
  expect(told((await played(manifest, states)).projection)).toStrictEqual({
    a: 'success 0-1',
    b: 'success 1-2',
  });
});
