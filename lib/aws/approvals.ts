/** Questions of runs on AWS: items of the table, with the token that waits for the answer. */
import { questionKey, questionsOf } from '../deployment/question.ts';
import type { Question } from '../model/approval.ts';
import type { Run } from '../model/run.ts';
import type { Approvals } from '../orchestrator/ports.ts';
import { answerText, REJECTED } from '../runtime/question.ts';
import type { Sfn } from './history-page.ts';
import { deleteItem, getItem, itemsOf, type Table } from './table.ts';
import { failTask, succeedTask } from './tokens.ts';

export function tableApprovals(table: Table, sfn: Sfn): Approvals {
  const placeOf = ({ dagId, id, attempt }: Run) => ({ dagId, runId: id, attempt: String(attempt) });
  return {
    async list(run) {
      const { pk, sk: prefix } = questionsOf(placeOf(run));
      const questions = (await itemsOf(table, pk, { prefix })).map(
        ({ question }): Question => JSON.parse(String(question)),
      );
      return questions.toSorted((a, b) => (a.askedAt < b.askedAt ? -1 : 1));
    },
    async answer(run, question, answer) {
      const key = questionKey(placeOf(run), question);
      const item = await getItem(table, key);
      if (item === undefined) return false;
      const token = String(item['token']);
      // Of two answers Step Functions takes the first; who removes the item says nothing of that.
      const isTaken = question.rejects.includes(answer.choice)
        ? await failTask(sfn, token, { error: REJECTED, cause: answerText(answer) })
        : await succeedTask(sfn, token, { ...answer });
      await deleteItem(table, key, { field: 'token', is: token });
      return isTaken;
    },
  };
}
