import { describe, expect, test } from 'vitest';
import { failing, LAMBDA, machine, run, single } from './machine.ts';

const pass = { Type: 'Pass' } as const;

describe('variables', () => {
  test('are visible from the next state on: Assign and Output see what was there on entry', async () => {
    const states = machine({
      A: { ...pass, Assign: { x: 1, y: 'old' }, Next: 'B' },
      B: { ...pass, Assign: { x: '{% $x + 1 %}', y: '{% $x %}' }, Output: '{% $x %}', Next: 'C' },
      C: { ...pass, Output: { entry: '{% $states.input %}', x: '{% $x %}', y: '{% $y %}' }, End: true },
    });
    expect((await run(states)).output).toStrictEqual({ entry: 1, x: 2, y: 1 });
  });

  test('fail the state that reads one nobody assigned', async () => {
    const result = await run(single({ ...pass, Output: { a: ['{% $nope %}'] }, End: true }));
    expect(result).toMatchObject({
      error: 'States.QueryEvaluationError',
      cause:
        "An error occurred while executing the state 'S' (entered at the event id #2). The JSONata expression '$nope' specified for the field 'Output/a[0]' returned nothing (undefined).",
    });
    expect(result.events[2]).toMatchObject({
      type: 'EvaluationFailed',
      previousEventId: 0,
      details: { location: 'Output/a[0]', state: 'S' },
    });
  });

  test('of the outer scope can be read in branches and iterations, not assigned', async () => {
    const branch = (State: object) => ({ StartAt: 'I', States: { I: { ...pass, ...State, End: true } } });
    const around = (inner: ReturnType<typeof branch>) =>
      machine({
        A: { ...pass, Assign: { x: 1 }, Next: 'M' },
        M: { Type: 'Map', Items: [10], ItemProcessor: inner as never, Next: 'P' },
        P: { Type: 'Parallel', Branches: [inner as never], End: true },
      });
    expect((await run(around(branch({ Output: '{% $x %}' })))).output).toStrictEqual([1]);
    expect(await run(around(branch({ Assign: { x: 2 } })))).toMatchObject({ error: 'States.Runtime' });
  });

  test('of a branch are gone with it, and siblings do not see them', async () => {
    const states = machine({
      P: {
        Type: 'Parallel',
        Branches: [
          {
            StartAt: 'A',
            States: {
              A: { ...pass, Assign: { v: 1 }, Next: 'B' },
              B: { ...pass, Output: '{% $v %}', End: true },
            },
          },
          { StartAt: 'C', States: { C: { ...pass, Output: '{% $exists($v) %}', End: true } } },
        ],
        Next: 'D',
      },
      D: { ...pass, Output: { in: '{% $states.input %}', v: '{% $exists($v) %}' }, End: true },
    });
    expect((await run(states)).output).toStrictEqual({ in: [1, false], v: false });
  });

  test("can be assigned by a Parallel's catcher, in the outer scope", async () => {
    const states = machine({
      A: { ...pass, Assign: { tries: 1 }, Next: 'P' },
      P: {
        Type: 'Parallel',
        Branches: [{ StartAt: 'F', States: { F: { Type: 'Fail', Error: 'Boom' } } }],
        Catch: [
          {
            ErrorEquals: ['States.ALL'],
            Assign: { tries: '{% $tries + 1 %}', error: '{% $states.errorOutput %}' },
            Next: 'E',
          },
        ],
        End: true,
      },
      E: {
        ...pass,
        Output: { in: '{% $states.input %}', tries: '{% $tries %}', error: '{% $error %}' },
        End: true,
      },
    });
    const error = { Error: 'Boom', Cause: '' };
    expect((await run(states)).output).toStrictEqual({ in: error, tries: 2, error });
  });

  test('are written to the event of the state that assigned them, as JSON texts', async () => {
    const result = await run(single({ ...pass, Assign: { a: '{% 1 + 1 %}', b: { c: 'x' } }, End: true }));
    expect(result.events[2]?.details['assignedVariables']).toStrictEqual({ a: '2', b: '{"c":"x"}' });
  });
});

describe('$states', () => {
  test('has the result and the error only where there is one', async () => {
    const task = {
      Type: 'Task',
      Resource: LAMBDA,
      Output: { r: '{% $states.result %}', e: '{% $exists($states.errorOutput) %}' },
      End: true,
    } as const;
    expect((await run(single(task), {}, { resources: () => 5 })).output).toStrictEqual({ r: 5, e: false });
    const none = { ...pass, Output: '{% $exists($states.result) %}', End: true } as const;
    expect((await run(single(none))).output).toBe(false);
  });

  test('has a context with the execution, the state, the machine and the tries', async () => {
    const result = await run(
      single({
        Type: 'Task',
        Resource: LAMBDA,
        Retry: [{ ErrorEquals: ['Boom'] }],
        Output: '{% $states.context %}',
        End: true,
      }),
      { in: 1 },
      {
        resources: failing('Boom'),
        execution: { name: 'run-1', id: 'arn:1', roleArn: 'role' },
        stateMachine: { id: 'arn:m', name: 'm' },
      },
    );
    expect(result.output).toStrictEqual({
      Execution: {
        Id: 'arn:1',
        Input: { in: 1 },
        Name: 'run-1',
        RoleArn: 'role',
        StartTime: '1970-01-01T00:00:00.000Z',
        RedriveCount: 0,
      },
      State: { EnteredTime: '1970-01-01T00:00:00.000Z', Name: 'S', RetryCount: 1 },
      StateMachine: { Id: 'arn:m', Name: 'm' },
    });
  });

  test("does not let a handler change the machine's data", async () => {
    const states = machine({
      A: {
        Type: 'Task',
        Resource: LAMBDA,
        Arguments: { list: [1] },
        Assign: { got: '{% $states.result %}' },
        Output: '{% $states.input %}',
        Next: 'B',
      },
      B: { Type: 'Task', Resource: LAMBDA, Arguments: '{% $got %}', End: true },
    });
    const kept: unknown[] = [];
    const resources = (call: { arguments: unknown }) => {
      const mine = call.arguments as { list: number[] };
      mine.list.push(mine.list.length + 1);
      kept.push(mine);
      return mine;
    };
    const outputs = [await run(states, {}, { resources }), await run(states, {}, { resources })];
    expect(outputs.map(({ output }) => output)).toStrictEqual([{ list: [1, 2, 3] }, { list: [1, 2, 3] }]);
  });
});
