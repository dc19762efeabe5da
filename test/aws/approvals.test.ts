import { describe, expect, test } from 'vitest';
import { tableApprovals } from '../../lib/aws/approvals.ts';
import type { Sfn } from '../../lib/aws/history-page.ts';
import { SendTaskFailureCommand, SendTaskSuccessCommand } from '../../lib/aws/signed/commands.ts';
import { putItem } from '../../lib/aws/table.ts';
import { questionKey } from '../../lib/deployment/question.ts';
import type { Question } from '../../lib/model/approval.ts';
import { namedError } from '../../lib/runtime/named-error.ts';
import { run } from '../store/build.ts';
import { hasTables, newTable } from './tables.ts';

describe.runIf(hasTables)('questions in the table', async () => {
  const RUN = run(10, { state: 'running', attempt: 2 });
  const question = (task: string, askedAt: string, more: Partial<Question> = {}): Question => ({
    task,
    message: `${task}?`,
    choices: ['yes', 'no'],
    rejects: ['no'],
    askedAt,
    ...more,
  });
  const first = question('gate', '2026-01-05T00:00:00Z', { instance: '2.0' });
  const second = question('last', '2026-01-06T00:00:00Z');

  async function place() {
    const table = await newTable();
    const sent: object[] = [];
    const over = new Set<string>();
    const send = async (command: unknown) => {
      if (!(command instanceof SendTaskSuccessCommand) && !(command instanceof SendTaskFailureCommand))
        throw new Error('asked for something else');
      if (over.has(command.input.taskToken ?? '')) throw namedError('TaskTimedOut', 'over');
      over.add(command.input.taskToken ?? '');
      sent.push(command.input);
    };
    const of = (attempt: number) => ({ dagId: RUN.dagId, runId: RUN.id, attempt: String(attempt) });
    const put = (attempt: number, asked: Question, token: string) =>
      putItem(table, {
        ...questionKey(of(attempt), asked),
        token,
        question: JSON.stringify(asked),
        ttl: 9e9,
      });
    await put(1, question('gate', '2026-01-04T00:00:00Z'), 'old');
    await put(2, second, 't2');
    await put(2, first, 't1');
    return { approvals: tableApprovals(table, { send } as unknown as Sfn), sent, over };
  }

  test('are those of the attempt, in the order asked', async () => {
    const { approvals } = await place();
    expect(await approvals.list(RUN)).toEqual([first, second]);
  });

  test('an answer goes to the task that waits, and nobody is asked any more', async () => {
    const { approvals, sent } = await place();
    const answer = { choice: 'yes', by: 'ann', at: '2026-01-07T00:00:00Z' };
    expect(await approvals.answer(RUN, first, answer)).toBe(true);
    expect(sent).toEqual([{ taskToken: 't1', output: JSON.stringify(answer) }]);
    expect(await approvals.list(RUN)).toEqual([second]);
    expect(await approvals.answer(RUN, first, answer)).toBe(false);
  });

  test('one that rejects fails the task, as no rule retries', async () => {
    const { approvals, sent } = await place();
    await approvals.answer(RUN, second, { choice: 'no', by: 'ann', at: '', comment: 'not today' });
    expect(sent).toEqual([{ taskToken: 't2', error: 'Approval.Rejected', cause: 'no by ann: not today' }]);
  });

  test('whose time is over takes none, and is asked no more', async () => {
    const { approvals, over } = await place();
    over.add('t1');
    expect(await approvals.answer(RUN, first, { choice: 'yes', at: '' })).toBe(false);
    expect(await approvals.list(RUN)).toEqual([second]);
  });
});
