/** What lets two histories be compared: strands, quiet moments, and lines that time does not change. */
import { expect, test } from 'vitest';
import type { EventType, HistoryEvent } from '../../lib/asl/events.ts';
import type { StateMachine } from '../../lib/asl/states.ts';
import type { JsonObject } from '../../lib/base/json.ts';
import { linesOf } from './lines.ts';
import { type Course, waitingOf } from './quiet.ts';
import { strandsOf } from './strands.ts';

const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', End: true } as const;
const machine: StateMachine = {
  StartAt: 'both',
  States: {
    both: {
      Type: 'Parallel',
      Branches: [
        { StartAt: 'a', States: { a: task } },
        { StartAt: 'b', States: { b: task } },
      ],
      End: true,
    },
  },
};

type Line = readonly [previous: number, type: EventType, details?: JsonObject];

const BEGUN: readonly Line[] = [
  [0, 'ExecutionStarted'],
  [0, 'ParallelStateEntered', { name: 'both' }],
  [2, 'ParallelStateStarted'],
];
const call = { resourceType: 'lambda', resource: 'invoke' };

test('branches in any order are the same lines', () => {
  const a = course([
    ...BEGUN,
    [3, 'TaskStateEntered', { name: 'a' }],
    [3, 'TaskStateEntered', { name: 'b' }],
  ]);
  const b = course([
    ...BEGUN,
    [3, 'TaskStateEntered', { name: 'b' }],
    [3, 'TaskStateEntered', { name: 'a' }],
  ]);
  expect(linesOf(a)).toEqual(linesOf(b));
  expect(linesOf(a).at(-1)).toEqual([['TaskStateEntered a'], ['TaskStateEntered b']]);
});

test('what follows a join is on the strand that forked', () => {
  const joined = course([
    ...BEGUN,
    [3, 'TaskStateEntered', { name: 'a' }],
    [3, 'TaskStateEntered', { name: 'b' }],
    [4, 'TaskStateExited', { name: 'a' }],
    [5, 'TaskStateExited', { name: 'b' }],
    [7, 'ParallelStateSucceeded'],
    [7, 'ParallelStateExited', { name: 'both' }],
    [9, 'ExecutionSucceeded'],
  ]);
  expect(linesOf(joined).slice(-3)).toEqual([
    'ParallelStateSucceeded',
    'ParallelStateExited both',
    'ExecutionSucceeded',
  ]);
});

test('a run is quiet when every strand waits for a call or has ended', () => {
  const waiting: readonly Line[] = [
    ...BEGUN,
    [3, 'TaskStateEntered', { name: 'a' }],
    [4, 'TaskScheduled', call],
    [5, 'TaskStarted', call],
  ];
  expect(quiet(waiting)).toEqual({ isQuiet: false, calls: 1 });
  const both: readonly Line[] = [...waiting, [3, 'TaskStateEntered', { name: 'b' }]];
  expect(quiet(both)).toEqual({ isQuiet: false, calls: 1 });
  expect(quiet([...both, [7, 'TaskStateExited', { name: 'b' }]])).toEqual({ isQuiet: true, calls: 1 });
});

test('nothing is quiet where all branches have ended', () => {
  const ended: readonly Line[] = [
    ...BEGUN,
    [3, 'TaskStateEntered', { name: 'a' }],
    [4, 'TaskStateExited', { name: 'a' }],
    [3, 'TaskStateEntered', { name: 'b' }],
    [6, 'TaskStateExited', { name: 'b' }],
  ];
  expect(quiet(ended).isQuiet).toBe(false);
});

test('a strand whose token has been sent is about to move', () => {
  const token = { resourceType: 'aws-sdk:dynamodb', resource: 'updateItem.waitForTaskToken' };
  const lines: readonly Line[] = [
    [0, 'ExecutionStarted'],
    [0, 'TaskStateEntered', { name: 'a' }],
    [2, 'TaskScheduled', { ...token, parameters: '{"token":"t-1"}' }],
    [3, 'TaskStarted', token],
    [4, 'TaskSubmitted', token],
  ];
  expect(quiet(lines).isQuiet).toBe(true);
  expect(quiet(lines, ['t-1']).isQuiet).toBe(false);
});

function quiet(lines: readonly Line[], answered: readonly string[] = []) {
  return waitingOf([machine], course(lines), answered);
}

function course(lines: readonly Line[]): Course {
  const events = lines.map(
    ([previousEventId, type, details = {}], index): HistoryEvent => ({
      id: index + 1,
      previousEventId,
      timestampMs: 0,
      type,
      details,
    }),
  );
  return { events, root: strandsOf(events), started: new Map() };
}
