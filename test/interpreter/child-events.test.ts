import { expect, test } from 'vitest';
import type { ChildExecution, HistoryEvent } from '../../lib/asl/events.ts';
import type { Branch, StateMachine } from '../../lib/asl/states.ts';
import { seededRandom } from '../../lib/base/random.ts';
import { VirtualClock } from '../../lib/base/virtual-clock.ts';
import { withNestedExecutions } from '../../lib/interpreter/nested.ts';
import { LAMBDA, machine, run, timed } from './machine.ts';

const task: Branch = { StartAt: 'T', States: { T: { Type: 'Task', Resource: LAMBDA, End: true } } };
const passes: Branch = { StartAt: 'P', States: { P: { Type: 'Pass', End: true } } };

function distributed(processor: Branch): StateMachine {
  return machine({
    M: {
      Type: 'Map',
      ItemProcessor: { ...processor, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      End: true,
    },
  });
}

interface Heard {
  readonly event: HistoryEvent;
  readonly execution: ChildExecution;
}

function listener() {
  const heard: Heard[] = [];
  const onChildEvent = (event: HistoryEvent, execution: ChildExecution) => heard.push({ event, execution });
  const lines = () =>
    heard.map(({ event, execution: { parent } }) => [
      parent.index,
      event.id,
      event.previousEventId,
      event.type,
    ]);
  return { heard, lines, onChildEvent };
}

test('the children of a distributed Map tell their events, each with its own ids', async () => {
  const { heard, lines, onChildEvent } = listener();
  const { events } = await run(distributed(passes), ['a', 'b'], { onChildEvent });
  const of = (index: number) => [
    [index, 1, 0, 'ExecutionStarted'],
    [index, 2, 0, 'PassStateEntered'],
    [index, 3, 2, 'PassStateExited'],
    [index, 4, 3, 'ExecutionSucceeded'],
  ];
  expect(lines().filter(([index]) => index === 0)).toStrictEqual(of(0));
  expect(lines().filter(([index]) => index === 1)).toStrictEqual(of(1));
  const mapRun = events.find(({ type }) => type === 'MapRunStarted');
  expect(heard[0]?.execution.parent).toStrictEqual({
    execution: 'machine:execution',
    eventId: mapRun?.id,
    index: 0,
  });
});

test('children that are stopped say so and nothing else', async () => {
  const clock = new VirtualClock(0);
  const { lines, onChildEvent } = listener();
  const resources = timed(clock, ({ arguments: n }) =>
    n === 0 ? { seconds: 1, error: 'Boom' } : { seconds: 9 },
  );
  const result = await run(distributed(task), [0, 1], { clock, onChildEvent, resources });
  expect(result.error).toBe('States.ExceedToleratedFailureThreshold');
  const ends = lines().filter(([, , , type]) => /^Execution(Failed|Aborted)|StateAborted/.test(String(type)));
  expect(ends).toMatchObject([
    [0, 6, 5, 'ExecutionFailed'],
    [1, 5, 4, 'ExecutionAborted'],
  ]);
});

test('children are stopped before their parent is', async () => {
  const clock = new VirtualClock(0);
  const types: string[] = [];
  await run({ ...distributed(task), TimeoutSeconds: 5 }, [0], {
    clock,
    onEvent: ({ type }) => types.push(`own ${type}`),
    onChildEvent: ({ type }) => types.push(`child ${type}`),
    resources: timed(clock, () => ({ seconds: 9 })),
  });
  expect(types.slice(-2)).toStrictEqual(['child ExecutionAborted', 'own ExecutionTimedOut']);
});

test('a nested execution tells its events and where it begins in its parent', async () => {
  const clock = new VirtualClock(0);
  const { heard, lines, onChildEvent } = listener();
  const arn = 'arn:aws:states:eu-central-1:1:stateMachine:part';
  const resources = withNestedExecutions({
    clock,
    random: seededRandom(1),
    resources: () => 'done',
    machine: () => distributed(passes),
    onChildEvent,
  });
  const outer = machine({
    N: {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Arguments: { StateMachineArn: arn, Name: 'n', Input: [7] },
      End: true,
    },
  });
  const { events } = await run(outer, {}, { clock, resources, onChildEvent });
  const started = events.find(({ type }) => type === 'TaskStarted');
  expect(heard[0]?.execution).toStrictEqual({
    id: 'arn:aws:states:eu-central-1:1:execution:part:n',
    parent: { execution: 'machine:execution', eventId: started?.id },
  });
  const child = heard.find(({ execution }) => execution.parent.index === 0)?.execution;
  expect(child?.parent.execution).toBe('arn:aws:states:eu-central-1:1:execution:part:n');
  expect(lines().at(-1)).toMatchObject([undefined, 8, 7, 'ExecutionSucceeded']);
});
