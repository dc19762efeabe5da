import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { parseTimestamp } from '../../lib/interpreter/states/wait.ts';
import { eventsOf, failing, LAMBDA, machine, run, single, timed } from './machine.ts';

describe('Pass', () => {
  test('gives its input when it has no Output', async () => {
    expect(await run(single({ Type: 'Pass', End: true }), [1, { a: null }])).toMatchObject({
      status: 'SUCCEEDED',
      output: [1, { a: null }],
      transitions: 1,
      types: ['ExecutionStarted', 'PassStateEntered', 'PassStateExited', 'ExecutionSucceeded'],
    });
  });

  test('evaluates every expression in its Output and leaves the rest alone', async () => {
    const Output = {
      a: '{% $states.input.x + 1 %}',
      b: ['{% $states.input.x %}', ' {% no %} '],
      c: 'text',
      d: null,
    };
    const { output } = await run(single({ Type: 'Pass', Output, End: true }), { x: 1 });
    expect(output).toStrictEqual({ a: 2, b: [1, ' {% no %} '], c: 'text', d: null });
  });

  test('runs a chain of 10,000 without a deep stack', async () => {
    const states = Array.from({ length: 10_000 }, (_, index) => [
      `s${index}`,
      { Type: 'Pass' as const, ...(index === 9_999 ? { End: true as const } : { Next: `s${index + 1}` }) },
    ]);
    const result = await run(machine(Object.fromEntries(states)), 1);
    expect(result).toMatchObject({ status: 'SUCCEEDED', transitions: 10_000 });
  });
});

describe('Choice', () => {
  const choose = machine({
    C: {
      Type: 'Choice',
      Choices: [
        { Condition: '{% $states.input.n > 10 %}', Next: 'Big', Output: 'big', Assign: { seen: 'rule' } },
        { Condition: '{% $states.input.n > 5 %}', Next: 'Big' },
      ],
      Default: 'Small',
      Output: 'small',
      Assign: { seen: 'default' },
    },
    Big: {
      Type: 'Pass',
      Output: { in: '{% $states.input %}', seen: "{% $exists($seen) ? $seen : 'nothing' %}" },
      End: true,
    },
    Small: { Type: 'Pass', Output: { in: '{% $states.input %}', seen: '{% $seen %}' }, End: true },
  });

  test("takes the first rule that holds, with the rule's own Output and Assign", async () => {
    expect((await run(choose, { n: 11 })).output).toStrictEqual({ in: 'big', seen: 'rule' });
  });

  test("does not use the state's Output and Assign for a rule without", async () => {
    expect((await run(choose, { n: 6 })).output).toStrictEqual({ in: { n: 6 }, seen: 'nothing' });
  });

  test("uses the state's Output and Assign for Default", async () => {
    expect((await run(choose, { n: 1 })).output).toStrictEqual({ in: 'small', seen: 'default' });
  });

  test('fails when no rule holds and there is no Default', async () => {
    const states = machine({
      C: { Type: 'Choice', Choices: [{ Condition: '{% false %}', Next: 'P' }] },
      P: { Type: 'Pass', End: true },
    });
    expect(await run(states)).toMatchObject({ status: 'FAILED', error: 'States.NoChoiceMatched' });
  });

  test('wants a boolean, and names the rule by its place', async () => {
    const states = machine({
      C: { Type: 'Choice', Choices: [{ Condition: '{% 1 %}', Next: 'P' }], Default: 'P' },
      P: { Type: 'Pass', End: true },
    });
    expect((await run(states)).cause).toBe(
      "An error occurred while executing the state 'C' (entered at the event id #2). The JSONata expression '1' specified for the field 'Choices[0]/Condition' returned an unexpected result type. Expected 'boolean', but was 'number' for value: 1",
    );
  });

  test('does not ask the rules after the one that holds', async () => {
    const states = machine({
      C: {
        Type: 'Choice',
        Choices: [
          { Condition: '{% 1 = 1 %}', Next: 'P' },
          { Condition: '{% $states.input.missing %}', Next: 'P' },
        ],
      },
      P: { Type: 'Pass', End: true },
    });
    expect((await run(states)).status).toBe('SUCCEEDED');
  });
});

describe('Wait', () => {
  test('waits a week in no time', async () => {
    expect(await run(single({ Type: 'Wait', Seconds: 604_800, End: true }))).toMatchObject({
      seconds: 604_800,
    });
  });

  test('waits until an instant, with an offset', async () => {
    const state = { Type: 'Wait', Timestamp: '{% $states.input %}', End: true } as const;
    expect((await run(single(state), '1970-01-01T02:00:30.5+02:00')).seconds).toBe(30.5);
  });

  test('goes on at once when the instant is past', async () => {
    const clock = new VirtualClock(Date.parse('2026-01-01T00:00:00Z'));
    const state = { Type: 'Wait', Timestamp: '2016-03-14T01:59:00Z', End: true } as const;
    expect(await run(single(state), {}, { clock })).toMatchObject({ status: 'SUCCEEDED', seconds: 0 });
  });

  test.each([
    '2026-02-30T00:00:00Z',
    '2026-01-01',
    '2026-01-01T24:00:00Z',
    '2026-1-1T00:00:00Z',
    '2026-01-01T00:00:00',
  ])('does not take %s for an instant', (text) => {
    expect(parseTimestamp(text)).toBeUndefined();
  });

  test.each([-1, 1.5])('refuses to wait %d seconds', async (seconds) => {
    const state = { Type: 'Wait', Seconds: '{% $states.input %}', End: true } as const;
    expect(await run(single(state), seconds)).toMatchObject({ error: 'States.QueryEvaluationError' });
  });
});

describe('Succeed and Fail', () => {
  test('Succeed ends the machine with its Output', async () => {
    const result = await run(single({ Type: 'Succeed', Output: '{% $states.input.a %}' }), { a: 1 });
    expect(result).toMatchObject({
      output: 1,
      types: expect.arrayContaining(['SucceedStateEntered', 'SucceedStateExited']),
    });
  });

  test('Fail ends it with its Error and Cause', async () => {
    const result = await run(
      single({ Type: 'Fail', Error: 'Mine', Cause: "{% 'no ' & $states.input %}" }),
      'luck',
    );
    expect(result).toMatchObject({ status: 'FAILED', error: 'Mine', cause: 'no luck' });
    expect(result.types).toStrictEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
  });

  test('Fail without Error and Cause has none', async () => {
    const { error, cause, events } = await run(single({ Type: 'Fail' }));
    expect([error, cause, events.at(-1)?.details]).toStrictEqual([undefined, undefined, {}]);
  });
});

describe('Parallel', () => {
  const task = { Type: 'Task', Resource: LAMBDA, End: true } as const;
  const two = (more = {}) =>
    machine({
      P: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'A', States: { A: { ...task, Arguments: 'a' } } },
          { StartAt: 'B', States: { B: { ...task, Arguments: 'b' } } },
        ],
        ...more,
        Next: 'E',
      },
      E: { Type: 'Pass', End: true },
    });

  test('runs branches side by side and lists their outputs in order', async () => {
    const clock = new VirtualClock(0);
    const resources = timed(clock, (call) => ({
      seconds: call.arguments === 'a' ? 5 : 3,
      result: `${call.arguments}!`,
    }));
    expect(await run(two(), {}, { clock, resources })).toMatchObject({
      output: ['a!', 'b!'],
      seconds: 5,
      transitions: 4,
    });
  });

  test('gives Arguments to the branches, and $states.result to Output', async () => {
    const pass = { Type: 'Pass', End: true } as const;
    const state = {
      Type: 'Parallel',
      Arguments: { x: '{% $states.input %}' },
      Branches: [{ StartAt: 'A', States: { A: pass } }],
      Output: '{% $states.result[0] %}',
      End: true,
    } as const;
    expect((await run(single(state), 4)).output).toStrictEqual({ x: 4 });
  });

  test('ends the other branches when one fails, and aborts what they wait for', async () => {
    const clock = new VirtualClock(0);
    const aborted: string[] = [];
    const resources = timed(clock, (call) => {
      call.signal.addEventListener('abort', () => aborted.push(call.stateName));
      return call.stateName === 'A' ? { seconds: 100 } : { seconds: 2, error: 'Boom' };
    });
    const result = await run(two(), {}, { clock, resources });
    expect(result).toMatchObject({ status: 'FAILED', error: 'Boom', cause: 'because of Boom', seconds: 2 });
    expect(aborted).toStrictEqual(['A']);
    expect(result.types.slice(-5)).toStrictEqual([
      'TaskFailed',
      'TaskStateAborted',
      'TaskStateAborted',
      'ParallelStateFailed',
      'ExecutionFailed',
    ]);
  });

  test('goes on in a catcher after a failed branch', async () => {
    const Catch = [{ ErrorEquals: ['Boom'], Next: 'E', Output: '{% $states.errorOutput.Error %}' }];
    const result = await run(two({ Catch }), {}, { resources: failing('Boom', 'Boom') });
    expect(result.status).toBe('SUCCEEDED');
    expect(result.output).toBe('Boom');
  });

  test('runs all branches again on a retry, without a ParallelStateFailed', async () => {
    const clock = new VirtualClock(0);
    let calls = 0;
    const resources = timed(clock, () => {
      calls += 1;
      return calls === 1 ? { seconds: 1, error: 'Boom' } : { seconds: 1, result: calls };
    });
    const Retry = [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 10 }];
    const result = await run(two({ Retry }), {}, { clock, resources });
    expect(result).toMatchObject({ output: [3, 4], seconds: 12 });
    expect(result.types).not.toContain('ParallelStateFailed');
    expect(eventsOf(result, 'ParallelStateStarted')).toHaveLength(2);
  });

  test('writes no event of a branch after it was ended', async () => {
    const clock = new VirtualClock(0);
    const deaf = async (seconds: number) => {
      await clock.until(clock.now() + seconds * 1_000);
      return 'late';
    };
    const resources = (call: { stateName: string }) =>
      call.stateName === 'A' ? deaf(5) : timed(clock, () => ({ seconds: 1, error: 'Boom' }))(call as never);
    const states = two({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'W' }] });
    const slow = {
      ...states,
      States: { ...states.States, W: { Type: 'Wait', Seconds: 60, End: true } },
    } as const;
    const result = await run(slow, {}, { clock, resources });
    expect(result.status).toBe('SUCCEEDED');
    expect(eventsOf(result, 'TaskSucceeded')).toStrictEqual([]);
  });
});
