import { describe, expect, test } from 'vitest';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { TaskError } from '../../lib/interpreter/resource.ts';
import { eventsOf, LAMBDA, machine, run, single } from './machine.ts';

const pass = { Type: 'Pass' } as const;
const kib = (count: number) => 'x'.repeat(count * 1_024);

describe('the size of data', () => {
  test('of an output is at most 256 KiB of UTF-8', async () => {
    const state = { ...pass, Output: '{% $states.input %}', End: true } as const;
    expect((await run(single(state), 'x'.repeat(262_142))).status).toBe('SUCCEEDED');
    const doubled = { ...pass, Output: '{% $join([$states.input, $states.input]) %}', End: true } as const;
    const result = await run(single(doubled), 'ü'.repeat(70_000));
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  });

  test('of a task result fails the task, and States.ALL does not catch it', async () => {
    const states = machine({
      T: { Type: 'Task', Resource: LAMBDA, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'E' }], End: true },
      E: { ...pass, End: true },
    });
    const result = await run(states, {}, { resources: () => kib(10_240) });
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    expect(eventsOf(result, 'TaskFailed')).toHaveLength(1);
  });

  test('of an execution input is refused before the execution starts', async () => {
    await expect(run(single({ ...pass, End: true }), kib(257))).rejects.toThrow(TaskError);
  });

  test('of all variables is at most 10 MiB, of one 256 KiB', async () => {
    const states = machine({
      A: { ...pass, Assign: { n: 0 }, Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Condition: '{% $n < 50 %}', Next: 'C' }], Default: 'D' },
      C: {
        Type: 'Task',
        Resource: LAMBDA,
        Arguments: {},
        Assign: { n: '{% $n + 1 %}', v: '{% $states.result %}' },
        Output: null,
        Next: 'B',
      },
      D: { ...pass, End: true },
    });
    expect((await run(states, {}, { resources: () => kib(250) })).status).toBe('SUCCEEDED');
    const many = Object.fromEntries(
      Array.from({ length: 45 }, (_, index) => [
        `s${index}`,
        {
          ...pass,
          Assign: { [`v${index}`]: '{% $states.input %}' },
          ...(index === 44 ? { End: true as const } : { Next: `s${index + 1}` }),
        },
      ]),
    );
    const result = await run(machine(many), kib(250));
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
    const two = {
      ...pass,
      Assign: { a: '{% $states.input %}', b: '{% $states.input %}' },
      End: true,
    } as const;
    expect(await run(single(two), kib(200))).toMatchObject({ error: 'States.DataLimitExceeded' });
  });
});

describe('the history', () => {
  const loop = machine({ A: { ...pass, Next: 'B' }, B: { ...pass, Next: 'A' } });

  test('has at most 25,000 events, then the execution fails', async () => {
    const result = await run(loop);
    expect(result).toMatchObject({
      status: 'FAILED',
      error: 'States.Runtime',
      cause: 'The execution reached the maximum number of history events (25000).',
    });
    expect(result.events).toHaveLength(25_000);
    expect(result.events.at(-1)).toMatchObject({ id: 25_000, type: 'ExecutionFailed' });
  });

  test('that is full cannot be caught from within a Parallel or Map', async () => {
    const Catch = [{ ErrorEquals: ['States.ALL'], Next: 'E' }];
    const states = machine({
      P: { Type: 'Parallel', Branches: [loop, loop], Catch, End: true },
      E: { ...pass, End: true },
    });
    const result = await run(states);
    expect(result).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(result.events).toHaveLength(25_000);
  });

  test('of a child of a distributed Map is its own', async () => {
    const states = single({
      Type: 'Map',
      Items: [1],
      ItemProcessor: { ...loop, ProcessorConfig: { Mode: 'DISTRIBUTED' } },
      End: true,
    });
    expect(await run(states)).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
  });

  test('has ids from 1 in order, and is told as it is written', async () => {
    const told: number[] = [];
    const { events } = await run(single({ ...pass, End: true }), {}, { onEvent: ({ id }) => told.push(id) });
    expect(told).toStrictEqual([1, 2, 3, 4]);
    expect(events.map(({ id }) => id)).toStrictEqual(told);
  });

  test('need not be kept', async () => {
    const told: string[] = [];
    const result = await run(
      single({ ...pass, End: true }),
      {},
      { keepEvents: false, onEvent: ({ type }) => told.push(type) },
    );
    expect([result.events, told.length]).toStrictEqual([[], 4]);
  });

  test('that cannot be written ends the run with what was thrown', async () => {
    const full = new Error('disk full');
    const onEvent = ({ type }: { type: string }) => {
      if (type === 'TaskStarted') throw full;
    };
    const Branches = [
      { StartAt: 'T', States: { T: { Type: 'Task', Resource: LAMBDA, End: true } as const } },
    ];
    await expect(run(single({ Type: 'Parallel', Branches, End: true }), {}, { onEvent })).rejects.toBe(full);
  });
});

describe('StopExecution', () => {
  test('ends the execution as ABORTED, and what it waits for', async () => {
    const clock = new VirtualClock(0);
    const controller = new AbortController();
    const aborted: string[] = [];
    const states = machine({
      P: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 1_000, End: true } } },
          { StartAt: 'T', States: { T: { Type: 'Task', Resource: LAMBDA, End: true } } },
        ],
        End: true,
      },
    });
    void clock.until(60_000).then(() => controller.abort(new TaskError('Mine', 'enough')));
    const result = await run(
      states,
      {},
      {
        clock,
        signal: controller.signal,
        resources: (call) => {
          call.signal.addEventListener('abort', () => aborted.push(call.stateName));
          return new Promise(() => undefined);
        },
      },
    );
    expect(result).toMatchObject({ status: 'ABORTED', error: 'Mine', cause: 'enough', seconds: 60 });
    expect(result.events.at(-1)).toMatchObject({
      type: 'ExecutionAborted',
      details: { error: 'Mine', cause: 'enough' },
    });
    expect(aborted).toStrictEqual(['T']);
  });

  test('before the start starts nothing', async () => {
    const calls: string[] = [];
    const resources = () => {
      calls.push('call');
      return null;
    };
    const task = { Type: 'Task', Resource: LAMBDA, End: true } as const;
    const result = await run(single(task), {}, { signal: AbortSignal.abort(), resources });
    expect([result.status, result.types, calls]).toStrictEqual([
      'ABORTED',
      ['ExecutionStarted', 'ExecutionAborted'],
      [],
    ]);
  });
});
