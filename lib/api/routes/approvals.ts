/** Tasks that wait for a person: which there are, and their answers. */
import * as z from 'zod';
import { answerQuestion, type Waiting, waitingFor } from '../../orchestrator/approve.ts';
import { indexOf } from '../cursor.ts';
import { defined } from '../defined.ts';
import { cut, cutIf, pageOf } from '../fit.ts';
import { get, post, type Route } from '../route.ts';
import { paged, text } from '../schemas/inputs.ts';
import { type InputOf, lazy } from '../schemas/lazy.ts';
import { at, list, page } from '../schemas/words.ts';

const question = lazy(() =>
  z
    .strictObject({
      dagId: z.string(),
      runId: z.string(),
      task: z.string(),
      instance: z.string().optional(),
      label: z.string().optional(),
      message: z.string(),
      choices: list(z.string()),
      rejects: list(z.string()).meta({ description: 'Of `choices`: those that fail the task.' }),
      askedAt: at(),
    })
    .meta({ id: 'Question' }),
);

const listApprovals = get('/approvals', {
  id: 'listApprovals',
  summary: 'Tasks of runs under way that wait for a person, by run.',
  query: () => ({ ...paged(), dag: text(200, 'Of this DAG.'), run: text(200, 'Of this run of it.') }),
  reply: () => page(question()),
  async answer({ api, query: { dag, run, limit, cursor } }) {
    const waiting = await waitingFor(api.world, defined({ dagId: dag, runId: run }));
    const from = indexOf('approvals', cursor);
    return pageOf('approvals', waiting.map(questionOf), { from, limit });
  },
});

const answerApproval = post('/dags/{dagId}/runs/{runId}/tasks/{task}:answer', {
  id: 'answerApproval',
  summary: 'Answers a task that waits for a person; an answer is final.',
  body: () =>
    z.strictObject({
      instance: z.string().min(1).max(200).optional(),
      choice: z
        .string()
        .min(1)
        .max(200)
        .optional()
        .meta({ description: 'Default: the first that does not fail the task.' }),
      comment: z.string().max(2_000).optional(),
    }),
  reply: () =>
    z.strictObject({
      task: z.string(),
      instance: z.string().optional(),
      answer: z.strictObject({
        choice: z.string(),
        by: z.string(),
        at: at(),
        comment: z.string().optional(),
      }),
    }),
  async answer({ api, actor, params, body }) {
    const { question: asked, answer } = await answerQuestion(
      api.world,
      actor,
      defined({ ...params, ...body }),
    );
    return { task: asked.task, instance: asked.instance, answer: { by: actor.name, ...answer } };
  },
});

function questionOf({ dagId, runId, question: asked }: Waiting): InputOf<typeof question> {
  const { message, label, ...rest } = asked;
  return { dagId, runId, ...rest, message: cut(message, 4_000), label: cutIf(label, 300) };
}

export const APPROVAL_ROUTES: readonly Route[] = [listApprovals, answerApproval];
