/** Tasks that wait for a person, answered as another process does it. */
import { describe, expect, test } from 'vitest';
import { compile } from '../../lib/compiler/compile.ts';
import {
  type Answer,
  type Question,
  questionsIn,
  readAnswer,
  removeQuestion,
  writeAnswer,
  writeQuestion,
} from '../../lib/local/approval-files.ts';
import { type RunOptions, runDag } from '../../lib/local/run.ts';
import type { DagNode } from '../../lib/model/dag.ts';
import type { CallNode, RetryRule } from '../../lib/model/task.ts';
import { output, type TestTask, temporaryFolder, testDag } from './dag.ts';
import { inVirtualTime } from './virtual-time.ts';

const AT = '2026-08-22T00:00:00.000Z';

const ASK: CallNode = {
  kind: 'approve',
  message: 'Go on?',
  choices: ['yes', 'later', 'no'],
  rejects: ['no'],
};

/** Runs a DAG in which every question is answered at once by `answers`, by the name of its task. */
async function answered(
  dag: DagNode,
  answers: Readonly<Record<string, Partial<Answer>>>,
  options: Partial<RunOptions> = {},
) {
  const asked: Question[] = [];
  let folder = '';
  const outcome = await runDag(dag, {
    root: temporaryFolder(),
    ...options,
    onStart: (run) => {
      folder = run.folder;
    },
    onAsk: (question) => {
      asked.push(question);
      writeAnswer(folder, question, { choice: 'yes', at: AT, ...answers[question.task] });
    },
  });
  const tasks = Object.fromEntries(
    outcome.tasks.map(({ id, state, tries }) => [
      id,
      { state, error: tries.at(-1)?.error, tries: tries.length },
    ]),
  );
  return { ...outcome, asked, tasks, folder };
}

describe('an approval', () => {
  test('gives its answer to later tasks, and leaves it in the run’s folder', async () => {
    const seen: unknown[] = [];
    const dag = testDag({
      count: { body: () => ({ rows: 12 }) },
      gate: {
        call: {
          ...ASK,
          message: { $ref: { kind: 'text', parts: ['Load ', output('count', 'rows'), ' rows?'] } },
        },
      },
      load: {
        inputs: { answer: output('gate'), by: output('gate', 'by'), comment: output('gate', 'comment') },
        body: (inputs) => void seen.push(inputs),
      },
    });
    const { state, asked, folder } = await answered(dag, { gate: { choice: 'later', by: 'ann' } });
    expect(state).toBe('success');
    expect(asked).toMatchObject([
      { task: 'gate', message: 'Load 12 rows?', choices: ['yes', 'later', 'no'], rejects: ['no'] },
    ]);
    const answer = { choice: 'later', by: 'ann', at: AT };
    expect(seen).toEqual([{ answer, by: 'ann' }]);
    expect(readAnswer(folder, { task: 'gate' })).toEqual(answer);
    expect(questionsIn(folder)).toEqual([]);
  });

  test('hands its answer on across a latch', async () => {
    const seen: unknown[] = [];
    // `read` waits for `gate` and `b`, `c` for `b` alone: no series and parallel says that.
    const read: TestTask = {
      inputs: { by: output('gate', 'by') },
      after: ['b'],
      body: (inputs) => void seen.push(inputs),
    };
    const dag = testDag({
      gate: { call: ASK },
      b: { body: () => 1 },
      c: { after: ['b'], body: () => 1 },
      d: { after: ['gate'], body: () => 1 },
      read,
    });
    expect(Object.keys(compile(dag).manifest.states)).toContain('gate · record');
    const { state } = await answered(dag, { gate: { by: 'ann' } });
    expect({ state, seen }).toEqual({ state: 'success', seen: [{ by: 'ann' }] });
  });

  test.each<readonly [readonly RetryRule[]]>([
    [[]],
    [[{ attempts: 3, delay: 1 }]],
    [[{ on: ['Approval.Rejected', 'States.Timeout'], attempts: 3, delay: 1 }]],
  ])('that is rejected fails once, whatever rules say: %j', async (retries) => {
    const dag = testDag({ gate: { call: ASK, retries }, after: { after: ['gate'], body: () => 1 } });
    const { tasks, asked } = await answered(dag, { gate: { choice: 'no', by: 'ann', comment: 'not today' } });
    expect(asked).toHaveLength(1);
    expect(tasks).toMatchObject({
      gate: { state: 'failed', error: 'Approval.Rejected', tries: 1 },
      after: { state: 'upstream_failed' },
    });
  });

  test('that nobody answers in time fails with States.Timeout, asked once', async () => {
    const dag = testDag({ gate: { call: ASK, timeout: '8h', retries: [{ attempts: 3 }] } });
    const { byId, folder } = await inVirtualTime(dag);
    expect(byId['gate']).toEqual({ state: 'failed', tries: 1, error: 'States.Timeout', sec: 8 * 3600 });
    expect(questionsIn(folder)).toEqual([]);
  });

  test('asks for every instance of a map', async () => {
    const seen: unknown[] = [];
    const dag = testDag({
      gate: { call: ASK, map: { items: ['eu', 'us'] } },
      load: { inputs: { answers: output('gate') }, body: ({ answers }) => void seen.push(answers) },
    });
    const { asked, state } = await answered(dag, {});
    expect(state).toBe('success');
    expect(asked.map(({ task, instance }) => [task, instance])).toEqual([
      ['gate', '0'],
      ['gate', '1'],
    ]);
    expect(seen).toEqual([
      [
        { choice: 'yes', at: AT },
        { choice: 'yes', at: AT },
      ],
    ]);
  });

  test('of a cancelled run waits no more', async () => {
    const stop = new AbortController();
    const dag = testDag({ gate: { call: ASK } });
    let folder = '';
    const { state } = await runDag(dag, {
      root: temporaryFolder(),
      signal: stop.signal,
      onStart: (run) => {
        folder = run.folder;
      },
      onAsk: () => stop.abort(),
    });
    expect({ state, waiting: questionsIn(folder) }).toEqual({ state: 'cancelled', waiting: [] });
  });
});

describe('an answer', () => {
  const question: Question = { task: 'gate', message: '?', choices: ['yes'], rejects: [], askedAt: AT };

  test('is given once, the first one stands', () => {
    const run = temporaryFolder();
    writeQuestion(run, question);
    expect(writeAnswer(run, question, { choice: 'yes', at: AT })).toBe(true);
    expect(writeAnswer(run, question, { choice: 'no', at: AT })).toBe(false);
    expect(readAnswer(run, question)).toEqual({ choice: 'yes', at: AT });
    removeQuestion(run, question);
    writeQuestion(run, question);
    expect(readAnswer(run, question)).toBeUndefined();
  });

  test('stands where the question is asked again by the process that goes on with the run', () => {
    const run = temporaryFolder();
    writeQuestion(run, question);
    writeAnswer(run, question, { choice: 'yes', at: AT });
    writeQuestion(run, question);
    expect(readAnswer(run, question)).toEqual({ choice: 'yes', at: AT });
  });
});
